"""Contributions of the personas: their lines, pages, filters, and what the months bring."""

import logging
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.contribution import Contribution, ContributionStatus
from gateway.domain.member import Membership, Program
from gateway.domain.page import Page, encode_cursor, page_request
from gateway.domain.problem import Rejected
from gateway.domain.zone import local_date
from gateway.models.contribution import ContributionRow
from gateway.models.member import MembershipRow, PersonRow
from gateway.services.contribution import list_for, list_paid
from gateway.services.member import list_memberships, load_balances
from tests.services.seeded import seeded_world

FIRST = page_request(None, None, None, None)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str | None:
    """Where the database is; None is a file."""
    return str(request.getfixturevalue("postgres_url")) if request.param == "postgres" else None


@pytest.fixture
async def world(url: str | None, tmp_path: Path) -> AsyncIterator[Any]:
    async with seeded_world(tmp_path / "data", url) as seeded:
        yield seeded


@pytest.fixture
async def sqlite_world(tmp_path: Path) -> AsyncIterator[Any]:
    async with seeded_world(tmp_path / "data") as seeded:
        yield seeded


async def _id_of(world: Any, key: str) -> int:
    async with world.store.reading():
        return (await PersonRow.get(persona=key)).id


async def _memberships(world: Any, key: str) -> tuple[Membership, ...]:
    return await list_memberships(world, member_id=await _id_of(world, key))


async def _page(world: Any, key: str, *given: Any, **wanted: Any) -> Page[Contribution]:
    request = page_request(*given) if given else FIRST
    return await list_for(world, memberships=await _memberships(world, key), request=request, **wanted)


def _told(page: Page[Contribution]) -> list[tuple[str, str]]:
    return [(f"{one.month:%Y-%m}", one.kpj[-3:]) for _, one in page.items]


async def test_the_latest_month_comes_first_over_all_kpj(world: Any) -> None:
    page = await _page(world, "budi", 3, None, None, None)

    assert _told(page) == [("2026-11", "001"), ("2026-10", "001"), ("2026-09", "001")]
    assert (page.total, page.has_next, page.has_previous) == (84, True, False)
    (_, now), (_, before), _ = page.items
    on = local_date(world.clock.now())
    assert (now.status(on), now.paid_on, now.due_on) == (ContributionStatus.DUE, None, date(2026, 12, 15))
    assert (before.status(on), before.paid_on) == (ContributionStatus.PAID, date(2026, 11, 1))


async def test_a_month_is_split_by_program_and_payer(sqlite_world: Any) -> None:
    (_, now), *_ = (await _page(sqlite_world, "budi", 1, None, None, None)).items

    # Source: domain notes 3: 8.5 million, low risk (0.54 %).
    assert [(line.program.value, line.payer.value, line.base, line.amount) for line in now.lines] == [
        ("JHT", "EMPLOYER", 8_500_000, 314_500),
        ("JHT", "EMPLOYEE", 8_500_000, 170_000),
        ("JP", "EMPLOYER", 8_500_000, 170_000),
        ("JP", "EMPLOYEE", 8_500_000, 85_000),
        ("JKK", "EMPLOYER", 8_500_000, 45_900),
        ("JKM", "EMPLOYER", 8_500_000, 25_500),
        ("JKP", "STATE", 5_000_000, 11_000),
    ]
    assert (now.wage, now.total) == (8_500_000, 821_900)


async def test_pages_follow_one_another_both_ways(world: Any) -> None:
    first = await _page(world, "budi", 40, None, None, None)
    second = await _page(world, "budi", 100, encode_cursor(first.items[-1][0]), None, None)
    back = await _page(world, "budi", None, None, 40, encode_cursor(second.items[0][0]))
    last = await _page(world, "budi", None, None, 2, None)

    assert len(first.items) + len(second.items) == 84
    assert (second.total, second.has_next, second.has_previous) == (84, False, True)
    assert back.items == first.items
    assert (back.has_next, back.has_previous) == (True, False)
    assert _told(last) == [("2019-12", "101"), ("2019-11", "101")]
    assert (last.total, last.has_previous) == (84, True)


async def test_two_kpj_of_one_month_both_come(sqlite_world: Any) -> None:
    page = await _page(sqlite_world, "laras", 4, None, None, None)
    rest = await _page(sqlite_world, "laras", 2, encode_cursor(page.items[0][0]), None, None)

    assert _told(page) == [("2026-11", "109"), ("2026-11", "009"), ("2026-10", "109"), ("2026-10", "009")]
    assert _told(rest) == _told(page)[1:3]


async def test_arrears_are_told_month_by_month(world: Any) -> None:
    page = await _page(world, "laras", 8, None, None, None, kpj="99260000009")

    on = local_date(world.clock.now())
    assert [(f"{one.month:%m}", one.status(on).value) for _, one in page.items] == [
        ("11", "DUE"),
        ("10", "OVERDUE"),
        ("09", "OVERDUE"),
        ("08", "OVERDUE"),
        ("07", "OVERDUE"),
        ("06", "OVERDUE"),
        ("05", "OVERDUE"),
        ("04", "PAID"),
    ]


async def test_a_year_and_a_kpj_can_be_asked_for(world: Any) -> None:
    page = await _page(world, "budi", year=2023)
    old = await _page(world, "budi", year=2023, kpj="9926-0000-101")
    none = await _page(world, "budi", year=2018)

    assert _told(page)[:2] == [("2023-12", "001"), ("2023-11", "001")]
    assert (page.total, old.total, none.total) == (11, 7, 0)
    assert {kpj for _, kpj in _told(old)} == {"101"}


@pytest.mark.parametrize("kpj", ["99260000002", "99269999999", "12", "", "x" * 500])
async def test_somebody_elses_kpj_and_an_unknown_one_are_not_found_alike(sqlite_world: Any, kpj: str) -> None:
    with pytest.raises(Rejected) as caught:
        await _page(sqlite_world, "budi", kpj=kpj)

    assert (caught.value.code, caught.value.extensions) == ("NOT_FOUND", {"field": "kpj"})


@pytest.mark.parametrize("year", [0, -5, 1899, 10_000, 2**31 - 1])
async def test_a_year_that_cannot_be_is_bad_input(sqlite_world: Any, year: int) -> None:
    with pytest.raises(Rejected) as caught:
        await _page(sqlite_world, "budi", year=year)

    assert (caught.value.code, caught.value.extensions) == ("BAD_USER_INPUT", {"field": "year"})


@pytest.mark.parametrize("place", [0, 10**18 - 1, 5])
async def test_a_cursor_far_away_is_an_empty_or_a_whole_page(world: Any, place: int) -> None:
    page = await _page(world, "ucok", None, encode_cursor(place), None, None)

    assert (len(page.items), page.total) == (17 if place > 10**17 else 0, 17)


async def test_a_page_of_nothing_still_counts(sqlite_world: Any) -> None:
    page = await _page(sqlite_world, "ucok", 0, None, None, None)

    assert (page.items, page.total, page.has_next) == ((), 17, True)


async def test_a_kpj_that_is_not_linked_stays_hidden(sqlite_world: Any) -> None:
    # Ucok's old factory KPJ has contributions of its own.
    assert (await _page(sqlite_world, "ucok")).total == 17
    with pytest.raises(Rejected):
        await _page(sqlite_world, "ucok", kpj="99260000108")
    paid = await list_paid(sqlite_world, memberships=await _memberships(sqlite_world, "ucok"))
    assert {one.kpj for one in paid} == {"99260000008"}


async def test_a_driver_pays_half_of_jkk_and_jkm_since_january(sqlite_world: Any) -> None:
    # Source: domain notes 3 and 9: transport, 50 % from January 2026; JHT 20,000 without a discount.
    page = await _page(sqlite_world, "ucok", 12, None, None, None)

    amounts = {f"{one.month:%Y-%m}": [line.amount for line in one.lines] for _, one in page.items}
    assert amounts["2026-01"] == [20_000, 5_000, 3_400]
    assert amounts["2025-12"] == [20_000, 10_000, 6_800]


async def test_a_migrants_package_is_paid_once(sqlite_world: Any) -> None:
    # Source: domain notes 3 and 9: 37,500 before work and 332,500 for 24 months.
    paid = await list_paid(sqlite_world, memberships=await _memberships(sqlite_world, "maria"))

    assert [one.total for one in paid] == [570_000, *[200_000] * 8]


async def test_what_is_paid_of_jp_counts_128_months_for_made(sqlite_world: Any) -> None:
    # Source: domain notes 9.
    paid = await list_paid(sqlite_world, memberships=await _memberships(sqlite_world, "made"))

    assert len([one for one in paid if any(line.program is Program.JP for line in one.lines)]) == 128


async def test_the_jht_lines_are_what_the_ledger_holds(sqlite_world: Any) -> None:
    paid = await list_paid(sqlite_world, memberships=await _memberships(sqlite_world, "made"))
    balance = (await load_balances(sqlite_world, member_id=await _id_of(sqlite_world, "made"))).total

    assert balance is not None
    jht = sum(line.amount for one in paid for line in one.lines if line.program is Program.JHT)
    assert jht == balance.employer_contributions + balance.employee_contributions


@pytest.mark.parametrize(("given", "statements"), [((12, None, None, None), 1), ((12, "cursor", None, None), 2)])
async def test_a_page_takes_one_statement_and_two_with_a_cursor(
    sqlite_world: Any, given: tuple[Any, ...], statements: int, caplog: pytest.LogCaptureFixture
) -> None:
    memberships = await _memberships(sqlite_world, "budi")
    place = encode_cursor((2026 * 12 + 10) * 10**10)
    request = page_request(given[0], place if given[1] else None, None, None)
    with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
        await list_for(sqlite_world, memberships=memberships, request=request)

    assert len([line for line in caplog.messages if line.startswith("SELECT")]) == statements


async def test_a_contribution_is_charged_once_a_month(sqlite_world: Any) -> None:
    async with sqlite_world.store.reading():
        membership = await MembershipRow.get(kpj="99260000001")
        months = await ContributionRow.filter(membership_id=membership.id).values_list("month", flat=True)

    assert len(set(months)) == len(months) == 39
    assert membership.charge_next_on == date(2026, 12, 1)
