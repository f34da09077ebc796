"""Refusals as data: the error types of the contract, and the extension that turns a refusal into a payload."""

import math
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import strawberry
from strawberry.extensions import FieldExtension

from gateway.domain.problem import Code, Problem, Refusal, Service
from gateway.texts import sentence
from schema.context import Context
from schema.member.eligibility import ClaimEligibility

strawberry.enum(Code, name="ErrorCode", description="The stable name of a refusal; programs branch on it.")
strawberry.enum(Service, name="Service", description="A source outside the gateway that an answer may depend on.")

_LIMITS: Final = frozenset({Code.RATE_LIMITED, Code.ACCOUNT_LOCKED})
_CODES: Final = frozenset({Code.OTP_INVALID, Code.OTP_EXPIRED, Code.OTP_LOCKED, Code.OTP_ALREADY_USED})
_CLAIMS: Final = frozenset({Code.NOT_ELIGIBLE, Code.CLAIM_IN_PROGRESS})
_STEPS: Final = frozenset({Code.WRONG_STEP, Code.FLOW_EXPIRED})


@strawberry.interface(description="Why the answer is no. `code` is for programs, `message` for people.")
class UserError:
    """`field` is the path below `input`, null when no single input is to blame."""

    code: Code
    message: str
    field: list[str] | None = None


@strawberry.type(description="Something in the input has to be mended.")
class FieldError(UserError):
    """Every code that has no type of its own."""


@strawberry.type(description="Too often, or locked for a while: the same call works again at `retryAt`.")
class RateLimitError(UserError):
    """RATE_LIMITED and ACCOUNT_LOCKED."""

    retry_at: datetime = strawberry.field(description="In world time.")
    retry_after_seconds: int = strawberry.field(description="From now, rounded up; never negative.")


@strawberry.type(description="A one-time code was not taken.")
class OtpError(UserError):
    """OTP_INVALID, OTP_EXPIRED, OTP_LOCKED and OTP_ALREADY_USED."""

    attempts_left: int


@strawberry.type(description="This step is not due now; the payload's object says where the flow stands.")
class StateError(UserError):
    """WRONG_STEP and FLOW_EXPIRED."""

    state: str


@strawberry.type(description="A source outside the gateway does not answer.")
class ServiceError(UserError):
    """SERVICE_UNAVAILABLE."""

    service: Service
    retryable: bool


@strawberry.type(description="A claim is not possible now: what was decided, why, and what to do next.")
class EligibilityError(UserError):
    """NOT_ELIGIBLE and CLAIM_IN_PROGRESS."""

    eligibility: ClaimEligibility


# Only by being named in a schema's `types` do these come into it: fields speak of the interface alone.
USER_ERRORS: Final = (FieldError, RateLimitError, OtpError, StateError, ServiceError, EligibilityError)


def to_user_error(problem: Problem, locale: str, now: datetime) -> UserError:
    """`problem` in the type that the contract fixes for its code, its sentence in `locale` (id or en).

    `now` is world time; seconds left are rounded up, so that a caller who waits that long is never early.
    """
    seconds = max(0, math.ceil((problem.retry_at - now).total_seconds())) if problem.retry_at else 0
    values: dict[str, object] = {
        "attempts_left": problem.attempts_left,
        "state": problem.state,
        "seconds": seconds,
        "minutes": math.ceil(seconds / 60),
        **problem.params,
    }
    message = sentence(locale, problem.text or f"error.{problem.code}", **values)
    field = list(problem.field) if problem.field else None
    code = problem.code
    if code in _LIMITS:
        assert problem.retry_at is not None, f"{code} says when to come back: give it retry_at"
        return RateLimitError(
            code=code, message=message, field=field, retry_at=problem.retry_at, retry_after_seconds=seconds
        )
    if code in _CODES:
        return OtpError(code=code, message=message, field=field, attempts_left=problem.attempts_left)
    if code in _STEPS:
        return StateError(code=code, message=message, field=field, state=problem.state)
    if code is Code.SERVICE_UNAVAILABLE:
        assert problem.service is not None, "SERVICE_UNAVAILABLE says which one: give it service"
        return ServiceError(
            code=code, message=message, field=field, service=problem.service, retryable=problem.retryable
        )
    if code in _CLAIMS:
        assert problem.eligibility is not None, f"{code} says what was decided: give it eligibility"
        decided = ClaimEligibility.of(problem.eligibility, locale)
        return EligibilityError(code=code, message=message, field=field, eligibility=decided)
    return FieldError(code=code, message=message, field=field)


class RefusalsAsData(FieldExtension):
    """Answers a refusal with the mutation's payload: `errors` filled, and the refusal's subject where one is named.

    Every field of `payload` but `errors` needs a default, which is what a refused call answers. With
    `subject="registration", convert=to_registration` the payload's field `registration` becomes
    `to_registration(refusal.subject, context)` when the refusal brings a subject.
    """

    def __init__(
        self,
        payload: Callable[..., object],
        *,
        subject: str | None = None,
        convert: Callable[[Any, Context], object] | None = None,  # Any: the domain value of that one mutation
    ) -> None:
        assert (subject is None) == (convert is None), "name the payload's field and its converter, or neither"
        self._payload = payload
        self._subject = subject
        self._convert = convert

    async def resolve_async(
        self,
        next_: Callable[..., Any],  # Any: whatever the wrapped resolver takes and gives
        source: object,
        info: strawberry.Info[Context, None],
        **kwargs: object,
    ) -> object:
        """The resolver's own answer, or the payload of its refusal."""
        try:
            return await next_(source, info, **kwargs)
        except Refusal as refusal:
            return self._answer(refusal, info.context)

    def _answer(self, refusal: Refusal, context: Context) -> object:
        now = context.world.clock.now()
        values: dict[str, object] = {
            "errors": [to_user_error(problem, context.locale, now) for problem in refusal.problems]
        }
        if self._subject and self._convert and refusal.subject is not None:
            values[self._subject] = self._convert(refusal.subject, context)
        return self._payload(**values)
