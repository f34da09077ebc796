"""Members, memberships and balances, read from a seeded world."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.balance import HistoryUnit
from gateway.domain.member import Gender, LeaveReason, MembershipStatus, Program, Segment, membership_status
from gateway.models.member import MembershipRow, PersonRow
from gateway.services.member import list_memberships, load, load_balances
from tests.services.seeded import seeded_world


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


async def test_a_member_is_found_by_nik(world: Any) -> None:
    siti = await load(world, nik="3273996207919002")

    assert (siti.full_name, siti.birth_date, siti.gender) == ("Siti Fiktif", date(1991, 7, 22), Gender.FEMALE)


async def test_an_unknown_nik_is_a_lookup_error_that_does_not_repeat_it(sqlite_world: Any) -> None:
    with pytest.raises(LookupError) as caught:
        await load(sqlite_world, nik="3171991403889999")

    assert "3171991403889999" not in str(caught.value)


async def test_memberships_come_with_their_employers_the_first_kpj_first(world: Any) -> None:
    current, earlier = await list_memberships(world, member_id=await _id_of(world, "budi"))

    assert (current.kpj, current.status, current.segment) == ("99260000001", MembershipStatus.ACTIVE, Segment.PU)
    assert current.employer is not None
    assert (current.employer.npp, current.employer.name) == ("99000001", "PT Contoh Maju (fiktif)")
    assert current.programs == (Program.JHT, Program.JP, Program.JKK, Program.JKM, Program.JKP)
    assert (current.monthly_wage, current.last_contribution) == (8_500_000, "2026-10")
    assert (earlier.kpj, earlier.leave_reason) == ("99260000101", LeaveReason.RESIGNED)
    assert (earlier.inactive_since, earlier.last_contribution) == (date(2023, 7, 23), "2023-07")


async def test_a_driver_has_no_employer(sqlite_world: Any) -> None:
    (only,) = await list_memberships(sqlite_world, member_id=await _id_of(sqlite_world, "ucok"))

    assert (only.employer, only.segment) == (None, Segment.BPU)


async def test_a_membership_that_nobody_ended_is_active_and_in_arrears(sqlite_world: Any) -> None:
    memberships = await list_memberships(sqlite_world, member_id=await _id_of(sqlite_world, "laras"))

    assert [(one.kpj, one.in_arrears, one.last_contribution) for one in memberships] == [
        ("99260000009", True, "2026-04"),
        ("99260000109", False, "2026-10"),
    ]
    assert membership_status(memberships) is MembershipStatus.ACTIVE


async def test_somebody_unknown_has_no_memberships_and_no_balance(sqlite_world: Any) -> None:
    assert await list_memberships(sqlite_world, member_id=999) == ()
    assert (await load_balances(sqlite_world, member_id=999)).total is None


@pytest.mark.parametrize(("key", "target"), [("siti", 14_200_000), ("andi", 212_000_000)])
async def test_a_balance_starts_where_the_notes_put_it(world: Any, key: str, target: int) -> None:
    # Source: domain notes 9.
    balances = await load_balances(world, member_id=await _id_of(world, key))

    assert balances.total is not None
    assert abs(balances.total.total - target) <= 1_000
    assert balances.total.as_of == world.clock.now()


async def test_the_whole_is_the_sum_of_the_memberships(world: Any) -> None:
    balances = await load_balances(world, member_id=await _id_of(world, "budi"))

    assert list(balances.by_kpj) == ["99260000001", "99260000101"]
    assert balances.total is not None
    assert balances.total.total == 34_747_935
    assert balances.total.total == sum(balance.total for balance in balances.by_kpj.values())
    years = balances.total.history(HistoryUnit.YEAR)
    assert [point.period for point in years] == ["2021", "2022", "2023", "2024", "2025", "2026"]
    assert years[-1].closing == balances.total.total


async def test_a_payout_is_told_apart(sqlite_world: Any) -> None:
    total = (await load_balances(sqlite_world, member_id=await _id_of(sqlite_world, "dewi"))).total

    assert total is not None
    assert total.paid_out == 6_667_864
    paid_in = total.employer_contributions + total.employee_contributions
    assert total.total == paid_in + total.development - total.paid_out


async def test_a_builder_without_jht_has_no_balance(world: Any) -> None:
    balances = await load_balances(world, member_id=await _id_of(world, "yohana"))

    assert (balances.total, dict(balances.by_kpj)) == (None, {})


async def test_jht_into_which_nothing_was_paid_is_a_balance_of_zero(sqlite_world: Any) -> None:
    yohana = await _id_of(sqlite_world, "yohana")
    async with sqlite_world.store.writing():
        await MembershipRow.filter(person_id=yohana).update(programs="JKK,JKM,JHT")

    balances = await load_balances(sqlite_world, member_id=yohana)

    assert balances.total is not None
    assert (balances.total.total, balances.total.months) == (0, ())


async def test_the_balance_grows_when_the_clock_moves_past_a_month(sqlite_world: Any) -> None:
    ucok = await _id_of(sqlite_world, "ucok")
    before = (await load_balances(sqlite_world, member_id=ucok)).total
    sqlite_world.clock.advance(datetime(2026, 11, 29, 17, tzinfo=UTC) - sqlite_world.clock.now())
    after = (await load_balances(sqlite_world, member_id=ucok)).total

    assert before is not None
    assert after is not None
    assert (before.total, after.total) == (332_439, 333_926)
    assert after.as_of - before.as_of == timedelta(days=6, hours=12)


@pytest.mark.parametrize("key", ["budi", "yohana"])
async def test_statements_do_not_grow_with_memberships(
    sqlite_world: Any, key: str, caplog: pytest.LogCaptureFixture
) -> None:
    member_id = await _id_of(sqlite_world, key)
    with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
        await load_balances(sqlite_world, member_id=member_id)
        await list_memberships(sqlite_world, member_id=member_id)

    assert len([line for line in caplog.messages if line.startswith("SELECT")]) == 4
