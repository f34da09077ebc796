"""JKP, the job loss benefit: who has a right to it after a layoff, how much, and until when it can be claimed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gateway.domain.decision import Decision
from gateway.domain.duration import move_date
from gateway.domain.member import LeaveReason, Membership, MembershipStatus, Program

# Source: PP 6/2025 (domain notes 4.6): 60 % of the last wage up to Rp5 million, for six months, claimed within six.
SHARE = Decimal("0.60")
CEILING_IDR = 5_000_000
MONTHS = 6
CLAIM_WITHIN = "P6M"
AGE_BELOW = 54
# Known but not checked (domain notes 4.6 and 11): twelve of the last twenty-four months.
MONTHS_REQUIRED = 12
MONTHS_LOOKED_AT = 24
# The real one is the ministry's; the sandbox names a place that does not exist.
CLAIM_URL = "https://siapkerja.peserta.test/jkp"


@dataclass(frozen=True, slots=True)
class JoblessCase:
    """What JKP comes to. `amount` in whole rupiah a month for `months`; None where no wage is known."""

    covered: bool
    eligible: bool
    decision: Decision
    amount: int | None = None
    months: int | None = None
    months_paid: int | None = None
    months_required: int | None = None
    available_from: date | None = None
    claim_before: date | None = None
    claim_url: str | None = None


def judge_jobless(
    birth_date: date, memberships: Sequence[Membership], paid: Mapping[date, int], today: date
) -> JoblessCase:
    """Whether JKP is due. `paid` has the months (first days) for which JKP was paid.

    A layoff counts, no other leave; a new job ends the right. Source: PP 6/2025 (domain notes 4.6).
    """
    insured = [membership for membership in memberships if Program.JKP in membership.programs]
    if not insured:
        return JoblessCase(False, False, Decision("benefit.jkp_none"))
    working = any(membership.status is MembershipStatus.ACTIVE for membership in memberships)
    last = max(insured, key=lambda membership: (membership.inactive_since or date.max, membership.id))
    if last.status is MembershipStatus.ACTIVE or last.inactive_since is None:
        return _while_working(last, paid, today)
    if last.leave_reason is not LeaveReason.LAID_OFF:
        return JoblessCase(False, False, Decision("benefit.jkp_no_layoff"))
    return _after_layoff(birth_date, last, last.inactive_since, _recent(paid, last.inactive_since), today, working)


def _while_working(membership: Membership, paid: Mapping[date, int], today: date) -> JoblessCase:
    return JoblessCase(
        covered=True,
        eligible=False,
        decision=Decision("benefit.jkp_working"),
        amount=_amount(membership),
        months=MONTHS,
        months_paid=_recent(paid, today),
        months_required=MONTHS_REQUIRED,
    )


def _after_layoff(
    birth_date: date, membership: Membership, left_on: date, recent: int, today: date, working: bool
) -> JoblessCase:
    claim_before = move_date(left_on, CLAIM_WITHIN)
    params = {"before": claim_before, "paid": recent, "required": MONTHS_REQUIRED}
    if membership.member_since >= move_date(birth_date, f"P{AGE_BELOW}Y"):
        outcome = "benefit.jkp_too_old"
    elif recent < MONTHS_REQUIRED:
        outcome = "benefit.jkp_too_few"
    elif today > claim_before:
        outcome = "benefit.jkp_too_late"
    elif working:
        outcome = "benefit.jkp_new_job"
    else:
        outcome = "benefit.jkp_due"
    eligible = outcome == "benefit.jkp_due"
    return JoblessCase(
        covered=eligible,
        eligible=eligible,
        decision=Decision(outcome, params),
        amount=_amount(membership),
        months=MONTHS,
        months_paid=recent,
        months_required=MONTHS_REQUIRED,
        available_from=left_on,
        claim_before=claim_before,
        claim_url=CLAIM_URL if eligible else None,
    )


def _amount(membership: Membership) -> int | None:
    """60 % of the last wage up to the ceiling, in whole rupiah a month; rounded down, as assumed for the sandbox."""
    wage = membership.monthly_wage
    return int(min(wage, CEILING_IDR) * SHARE) if wage is not None else None


def _recent(paid: Mapping[date, int], until: date) -> int:
    """How many of the last 24 months up to that of `until` are paid."""
    last = until.year * 12 + until.month
    return sum(last - MONTHS_LOOKED_AT < month.year * 12 + month.month <= last for month in paid)
