"""The benefits of the five programs: who is covered, what is due, how much, and the reason given."""

from dataclasses import replace
from datetime import date

import pytest

from gateway.domain.benefit import BenefitUnit, Insured, ProgramBenefit, jht_available_from, list_benefits
from gateway.domain.contribution import Contribution, Terms, charge, next_month
from gateway.domain.member import LeaveReason, Membership, MembershipStatus, Program, Segment

TODAY = date(2026, 11, 23)
ACTIVE = Membership(
    id=1,
    kpj="99260000001",
    segment=Segment.PU,
    status=MembershipStatus.ACTIVE,
    employer=None,
    programs=tuple(Program),
    member_since=date(2023, 9, 23),
    inactive_since=None,
    leave_reason=None,
    monthly_wage=6_200_000,
    last_contribution="2026-10",
    in_arrears=False,
)


def _left(reason: LeaveReason, on: date, **more: object) -> Membership:
    gone = replace(ACTIVE, status=MembershipStatus.INACTIVE, inactive_since=on, leave_reason=reason)
    return replace(gone, **more)  # type: ignore[arg-type]  # names are Membership's own


def _paid(first: date, months: int, wage: int = 6_200_000) -> list[Contribution]:
    paid, month = [], first
    for number in range(months):
        lines = charge(Terms(Segment.PU, frozenset(Program), wage), month)
        paid.append(Contribution(number, month, ACTIVE.kpj, wage, lines, next_month(month)))
        month = next_month(month)
    return paid


def _benefit(program: Program, *memberships: Membership, **known: object) -> ProgramBenefit:
    plain: dict[str, object] = {
        "birth_date": date(1988, 3, 14),
        "memberships": memberships,
        "paid": _paid(date(2023, 9, 1), 38),
        "jht_total": 12_000_000,
        "today": TODAY,
    }
    found = list_benefits(Insured(**(plain | known)))  # type: ignore[arg-type]  # names are Insured's own
    assert [benefit.program for benefit in found] == [Program.JHT, Program.JP, Program.JKK, Program.JKM, Program.JKP]
    return next(benefit for benefit in found if benefit.program is program)


@pytest.mark.parametrize(
    ("membership", "key", "since"),
    [
        (ACTIVE, "benefit.jht_active", date(2044, 3, 14)),
        (_left(LeaveReason.RESIGNED, date(2026, 10, 23)), "benefit.jht_left", date(2026, 11, 23)),
        (_left(LeaveReason.RESIGNED, date(2026, 10, 24)), "benefit.jht_waiting", date(2026, 11, 24)),
        (_left(LeaveReason.RETIRED, date(2026, 11, 20)), "benefit.jht_left", date(2026, 11, 20)),
    ],
)
def test_jht_waits_for_a_month_after_the_last_employment(membership: Membership, key: str, since: date) -> None:
    # Source: domain notes 4.1.
    jht = _benefit(Program.JHT, membership)

    assert (jht.decision.key, jht.available_from) == (key, since)
    assert jht.eligible is (since <= TODAY)
    assert (jht.covered, jht.amount, jht.amount_unit, jht.months_paid) == (True, 12_000_000, BenefitUnit.ONCE, None)


def test_jht_is_free_at_56_even_while_working() -> None:
    jht = _benefit(Program.JHT, ACTIVE, birth_date=date(1970, 11, 9))

    assert (jht.eligible, jht.decision.key, jht.available_from) == (True, "benefit.jht_aged", date(2026, 11, 9))


def test_one_active_membership_keeps_all_of_jht() -> None:
    # Source: domain notes 6: a claim of all needs every KPJ inactive.
    both = (ACTIVE, _left(LeaveReason.RESIGNED, date(2020, 1, 1)))

    assert jht_available_from(date(1988, 3, 14), both) == date(2044, 3, 14)
    assert jht_available_from(date(1988, 3, 14), ()) == date(2044, 3, 14)


def test_without_jht_there_is_nothing_and_an_empty_balance_is_told() -> None:
    builder = replace(ACTIVE, segment=Segment.JAKON, programs=(Program.JKK, Program.JKM))
    none = _benefit(Program.JHT, builder, jht_total=None, paid=())
    empty = _benefit(Program.JHT, ACTIVE, jht_total=0, paid=())
    claimed = _benefit(Program.JHT, ACTIVE, jht_total=0, jht_paid_out=12_000_000)

    assert (none.covered, none.eligible, none.decision.key, none.amount) == (False, False, "benefit.jht_none", None)
    assert (empty.covered, empty.eligible, empty.decision.key) == (True, False, "benefit.jht_empty")
    assert (claimed.eligible, claimed.decision.key, claimed.available_from) == (False, "benefit.jht_paid_out", None)


def test_jp_of_fewer_than_180_months_is_a_lump_sum_at_the_pension_age() -> None:
    # Source: domain notes 4.7 and 9 (Made: 59 since February 2026, 128 months).
    gone = _left(LeaveReason.RETIRED, date(2026, 2, 23))
    jp = _benefit(Program.JP, gone, birth_date=date(1967, 2, 17), paid=_paid(date(2015, 7, 1), 128))

    assert (jp.eligible, jp.decision.key, jp.amount_unit) == (True, "benefit.jp_lump_sum", BenefitUnit.ONCE)
    assert (jp.months_paid, jp.months_required, jp.available_from) == (128, 180, date(2026, 2, 17))
    assert jp.amount is not None
    assert jp.amount > 128 * 186_000


def test_jp_of_180_months_is_a_monthly_pension() -> None:
    # Source: domain notes 4.7: nobody can have 180 months before mid-2030; 180 months at 6,000,000 make 900,000.
    jp = _benefit(
        Program.JP,
        ACTIVE,
        today=date(2031, 3, 1),
        birth_date=date(1970, 1, 1),
        paid=_paid(date(2015, 7, 1), 180, 6_000_000),
    )

    assert (jp.eligible, jp.decision.key) == (True, "benefit.jp_monthly")
    assert (jp.amount, jp.amount_unit) == (900_000, BenefitUnit.PER_MONTH)


def test_jp_is_only_told_before_the_pension_age_and_without_it() -> None:
    saving = _benefit(Program.JP, ACTIVE)
    none = _benefit(Program.JP, replace(ACTIVE, programs=(Program.JHT,)), paid=())

    assert (saving.covered, saving.eligible, saving.decision.key) == (True, False, "benefit.jp_saving")
    assert (saving.months_paid, saving.available_from) == (38, date(2053, 3, 14))
    assert (none.covered, none.decision.key, none.months_required) == (False, "benefit.jp_none", None)


def test_jkk_covers_who_works_and_names_the_wage_that_would_be_replaced() -> None:
    # Source: domain notes 4.6: all of the wage for twelve months.
    jkk = _benefit(Program.JKK, ACTIVE)
    gone = _benefit(Program.JKK, _left(LeaveReason.RESIGNED, date(2026, 10, 1)))
    unknown = _benefit(Program.JKK, replace(ACTIVE, monthly_wage=None))

    assert (jkk.covered, jkk.eligible, jkk.decision.key) == (True, False, "benefit.jkk_covered")
    assert (jkk.amount, jkk.amount_unit, jkk.months) == (6_200_000, BenefitUnit.PER_MONTH, 12)
    assert (gone.covered, gone.decision.key, gone.amount) == (False, "benefit.jkk_none", None)
    assert (unknown.covered, unknown.amount, unknown.months) == (True, None, None)


@pytest.mark.parametrize(("months", "key"), [(35, "benefit.jkm_covered"), (36, "benefit.jkm_scholarship")])
def test_jkm_is_42_million_and_adds_a_scholarship_after_three_years(months: int, key: str) -> None:
    # Source: domain notes 4.6.
    jkm = _benefit(Program.JKM, ACTIVE, paid=_paid(date(2023, 9, 1), months))

    assert (jkm.covered, jkm.eligible, jkm.decision.key) == (True, False, key)
    assert (jkm.amount, jkm.amount_unit, jkm.months_required) == (42_000_000, BenefitUnit.ONCE, None)


def test_jkm_ends_with_the_last_membership() -> None:
    assert _benefit(Program.JKM, _left(LeaveReason.RESIGNED, date(2026, 10, 1))).decision.key == "benefit.jkm_none"


def test_jkp_after_a_layoff_is_three_million_for_six_months() -> None:
    # Source: domain notes 4.6: 60 % of the wage, capped at Rp5 million, claimed within six months.
    jkp = _benefit(Program.JKP, _left(LeaveReason.LAID_OFF, date(2026, 11, 11)))

    assert (jkp.covered, jkp.eligible, jkp.decision.key) == (True, True, "benefit.jkp_due")
    assert (jkp.amount, jkp.amount_unit, jkp.months) == (3_000_000, BenefitUnit.PER_MONTH, 6)
    assert (jkp.available_from, jkp.claim_before) == (date(2026, 11, 11), date(2027, 5, 11))
    assert (jkp.months_paid, jkp.months_required) == (23, 12)
    assert jkp.claim_url == "https://siapkerja.peserta.test/jkp"


def test_jkp_below_the_cap_is_60_per_cent_of_the_wage() -> None:
    assert _benefit(Program.JKP, _left(LeaveReason.LAID_OFF, TODAY, monthly_wage=4_000_000)).amount == 2_400_000


@pytest.mark.parametrize(
    ("memberships", "known", "key"),
    [
        ((ACTIVE,), {}, "benefit.jkp_working"),
        ((replace(ACTIVE, programs=(Program.JHT,)),), {}, "benefit.jkp_none"),
        ((_left(LeaveReason.RESIGNED, date(2026, 11, 11)),), {}, "benefit.jkp_no_layoff"),
        ((_left(LeaveReason.LAID_OFF, date(2026, 5, 22)),), {}, "benefit.jkp_too_late"),
        ((_left(LeaveReason.LAID_OFF, date(2026, 5, 23)),), {}, "benefit.jkp_due"),
        ((_left(LeaveReason.LAID_OFF, TODAY),), {"paid": _paid(date(2025, 12, 1), 11)}, "benefit.jkp_too_few"),
        ((_left(LeaveReason.LAID_OFF, TODAY),), {"paid": _paid(date(2025, 11, 1), 12)}, "benefit.jkp_due"),
        ((_left(LeaveReason.LAID_OFF, TODAY),), {"birth_date": date(1969, 9, 23)}, "benefit.jkp_too_old"),
        (
            (_left(LeaveReason.LAID_OFF, date(2026, 10, 1)), replace(ACTIVE, id=2, programs=(Program.JHT,))),
            {},
            "benefit.jkp_new_job",
        ),
    ],
)
def test_jkp_says_why(memberships: tuple[Membership, ...], known: dict[str, object], key: str) -> None:
    jkp = _benefit(Program.JKP, *memberships, **known)

    assert (jkp.decision.key, jkp.eligible) == (key, key == "benefit.jkp_due")
    assert (jkp.claim_url is not None) is jkp.eligible
