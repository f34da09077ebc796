"""What a member types to claim, checked before anything is looked up."""

import re
from dataclasses import dataclass
from typing import Final

from gateway.domain.bank import load_banks
from gateway.domain.claim import BankAccount
from gateway.domain.claim_document import ClaimReason
from gateway.domain.identity import normalise_kpj
from gateway.domain.problem import Code, Problem, Refusal

MOST_DOCUMENTS: Final = 30
MOST_KEY_CHARS: Final = 100
_MOST_NAME_CHARS: Final = 120
# Source: account numbers of Indonesian banks have 8 to 18 digits (assumed for the sandbox).
_ACCOUNT: Final = re.compile(r"[0-9]{8,18}")
_SEPARATORS: Final = re.compile(r"[\s.\-]")


@dataclass(frozen=True, slots=True)
class ClaimForm:
    """The form as typed. `document_ids` holds None where an id was none of ours; `otp` and numbers are never logged."""

    reason: ClaimReason
    bank_account: BankAccount
    document_ids: tuple[int | None, ...]
    idempotency_key: str
    kpj: str | None = None
    npwp: str | None = None
    otp: str = ""


def check_form(form: ClaimForm, nik: str) -> BankAccount:
    """The account with its number as digits, once the whole form has its shape.

    Raises Refusal, one problem per input: REQUIRED, OUT_OF_RANGE, INVALID_KPJ, INVALID_NPWP, BANK_ACCOUNT_INVALID.
    """
    account, problems = check_account(form.bank_account)
    if not form.idempotency_key.strip():
        problems.append(Problem(Code.REQUIRED, ("idempotencyKey",)))
    elif len(form.idempotency_key) > MOST_KEY_CHARS:
        problems.append(_too_long("idempotencyKey", MOST_KEY_CHARS))
    problems += check_document_count(form.document_ids)
    if form.kpj is not None and normalise_kpj(form.kpj) is None:
        problems.append(Problem(Code.INVALID_KPJ, ("kpj",)))
    if form.npwp is not None and form.npwp.strip() and not is_npwp(form.npwp, nik):
        problems.append(Problem(Code.INVALID_NPWP, ("npwp",)))
    if problems:
        raise Refusal(*problems)
    return account


def check_document_count(document_ids: tuple[int | None, ...]) -> list[Problem]:
    """OUT_OF_RANGE for more documents than a claim can have."""
    if len(document_ids) <= MOST_DOCUMENTS:
        return []
    return [Problem(Code.OUT_OF_RANGE, ("documentIds",), "error.OUT_OF_RANGE.documents", {"max": MOST_DOCUMENTS})]


def check_account(typed: BankAccount) -> tuple[BankAccount, list[Problem]]:
    """The account without separators, and what is wrong with it: REQUIRED, OUT_OF_RANGE, BANK_ACCOUNT_INVALID."""
    number, holder = _SEPARATORS.sub("", typed.number), " ".join(typed.holder_name.split())
    problems = [
        Problem(Code.REQUIRED, ("bankAccount", name))
        for name, value in (("bankCode", typed.bank_code.strip()), ("number", number), ("holderName", holder))
        if not value
    ]
    if len(holder) > _MOST_NAME_CHARS:
        problems.append(_too_long("bankAccount", _MOST_NAME_CHARS, "holderName"))
    if not problems and all(bank.code != typed.bank_code.strip() for bank in load_banks()):
        problems.append(Problem(Code.BANK_ACCOUNT_INVALID, ("bankAccount", "bankCode")))
    if not problems and not _ACCOUNT.fullmatch(number):
        problems.append(Problem(Code.BANK_ACCOUNT_INVALID, ("bankAccount", "number")))
    return BankAccount(typed.bank_code.strip(), number, holder), problems


def is_npwp(typed: str, nik: str) -> bool:
    """Whether it can be that person's tax number: the NIK, or the older 15 digits with or without a 0 before them.

    Source: PMK 112/2022 (domain notes 1.4).
    """
    digits = _SEPARATORS.sub("", typed)
    return digits == nik or re.fullmatch(r"0?[0-9]{15}", digits) is not None


def _too_long(name: str, most: int, inner: str | None = None) -> Problem:
    field = (name, inner) if inner else (name,)
    return Problem(Code.OUT_OF_RANGE, field, text="error.OUT_OF_RANGE.length", params={"max": most})
