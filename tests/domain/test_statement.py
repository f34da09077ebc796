"""Annual statements: the computed years to the rupiah, openings, payouts, and which years are closed."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.balance import Balance, Posting, PostingKind, make_balance
from gateway.domain.contribution import next_month
from gateway.domain.rates import load_rates
from gateway.domain.statement import AnnualStatement, make_statements
from gateway.domain.zone import local_instant


def _ledger(postings: Sequence[Posting], on: date) -> tuple[Sequence[Posting], Balance]:
    return postings, make_balance(postings, load_rates(), local_instant(on))


def _statements(postings: Sequence[Posting], on: date) -> tuple[AnnualStatement, ...]:
    return make_statements([_ledger(postings, on)], load_rates(), local_instant(on))


def _monthly(first: date, months: int) -> list[Posting]:
    postings = []
    for _ in range(months):
        postings.append(Posting(PostingKind.CONTRIBUTION, first, 185_000, 100_000))
        first = next_month(first)
    return postings


def test_five_years_at_their_real_rates_close_as_computed() -> None:
    # Source: domain notes 5.3: wage 5,000,000 from January 2016.
    statements = _statements(_monthly(date(2016, 1, 1), 60), date(2021, 1, 1))

    told = [
        (one.year, str(one.rate), one.opening, one.contributions, one.development, one.closing) for one in statements
    ]
    assert told == [
        (2020, "0.0563", 15_612_522, 3_420_000, 982_408, 20_014_930),
        (2019, "0.0606", 11_390_976, 3_420_000, 801_546, 15_612_522),
        (2018, "0.0626", 7_393_267, 3_420_000, 577_709, 11_390_976),
        (2017, "0.0783", 3_551_782, 3_420_000, 421_485, 7_393_267),
        (2016, "0.0719", 0, 3_420_000, 131_782, 3_551_782),
    ]
    assert not any(one.rate_is_assumption for one in statements)


def test_an_opening_and_half_a_year_close_2020_as_computed() -> None:
    # Source: domain notes 5.3: opening 25,000,000, 285,000 paid January to June 2020, closing 28,193,333.
    opening = Posting(PostingKind.OPENING, date(2020, 1, 1), 12_000_000, 6_000_000, 7_000_000)
    (only,) = _statements([opening, *_monthly(date(2020, 1, 1), 6)], date(2021, 1, 1))

    assert (only.opening, only.contributions, only.closing) == (25_000_000, 1_710_000, 28_193_333)


@pytest.mark.parametrize(
    ("on", "years"), [(date(2016, 12, 31), []), (date(2017, 1, 1), [2016]), (date(2018, 6, 1), [2017, 2016])]
)
def test_only_a_year_that_is_over_has_a_statement(on: date, years: list[int]) -> None:
    assert [one.year for one in _statements(_monthly(date(2016, 1, 1), 40), on)] == years


def test_a_year_with_an_assumed_rate_says_so() -> None:
    (only,) = _statements(_monthly(date(2025, 6, 1), 3), date(2026, 1, 1))

    assert (only.rate, only.rate_is_assumption) == (Decimal("0.0550"), True)


def test_what_moves_between_two_memberships_cancels_out() -> None:
    moved = date(2017, 5, 4)
    source = [*_monthly(date(2016, 1, 1), 12), Posting(PostingKind.OPENING, moved, -2_220_000, -1_200_000, -200_000)]
    target = [*_monthly(date(2016, 6, 1), 24), Posting(PostingKind.OPENING, moved, 2_220_000, 1_200_000, 200_000)]
    on = date(2018, 1, 1)

    year, before = make_statements([_ledger(source, on), _ledger(target, on)], load_rates(), local_instant(on))

    assert year.opening == before.closing
    assert year.contributions == 12 * 285_000


_POSTINGS = st.lists(
    st.builds(
        Posting,
        st.sampled_from([PostingKind.OPENING, PostingKind.CONTRIBUTION]),
        st.dates(date(2005, 1, 1), date(2026, 11, 23)),
        st.integers(0, 2_000_000),
        st.integers(0, 2_000_000),
    )
    | st.builds(
        lambda on, amount: Posting(PostingKind.PAYOUT, on, other_amount=amount),
        st.dates(date(2005, 1, 1), date(2026, 11, 23)),
        st.integers(0, 2_000_000),
    ),
    max_size=30,
)


@given(st.lists(_POSTINGS, max_size=3))
def test_every_year_adds_up_and_begins_where_the_last_one_closed(ledgers: list[list[Posting]]) -> None:
    on = date(2026, 11, 23)
    statements = make_statements([_ledger(postings, on) for postings in ledgers], load_rates(), local_instant(on))

    for one in statements:
        assert one.opening + one.contributions + one.development - one.paid_out == one.closing
    for later, earlier in pairwise(statements):
        brought = sum(
            posting.employer_amount + posting.employee_amount
            for postings in ledgers
            for posting in postings
            if posting.kind is PostingKind.OPENING and posting.posted_on.year == later.year
        )
        assert later.year == earlier.year + 1
        assert later.opening == earlier.closing + brought
