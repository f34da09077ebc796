"""Refusals: what a person is told when a rule says no. A refusal is data for the caller, never a crash."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.domain.eligibility import ClaimEligibility


class Code(StrEnum):
    """The stable name of a refusal; programs branch on it, people never see it."""

    REQUIRED = "REQUIRED"
    INVALID_FORMAT = "INVALID_FORMAT"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    UNCHANGED = "UNCHANGED"
    INVALID_KPJ = "INVALID_KPJ"
    INVALID_NIK = "INVALID_NIK"
    INVALID_BIRTH_DATE = "INVALID_BIRTH_DATE"
    INVALID_PHONE = "INVALID_PHONE"
    INVALID_EMAIL = "INVALID_EMAIL"
    INVALID_NPWP = "INVALID_NPWP"
    PASSWORD_TOO_SHORT = "PASSWORD_TOO_SHORT"
    PASSWORD_TOO_LONG = "PASSWORD_TOO_LONG"
    PASSWORD_TOO_WEAK = "PASSWORD_TOO_WEAK"
    PASSWORD_CONTAINS_IDENTITY = "PASSWORD_CONTAINS_IDENTITY"
    PASSWORD_REUSED = "PASSWORD_REUSED"
    MEMBER_NOT_MATCHED = "MEMBER_NOT_MATCHED"
    ACCOUNT_EXISTS = "ACCOUNT_EXISTS"
    OTP_INVALID = "OTP_INVALID"
    OTP_EXPIRED = "OTP_EXPIRED"
    OTP_LOCKED = "OTP_LOCKED"
    OTP_ALREADY_USED = "OTP_ALREADY_USED"
    RATE_LIMITED = "RATE_LIMITED"
    WRONG_STEP = "WRONG_STEP"
    FLOW_EXPIRED = "FLOW_EXPIRED"
    TOKEN_INVALID = "TOKEN_INVALID"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"
    TOKEN_USED = "TOKEN_USED"
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    ACCOUNT_NOT_ACTIVE = "ACCOUNT_NOT_ACTIVE"
    ACCOUNT_LOCKED = "ACCOUNT_LOCKED"
    STEP_UP_REQUIRED = "STEP_UP_REQUIRED"
    SESSION_REVOKED = "SESSION_REVOKED"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    CLAIM_IN_PROGRESS = "CLAIM_IN_PROGRESS"
    DOCUMENT_MISSING = "DOCUMENT_MISSING"
    DOCUMENT_TOO_LARGE = "DOCUMENT_TOO_LARGE"
    DOCUMENT_TYPE_NOT_ALLOWED = "DOCUMENT_TYPE_NOT_ALLOWED"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    KPJ_ALREADY_LINKED = "KPJ_ALREADY_LINKED"
    KPJ_NOT_LINKED = "KPJ_NOT_LINKED"
    BANK_ACCOUNT_INVALID = "BANK_ACCOUNT_INVALID"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"


class Service(StrEnum):
    """A source outside the gateway that an answer may depend on."""

    REGISTRY = "REGISTRY"
    SMS = "SMS"
    MAIL = "MAIL"
    BANK = "BANK"
    IDENTITY = "IDENTITY"
    DATABASE = "DATABASE"


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why the answer is no.

    `field` is the path of the input below `input`, None when no single input is to blame. `text` names the sentence
    in `gateway.texts` (`error.<CODE>` unless said otherwise) and `params` fills it. The remaining values belong to
    one kind of code each: `retry_at` to limits and locks, `attempts_left` to codes, `state` to steps, `service` to
    outages, `eligibility` to claims.
    """

    code: Code
    field: tuple[str, ...] | None = None
    text: str | None = None
    params: Mapping[str, object] = default(default_factory=dict)
    retry_at: datetime | None = None
    attempts_left: int = 0
    state: str = ""
    service: Service | None = None
    retryable: bool = True
    eligibility: "ClaimEligibility | None" = None


class Refusal(Exception):
    """Raised by rules and services; becomes `errors` of a payload. `subject` fills the payload's object."""

    def __init__(self, *problems: Problem, subject: object | None = None) -> None:
        assert problems, "a refusal needs at least one problem"
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems
        self.subject = subject


def refuse(code: Code, *path: str, **details: object) -> Refusal:
    """A refusal with one problem; `path` is the input's path, `details` are Problem's other values."""
    return Refusal(Problem(code, path or None, **details))  # type: ignore[arg-type]  # details are checked by Problem


class Rejected(Exception):
    """A broken request or a missing right: becomes a top-level GraphQL error with `extensions.code`.

    `code` is one of BAD_USER_INPUT, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND, CONFLICT, RATE_LIMITED, UNAVAILABLE.
    `text` names the sentence, `extensions` is added to the error as it stands and must hold no secret.
    """

    def __init__(
        self,
        code: str,
        text: str,
        *,
        params: Mapping[str, object] | None = None,
        extensions: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.text = text
        self.params = dict(params or {})
        self.extensions = dict(extensions or {})
