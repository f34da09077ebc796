"""The months that personas have behind them when a world starts: what was charged, paid, and for which wage."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.balance import PostingKind
from gateway.domain.contribution import next_month
from gateway.domain.datafile import BadDataFile, read_text
from gateway.domain.member import DiscountGroup
from gateway.domain.paid_in import PaidIn, make_paid_in
from gateway.domain.persona import PersonaMembership
from gateway.domain.persona_file import FILE, load_personas, parse_personas
from gateway.domain.rates import load_rates

START = date(2026, 11, 23)
MEMBERSHIPS = {membership.kpj: membership for one in load_personas().personas for membership in one.memberships}


def _paid_in(kpj: str, start: date = START) -> PaidIn:
    return make_paid_in(MEMBERSHIPS[kpj], start, load_rates())


def test_a_month_is_paid_on_the_first_of_the_next_and_the_running_one_is_owed() -> None:
    *_, before, now = _paid_in("99260000001").charged

    assert (before.month, before.wage, before.paid_on) == (date(2026, 10, 1), 8_500_000, date(2026, 11, 1))
    assert (now.month, now.wage, now.paid_on) == (date(2026, 11, 1), 8_500_000, None)


def test_arrears_are_owed_since_the_last_payment() -> None:
    charged = _paid_in("99260000009").charged

    owed = [one.month for one in charged if one.paid_on is None]
    assert owed == [date(2026, month, 1) for month in range(5, 12)]
    assert charged[-8].paid_on == date(2026, 5, 1)


def test_who_left_owes_nothing_after_the_month_of_leave() -> None:
    # Joko left on 11 November, Siti on 14 October.
    assert [one.month for one in _paid_in("99260000005").charged if one.paid_on is None] == [date(2026, 11, 1)]
    assert all(one.paid_on for one in _paid_in("99260000002").charged)
    assert _paid_in("99260000002").charged[-1].month == date(2026, 10, 1)


def test_months_go_back_to_january_2015_at_most() -> None:
    assert _paid_in("99260000003").charged[0].month == date(2015, 1, 1)
    assert _paid_in("99260000006").charged[0].month == date(2015, 7, 1)


def test_a_voluntary_member_has_no_wage_and_a_driver_the_chosen_income() -> None:
    assert {one.wage for one in _paid_in("99260000007").charged} == {0}
    assert {one.wage for one in _paid_in("99260000008").charged} == {1_000_000}


def test_wages_before_a_ledger_are_scaled_like_its_opening() -> None:
    # Siti's opening of November 2024 holds JHT of the months before it; their wages make up the same sum.
    siti = _paid_in("99260000002")
    opening = siti.postings[0]

    assert opening.kind is PostingKind.OPENING
    before = sum(one.wage for one in siti.charged if one.month < opening.posted_on)
    assert abs(before * 57 / 1_000 - (opening.employer_amount + opening.employee_amount)) < 27 * 57


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(sorted(MEMBERSHIPS)), st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_months_follow_one_another_up_to_the_start_or_the_leave(kpj: str, start: date) -> None:
    membership: PersonaMembership = MEMBERSHIPS[kpj]
    paid_in = _paid_in(kpj, start)

    months = [one.month for one in paid_in.charged]
    assert all(later == next_month(earlier) for earlier, later in pairwise(months))
    assert all(one.paid_on in (None, next_month(one.month)) for one in paid_in.charged)
    assert [one.paid_on is None for one in paid_in.charged] == sorted(one.paid_on is None for one in paid_in.charged)
    if start >= date(2016, 1, 1) and membership.until is None:
        assert months[-1] == start.replace(day=1)


def test_the_discounts_of_the_personas_are_read_and_a_wrong_one_is_refused() -> None:
    assert MEMBERSHIPS["99260000008"].discount_group is DiscountGroup.BPU_TRANSPORT
    assert MEMBERSHIPS["99260000002"].discount_group is DiscountGroup.LABOUR_INTENSIVE
    with pytest.raises(BadDataFile, match=r"personas\[7\]\.memberships\[0\]\.discount: is no group"):
        parse_personas(read_text(FILE).replace('"BPU_TRANSPORT"', '"FRIENDS"'))
