"""The JHT ledger against figures that others published or computed, and its rules month by month."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.balance import Balance, HistoryUnit, Posting, PostingKind, add_balances, make_balance
from gateway.domain.rates import DevelopmentRate, load_rates, monthly_factor
from gateway.domain.zone import local_instant

OPENING, CONTRIBUTION, PAYOUT = PostingKind.OPENING, PostingKind.CONTRIBUTION, PostingKind.PAYOUT


def _paid(first: date, months: int, employer: int, employee: int) -> list[Posting]:
    starts = [divmod(first.year * 12 + first.month - 1 + number, 12) for number in range(months)]
    return [Posting(CONTRIBUTION, date(year, month + 1, 1), employer, employee) for year, month in starts]


def _flat(rate: str) -> tuple[DevelopmentRate, ...]:
    return (DevelopmentRate(date(1900, 1, 1), None, Decimal(rate), "test", True, monthly_factor(Decimal(rate))),)


def _at(on: date) -> datetime:
    return local_instant(on, 12)


def test_five_years_at_the_real_rates_close_each_year_as_computed() -> None:
    # Source: domain notes 5.3, annual ledger 2016-2020 for a wage of 5,000,000 (185,000 + 100,000 a month).
    balance = make_balance(_paid(date(2016, 1, 1), 60, 185_000, 100_000), load_rates(), _at(date(2020, 12, 31)))

    assert [
        (point.period, point.contributions, point.development, point.closing)
        for point in balance.history(HistoryUnit.YEAR)
    ] == [
        ("2016", 3_420_000, 131_782, 3_551_782),
        ("2017", 3_420_000, 421_485, 7_393_267),
        ("2018", 3_420_000, 577_709, 11_390_976),
        ("2019", 3_420_000, 801_546, 15_612_522),
        ("2020", 3_420_000, 982_408, 20_014_930),
    ]
    assert (balance.total, balance.development, balance.paid_out) == (20_014_930, 2_914_930, 0)
    assert (balance.employer_contributions, balance.employee_contributions) == (11_100_000, 6_000_000)


def test_half_a_year_upon_an_opening_closes_2020_as_computed() -> None:
    # Source: domain notes 5.3: opening 25,000,000 in 2020, 285,000 paid January to June, closing 28,193,333.
    postings = [Posting(OPENING, date(2020, 1, 1), 12_000_000, 6_000_000, 7_000_000)]
    postings += _paid(date(2020, 1, 1), 6, 185_000, 100_000)

    balance = make_balance(postings, load_rates(), _at(date(2020, 12, 31)))

    assert balance.total == 28_193_333
    assert (balance.employer_contributions, balance.employee_contributions) == (13_110_000, 6_600_000)
    assert balance.development == 28_193_333 - 13_110_000 - 6_600_000


def test_the_ministrys_example_comes_out_but_for_yearly_rounding() -> None:
    # Source: domain notes 5.2 (Kemnaker, 17 February 2022): wage 4,000,000, 60 months at 5.7 % make 15,800,310, and
    # 66,775,213 after 26 more years. The example rounds once at its end; the ledger rounds each 31 December, by at
    # most half a rupiah, which grows on like any other.
    postings = _paid(date(2001, 1, 1), 60, 148_000, 80_000)

    after_five = make_balance(postings, _flat("0.057"), _at(date(2005, 12, 31)))
    after_all = make_balance(postings, _flat("0.057"), _at(date(2031, 12, 31)))

    assert abs(after_five.total - 15_800_310) <= 2
    assert after_five.employer_contributions + after_five.employee_contributions == 13_680_000
    assert abs(after_all.total - 66_775_213) <= 20


@pytest.mark.parametrize(
    ("on", "total"),
    [
        (date(2026, 1, 1), 1_000_000),
        (date(2026, 1, 30), 1_000_000),
        (date(2026, 1, 31), 1_004_472),
        (date(2026, 2, 27), 1_004_472),
        (date(2026, 2, 28), 1_008_963),
        (date(2026, 12, 30), 1_050_303),
        (date(2026, 12, 31), 1_055_000),
    ],
)
def test_a_month_counts_from_its_last_day_on(on: date, total: int) -> None:
    balance = make_balance([Posting(CONTRIBUTION, date(2026, 1, 1), 1_000_000)], load_rates(), _at(on))

    assert balance.total == total


def test_the_day_is_that_of_jakarta() -> None:
    postings = [Posting(CONTRIBUTION, date(2026, 1, 1), 1_000_000)]

    before = make_balance(postings, load_rates(), datetime(2026, 1, 30, 16, 59, 59, tzinfo=UTC))
    after = make_balance(postings, load_rates(), datetime(2026, 1, 30, 17, 0, tzinfo=UTC))

    assert (before.total, after.total) == (1_000_000, 1_004_472)


def test_a_posting_to_come_does_not_count_yet() -> None:
    postings = _paid(date(2026, 10, 1), 3, 100_000, 50_000)

    balance = make_balance(postings, load_rates(), _at(date(2026, 11, 30)))

    assert balance.employer_contributions + balance.employee_contributions == 300_000
    assert [point.period for point in balance.months] == ["2026-10", "2026-11"]


def test_a_payout_bears_nothing_in_its_month_and_leaves_the_sums_alone() -> None:
    postings = [
        Posting(CONTRIBUTION, date(2026, 1, 1), 600_000, 400_000),
        Posting(PAYOUT, date(2026, 3, 20), other_amount=500_000),
    ]

    balance = make_balance(postings, load_rates(), _at(date(2026, 3, 31)))

    # 1,008,963.4 at the end of February, 508,963.4 through March.
    assert balance.total == 511_239
    assert balance.paid_out == 500_000
    assert balance.development == 11_239
    assert balance.employer_contributions + balance.employee_contributions == 1_000_000
    assert [point.closing for point in balance.months] == [1_004_472, 1_008_963, 511_239]
    assert sum(point.development for point in balance.months) == 11_239


def test_no_postings_make_an_empty_balance() -> None:
    balance = make_balance([], load_rates(), _at(date(2026, 11, 23)))

    assert balance == Balance(0, 0, 0, 0, 0, _at(date(2026, 11, 23)), ())
    assert balance.history(HistoryUnit.YEAR) == ()


def test_balances_add_up_over_memberships() -> None:
    older = make_balance(_paid(date(2019, 5, 1), 20, 100_000, 50_000), load_rates(), _at(date(2026, 11, 23)))
    newer = make_balance(_paid(date(2024, 2, 1), 30, 185_000, 100_000), load_rates(), _at(date(2026, 11, 23)))

    both = add_balances((newer, older))

    assert both.total == older.total + newer.total
    assert both.development == older.development + newer.development
    assert both.months[0].period == "2019-05"
    assert both.months[-1] == type(both.months[-1])("2026-11", 0, 0, both.total)
    assert [point.period for point in both.months] == [point.period for point in older.months]


_AMOUNTS = st.integers(0, 2_000_000)
_DAYS = st.dates(date(1995, 1, 1), date(2026, 11, 23))
_POSTINGS = st.lists(
    st.builds(Posting, st.sampled_from([OPENING, CONTRIBUTION]), _DAYS, _AMOUNTS, _AMOUNTS, _AMOUNTS)
    | st.builds(lambda on, amount: Posting(PAYOUT, on, other_amount=amount), _DAYS, _AMOUNTS),
    max_size=30,
)


@given(_POSTINGS, _DAYS)
def test_total_is_contributions_and_development_less_payouts(postings: list[Posting], on: date) -> None:
    balance = make_balance(postings, load_rates(), _at(on))

    paid_in = balance.employer_contributions + balance.employee_contributions
    assert balance.total == paid_in + balance.development - balance.paid_out
    for unit in HistoryUnit:
        points = balance.history(unit)
        assert sum(point.contributions for point in points) == paid_in
        assert sum(point.development for point in points) == balance.development
        assert not points or points[-1].closing == balance.total


@given(_POSTINGS, _DAYS)
def test_the_order_of_postings_does_not_matter(postings: list[Posting], on: date) -> None:
    assert make_balance(postings[::-1], load_rates(), _at(on)) == make_balance(postings, load_rates(), _at(on))


@given(_POSTINGS)
def test_a_closed_year_never_changes_again(postings: list[Posting]) -> None:
    then = make_balance(postings, load_rates(), _at(date(2020, 12, 31)))
    later = make_balance(postings, load_rates(), _at(date(2026, 11, 23)))

    assert later.months[: len(then.months)] == then.months
