"""Members and their memberships: one person (NIK), one KPJ per employment."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Gender(StrEnum):
    """As the population registry has it."""

    MALE = "MALE"
    FEMALE = "FEMALE"


class Segment(StrEnum):
    """PU employees, BPU self-employed, JAKON construction, PMI migrant workers. Source: domain notes 6."""

    PU = "PU"
    BPU = "BPU"
    JAKON = "JAKON"
    PMI = "PMI"


class Program(StrEnum):
    """The five programs."""

    JHT = "JHT"
    JP = "JP"
    JKK = "JKK"
    JKM = "JKM"
    JKP = "JKP"


class MembershipStatus(StrEnum):
    """ACTIVE while contributions are expected."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"


class LeaveReason(StrEnum):
    """Why a membership became inactive."""

    RESIGNED = "RESIGNED"
    LAID_OFF = "LAID_OFF"
    CONTRACT_ENDED = "CONTRACT_ENDED"
    RETIRED = "RETIRED"
    DECEASED = "DECEASED"
    STOPPED_PAYING = "STOPPED_PAYING"


class JkkRisk(StrEnum):
    """Work accident risk class of an employer."""

    VERY_LOW = "VERY_LOW"
    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    VERY_HIGH = "VERY_HIGH"


class DiscountGroup(StrEnum):
    """Who may have a discount on contributions while one is in force. Source: domain notes 3."""

    LABOUR_INTENSIVE = "LABOUR_INTENSIVE"
    BPU_TRANSPORT = "BPU_TRANSPORT"
    BPU_OTHER = "BPU_OTHER"


@dataclass(frozen=True, slots=True)
class Employer:
    """An employer; `npp` is its registration number."""

    id: int
    npp: str
    name: str
    jkk_risk: JkkRisk


@dataclass(frozen=True, slots=True)
class Membership:
    """One KPJ. `monthly_wage` in whole rupiah, `last_contribution` as YYYY-MM; `person_id` is its holder's number."""

    id: int
    kpj: str
    segment: Segment
    status: MembershipStatus
    employer: Employer | None
    programs: tuple[Program, ...]
    member_since: date
    inactive_since: date | None
    leave_reason: LeaveReason | None
    monthly_wage: int | None
    last_contribution: str | None
    in_arrears: bool
    chosen_jht: int | None = None
    discount_group: DiscountGroup | None = None
    person_id: int = 0


@dataclass(frozen=True, slots=True)
class Member:
    """A person as the registry knows them."""

    id: int
    nik: str
    full_name: str
    birth_date: date
    gender: Gender


def membership_status(memberships: tuple[Membership, ...]) -> MembershipStatus:
    """ACTIVE while any membership is. Source: domain notes 6."""
    active = any(membership.status is MembershipStatus.ACTIVE for membership in memberships)
    return MembershipStatus.ACTIVE if active else MembershipStatus.INACTIVE
