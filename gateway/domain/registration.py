"""The sign-up as a flow: its form, its states and what each state shows."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from gateway.domain import identity
from gateway.domain.otp import OtpChallenge
from gateway.domain.problem import Code, Problem, Refusal


class RegistrationState(StrEnum):
    """Where a sign-up stands. The first three are open, the others are ends."""

    AWAITING_OTP = "AWAITING_OTP"
    AWAITING_PASSWORD = "AWAITING_PASSWORD"
    AWAITING_ACTIVATION = "AWAITING_ACTIVATION"
    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    LOCKED = "LOCKED"
    CANCELLED = "CANCELLED"


OPEN_STATES = (
    RegistrationState.AWAITING_OTP,
    RegistrationState.AWAITING_PASSWORD,
    RegistrationState.AWAITING_ACTIVATION,
)


@dataclass(frozen=True, slots=True)
class RegistrationForm:
    """The five things a person has at hand, normalised."""

    kpj: str
    nik: str
    birth_date: date
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class SentLink:
    """A link on its way: to whom, since when, until when, and when it may be sent again."""

    masked_target: str
    sent_at: datetime
    expires_at: datetime
    resend_at: datetime


@dataclass(frozen=True, slots=True)
class Registration:
    """What the owner of a registration token may see of the flow."""

    id: int
    state: RegistrationState
    kpj: str
    masked_phone: str
    masked_email: str
    otp: OtpChallenge | None
    activation: SentLink | None
    created_at: datetime
    expires_at: datetime


def check_form(*, kpj: str, nik: str, birth_date: str, phone: str, email: str, today: date) -> RegistrationForm:
    """Normalise the typed form.

    Raises Refusal with one problem per malformed field, in the form's order.
    """
    checked = (
        ("kpj", kpj, identity.normalise_kpj(kpj), Code.INVALID_KPJ),
        ("nik", nik, identity.normalise_nik(nik), Code.INVALID_NIK),
        ("birthDate", birth_date, identity.parse_birth_date(birth_date, today), Code.INVALID_BIRTH_DATE),
        ("phone", phone, identity.normalise_phone(phone), Code.INVALID_PHONE),
        ("email", email, identity.normalise_email(email), Code.INVALID_EMAIL),
    )
    problems = [
        Problem(code if typed.strip() else Code.REQUIRED, (name,))
        for name, typed, value, code in checked
        if value is None
    ]
    if problems:
        raise Refusal(*problems)
    values = [value for _, _, value, _ in checked]
    return RegistrationForm(*values)  # type: ignore[arg-type]  # None was refused above
