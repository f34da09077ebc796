"""What each of the five programs holds for a member today: covered, due, how much, from when until when, and why."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from gateway.domain.balance import Posting, PostingKind, make_balance
from gateway.domain.contribution import Contribution
from gateway.domain.decision import Decision
from gateway.domain.duration import move_date
from gateway.domain.jobless import JoblessCase, judge_jobless
from gateway.domain.member import LeaveReason, Membership, MembershipStatus, Program
from gateway.domain.pension import MONTHS_FOR_PENSION, average, monthly_pension, pension_day, within_bounds
from gateway.domain.rates import load_rates
from gateway.domain.zone import local_instant

# Source: PP 46/2015 article 22 and Permenaker 4/2022 (domain notes 4.1).
JHT_AGE = 56
JHT_WAIT = "P1M"
# 20,000,000 + 24 x 500,000 + 10,000,000 for the burial. Source: PP 82/2019 (domain notes 4.6).
JKM_AMOUNT_IDR = 42_000_000
# Source: PP 82/2019 (domain notes 4.6): three years of contributions, up to Rp174 million for two children.
SCHOLARSHIP_MONTHS = 36
# All of the wage for so many months, half of it after that. Source: PP 82/2019 (domain notes 4.6).
JKK_FULL_WAGE_MONTHS = 12


class BenefitUnit(StrEnum):
    """Whether an amount is paid once or every month."""

    ONCE = "ONCE"
    PER_MONTH = "PER_MONTH"


@dataclass(frozen=True, slots=True)
class ProgramBenefit:
    """One program's benefit. `amount` in whole rupiah, None where there is none to name; `months` it is paid for.

    `months_paid` and `months_required` count contributions where it takes a number of them; the dates say from when it
    can be claimed, and until when.
    """

    program: Program
    covered: bool
    eligible: bool
    decision: Decision
    amount: int | None = None
    amount_unit: BenefitUnit | None = None
    months: int | None = None
    months_paid: int | None = None
    months_required: int | None = None
    available_from: date | None = None
    claim_before: date | None = None
    claim_url: str | None = None


@dataclass(frozen=True, slots=True)
class Insured:
    """All that benefits follow from, money in whole rupiah.

    `paid` holds the paid contributions; `jht_total` is the balance, None without any JHT, `jht_paid_out` what was
    paid out of it before.
    """

    birth_date: date
    memberships: Sequence[Membership]
    paid: Sequence[Contribution]
    jht_total: int | None
    today: date
    jht_paid_out: int = 0


def list_benefits(insured: Insured) -> tuple[ProgramBenefit, ...]:
    """The benefits of all five programs, in their usual order. Source: domain notes 4.1, 4.6 and 4.7."""
    return (_jht(insured), _jp(insured), _jkk(insured), _jkm(insured), _jkp(insured))


def months_paid(paid: Sequence[Contribution], program: Program) -> dict[date, int]:
    """The base of a program's contribution by paid month; two employers in one month are one month."""
    months: dict[date, int] = {}
    for contribution in paid:
        bases = [line.base for line in contribution.lines if line.program is program]
        if bases:
            months[contribution.month] = months.get(contribution.month, 0) + max(bases)
    return months


def jht_available_from(birth_date: date, memberships: Sequence[Membership]) -> date:
    """The first day on which all of the JHT can be claimed: at 56, or a month after the last employment ended.

    A retirement needs no wait. Source: Permenaker 4/2022 (domain notes 4.1); that every membership has to have ended,
    and the wait after a contract, are the agency's practice.
    """
    at_56 = move_date(birth_date, f"P{JHT_AGE}Y")
    ended = [membership.inactive_since for membership in memberships]
    if not memberships or any(membership.status is MembershipStatus.ACTIVE for membership in memberships):
        return at_56
    left = [
        day if membership.leave_reason is LeaveReason.RETIRED else move_date(day, JHT_WAIT)
        for membership, day in zip(memberships, ended, strict=True)
        if day is not None
    ]
    return min(at_56, max(left)) if left else at_56


def _jht(insured: Insured) -> ProgramBenefit:
    total = insured.jht_total
    if total is None:
        return ProgramBenefit(Program.JHT, False, False, Decision("benefit.jht_none"))
    since = jht_available_from(insured.birth_date, insured.memberships)
    benefit = ProgramBenefit(
        Program.JHT,
        covered=True,
        eligible=False,
        decision=Decision("benefit.jht_paid_out" if insured.jht_paid_out else "benefit.jht_empty"),
        amount=total,
        amount_unit=BenefitUnit.ONCE,
        available_from=since,
    )
    if total == 0:
        return replace(benefit, available_from=None)
    if insured.today >= since:
        aged = insured.today >= move_date(insured.birth_date, f"P{JHT_AGE}Y")
        key = "benefit.jht_aged" if aged else "benefit.jht_left"
        return replace(benefit, eligible=True, decision=Decision(key))
    active = any(membership.status is MembershipStatus.ACTIVE for membership in insured.memberships)
    key = "benefit.jht_active" if active else "benefit.jht_waiting"
    return replace(benefit, decision=Decision(key, {"since": since}))


def _jp(insured: Insured) -> ProgramBenefit:
    wages = months_paid(insured.paid, Program.JP)
    if not any(Program.JP in membership.programs for membership in insured.memberships):
        return ProgramBenefit(Program.JP, False, False, Decision("benefit.jp_none"))
    since = pension_day(insured.birth_date)
    monthly = len(wages) >= MONTHS_FOR_PENSION
    amount = within_bounds(monthly_pension(len(wages), average(wages)), insured.today) if monthly else _jp_sum(insured)
    eligible = insured.today >= since and bool(wages)
    due = "benefit.jp_monthly" if monthly else "benefit.jp_lump_sum"
    params = {"paid": len(wages), "required": MONTHS_FOR_PENSION, "since": since}
    return ProgramBenefit(
        Program.JP,
        covered=True,
        eligible=eligible,
        decision=Decision(due if eligible else "benefit.jp_saving", params),
        amount=amount,
        amount_unit=BenefitUnit.PER_MONTH if monthly else BenefitUnit.ONCE,
        months_paid=len(wages),
        months_required=MONTHS_FOR_PENSION,
        available_from=since,
    )


def _jp_sum(insured: Insured) -> int:
    """What was paid in, with its development. Source: PP 45/2015; JHT's rates are assumed for JP as well."""
    postings = [
        Posting(PostingKind.CONTRIBUTION, contribution.month, line.amount)
        for contribution in insured.paid
        for line in contribution.lines
        if line.program is Program.JP
    ]
    return make_balance(postings, load_rates(), local_instant(insured.today)).total


def _jkk(insured: Insured) -> ProgramBenefit:
    covering = _covering(insured, Program.JKK)
    if not covering:
        return ProgramBenefit(Program.JKK, False, False, Decision("benefit.jkk_none"))
    wage = sum(membership.monthly_wage or 0 for membership in covering)
    benefit = ProgramBenefit(Program.JKK, True, False, Decision("benefit.jkk_covered"))
    if not wage:
        return benefit
    return replace(benefit, amount=wage, amount_unit=BenefitUnit.PER_MONTH, months=JKK_FULL_WAGE_MONTHS)


def _jkm(insured: Insured) -> ProgramBenefit:
    if not _covering(insured, Program.JKM):
        return ProgramBenefit(Program.JKM, False, False, Decision("benefit.jkm_none"))
    insured_kpjs = {membership.kpj for membership in insured.memberships if Program.JKM in membership.programs}
    months = {contribution.month for contribution in insured.paid if contribution.kpj in insured_kpjs}
    return ProgramBenefit(
        Program.JKM,
        covered=True,
        eligible=False,
        decision=Decision("benefit.jkm_scholarship" if len(months) >= SCHOLARSHIP_MONTHS else "benefit.jkm_covered"),
        amount=JKM_AMOUNT_IDR,
        amount_unit=BenefitUnit.ONCE,
    )


def _jkp(insured: Insured) -> ProgramBenefit:
    case = judge_jobless(insured.birth_date, insured.memberships, months_paid(insured.paid, Program.JKP), insured.today)
    return _of_jobless(case)


def _of_jobless(case: JoblessCase) -> ProgramBenefit:
    return ProgramBenefit(
        Program.JKP,
        covered=case.covered,
        eligible=case.eligible,
        decision=case.decision,
        amount=case.amount,
        amount_unit=BenefitUnit.PER_MONTH if case.amount is not None else None,
        months=case.months,
        months_paid=case.months_paid,
        months_required=case.months_required,
        available_from=case.available_from,
        claim_before=case.claim_before,
        claim_url=case.claim_url,
    )


def _covering(insured: Insured, program: Program) -> list[Membership]:
    """The memberships that cover a program today. What the employer owes does not end it (domain notes 4.1)."""
    return [
        membership
        for membership in insured.memberships
        if membership.status is MembershipStatus.ACTIVE and program in membership.programs
    ]
