"""Personas: obviously fictitious people with a story, the same in every world."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from gateway.domain.duration import move_date
from gateway.domain.member import DiscountGroup, Gender, JkkRisk, LeaveReason, Program, Segment


class Stage(StrEnum):
    """How far a persona's account has come."""

    UNREGISTERED = "UNREGISTERED"
    AWAITING_OTP = "AWAITING_OTP"
    AWAITING_PASSWORD = "AWAITING_PASSWORD"
    AWAITING_ACTIVATION = "AWAITING_ACTIVATION"
    ACTIVE = "ACTIVE"
    LOCKED = "LOCKED"


@dataclass(frozen=True, slots=True)
class RelativeDate:
    """A date counted from a world's start: P-40D, P-5Y, P-3Y-2M. So no persona grows stale."""

    text: str

    def on(self, start: date) -> date:
        """The date itself in a world that starts on `start`. Raises ValueError outside the years 1 to 9999."""
        return move_date(start, self.text)


@dataclass(frozen=True, slots=True)
class Payout:
    """A partial payout: `share` of the balance of that day, for instance 0.10."""

    on: RelativeDate
    share: Decimal


@dataclass(frozen=True, slots=True)
class FictitiousEmployer:
    """An employer of the catalogue; its name says that it is fictitious."""

    npp: str
    name: str
    jkk_risk: JkkRisk


@dataclass(frozen=True, slots=True)
class PersonaMembership:
    """One KPJ of a persona. Money in whole rupiah a month.

    `wage` is the latest one and was `yearly_raise` lower each year before. `monthly_jht` is a contribution of one's
    own choice, in place of one from the wage. Months before `ledger_from` are summed up in an opening, which is scaled
    so that the balance at the world's start is `target_balance`, where there is one. `paid_until` is the last month
    that was paid, when contributions stopped without a leave. What is not `linked` stays hidden
    until its holder adds it.
    """

    kpj: str
    segment: Segment
    programs: tuple[Program, ...]
    employer: FictitiousEmployer | None
    wage: int | None
    yearly_raise: Decimal
    monthly_jht: int | None
    since: RelativeDate
    until: RelativeDate | None
    leave_reason: LeaveReason | None
    in_arrears: bool
    paid_until: RelativeDate | None
    ledger_from: RelativeDate | None
    target_balance: int | None
    payouts: tuple[Payout, ...]
    linked: bool = True
    discount_group: DiscountGroup | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a persona is good for, in both languages."""

    indonesian: str
    english: str

    def text(self, locale: str) -> str:
        """The scenario in `locale` (id or en)."""
        return self.english if locale == "en" else self.indonesian


@dataclass(frozen=True, slots=True)
class Persona:
    """One person of the catalogue. `password` is public on purpose and set where an account exists from the start."""

    key: str
    full_name: str
    nik: str
    birth_date: date
    gender: Gender
    phone: str
    email: str
    scenario: Scenario
    stage: Stage
    password: str | None
    memberships: tuple[PersonaMembership, ...]

    @property
    def kpj(self) -> str:
        """The number to sign up with: the first one."""
        return self.memberships[0].kpj


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All personas and their employers, in the order of the file."""

    personas: tuple[Persona, ...]
    employers: tuple[FictitiousEmployer, ...]


@dataclass(frozen=True, slots=True)
class PersonaView:
    """A persona as it stands in one world. `registration_token` cannot be shown: only its keyed hash is kept."""

    key: str
    full_name: str
    kpj: str
    kpjs: tuple[str, ...]
    nik: str
    birth_date: date
    phone: str
    email: str
    scenario: Scenario
    stage: Stage
    password: str | None
    registration_token: str | None = None
