"""Personas in a world: what is written when it is made, and the stages they go through."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.account import AccountStatus
from gateway.domain.persona import PersonaView, Stage
from gateway.domain.registration import RegistrationState
from gateway.models.account import AccountRow
from gateway.models.member import EmployerRow, MembershipRow, PersonRow, PostingRow
from gateway.models.registration import RegistrationRow
from gateway.models.store import Database
from gateway.services.persona import list_personas, seed
from tests.models.records import record
from tests.services.seeded import HASHES, START, seeded_world


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


async def _view(world: Any, key: str) -> PersonaView:
    return next(view for view in await list_personas(world) if view.key == key)


async def _sign_up(world: Any, key: str, **values: Any) -> None:
    """A sign-up of a persona, waiting for its code unless said otherwise."""
    view = await _view(world, key)
    async with world.store.writing():
        person = await PersonRow.get(persona=key)
        plain = {
            "token_hash": f"hash {len(values)} {values}"[:64],
            "live_key": key,
            "person_key": key,
            "person_id": person.id,
            "state": RegistrationState.AWAITING_OTP,
            "kpj": view.kpj,
            "nik": view.nik,
            "birth_date": view.birth_date,
            "phone": view.phone,
            "email": view.email,
            "locale": "id",
            "created_at": START,
            "expires_at": START + timedelta(minutes=30),
        }
        await RegistrationRow.create(**(plain | values))


async def test_a_new_world_holds_ten_people_and_what_they_paid(world: Any) -> None:
    async with world.store.reading():
        counts = [await row.all().count() for row in (PersonRow, EmployerRow, MembershipRow, PostingRow, AccountRow)]
        siti = await MembershipRow.get(kpj="99260000002").select_related("person", "employer")

    assert counts == [10, 10, 13, 453, 3]
    assert (siti.person.full_name, siti.employer.name) == ("Siti Fiktif", "PT Busana Rekaan (fiktif)")  # type: ignore[union-attr]
    assert (siti.status, siti.inactive_since, siti.leave_reason) == ("INACTIVE", date(2026, 10, 14), "RESIGNED")
    assert (siti.member_since, siti.last_contribution, siti.in_arrears) == (date(2022, 8, 23), "2026-10", False)


async def test_three_accounts_are_active_with_their_hashes(world: Any) -> None:
    async with world.store.reading():
        rows = await AccountRow.all().order_by("id")

    assert [row.email for row in rows] == ["ucok@peserta.test", "laras@peserta.test", "yohana@peserta.test"]
    assert [row.password_hash for row in rows] == ["hash of ucok", "hash of laras", "hash of yohana"]
    assert len({row.subject for row in rows}) == 3
    for row in rows:
        assert len(row.subject) == 32
        account = row.to_domain(START)
        assert (account.status, account.locale) == (AccountStatus.ACTIVE, "id")
        assert account.created_at == datetime(2026, 8, 25, 2, tzinfo=UTC)
        assert account.activated_at == datetime(2026, 8, 25, 2, 10, tzinfo=UTC)
        assert account.last_sign_in_at is None


async def test_personas_are_listed_in_the_catalogues_order(world: Any) -> None:
    views = await list_personas(world)

    assert [view.key for view in views] == [
        *("budi", "siti", "andi", "dewi", "joko", "made", "maria", "ucok", "laras", "yohana")
    ]
    assert [view.stage for view in views] == [Stage.UNREGISTERED] * 7 + [Stage.ACTIVE] * 3
    assert [view.password for view in views[7:]] == ["ojol-hujan-sore-21", "batik-senja-kopi-34", "papeda-laut-biru-56"]
    assert views[0].kpjs == ("99260000001", "99260000101")
    assert (views[0].kpj, views[0].phone, views[0].password) == ("99260000001", "+6284000000001", None)
    assert all(view.registration_token is None for view in views)


@pytest.mark.parametrize(
    ("state", "stage"),
    [
        (RegistrationState.AWAITING_OTP, Stage.AWAITING_OTP),
        (RegistrationState.AWAITING_PASSWORD, Stage.AWAITING_PASSWORD),
        (RegistrationState.AWAITING_ACTIVATION, Stage.AWAITING_ACTIVATION),
        (RegistrationState.CANCELLED, Stage.UNREGISTERED),
    ],
)
async def test_a_sign_up_gives_its_stage(sqlite_world: Any, state: RegistrationState, stage: Stage) -> None:
    await _sign_up(sqlite_world, "budi", state=state)

    assert (await _view(sqlite_world, "budi")).stage is stage
    assert (await _view(sqlite_world, "siti")).stage is Stage.UNREGISTERED


async def test_a_sign_up_past_its_time_counts_no_more(sqlite_world: Any) -> None:
    await _sign_up(sqlite_world, "budi")
    sqlite_world.clock.advance(timedelta(minutes=30))

    assert (await _view(sqlite_world, "budi")).stage is Stage.UNREGISTERED


async def test_a_locked_sign_up_is_locked_until_its_time(sqlite_world: Any) -> None:
    until = START + timedelta(minutes=15)
    await _sign_up(sqlite_world, "budi", state=RegistrationState.LOCKED, live_key=None, locked_until=until)

    assert (await _view(sqlite_world, "budi")).stage is Stage.LOCKED
    sqlite_world.clock.advance(timedelta(minutes=15))
    assert (await _view(sqlite_world, "budi")).stage is Stage.UNREGISTERED


async def test_the_latest_sign_up_decides(sqlite_world: Any) -> None:
    await _sign_up(sqlite_world, "budi", state=RegistrationState.CANCELLED, live_key=None)
    await _sign_up(sqlite_world, "budi", state=RegistrationState.AWAITING_PASSWORD)

    assert (await _view(sqlite_world, "budi")).stage is Stage.AWAITING_PASSWORD


async def test_an_account_stays_active_while_somebody_signs_up_for_it(sqlite_world: Any) -> None:
    await _sign_up(sqlite_world, "ucok", existing_account_id=1)

    assert (await _view(sqlite_world, "ucok")).stage is Stage.ACTIVE


async def test_a_locked_account_is_locked_until_its_time(sqlite_world: Any) -> None:
    async with sqlite_world.store.writing():
        await AccountRow.filter(email="ucok@peserta.test").update(locked_until=START + timedelta(minutes=15))

    assert (await _view(sqlite_world, "ucok")).stage is Stage.LOCKED
    sqlite_world.clock.advance(timedelta(minutes=15))
    assert (await _view(sqlite_world, "ucok")).stage is Stage.ACTIVE


async def test_contacts_are_the_accounts_own(sqlite_world: Any) -> None:
    async with sqlite_world.store.writing():
        await AccountRow.filter(email="ucok@peserta.test").update(email="reka@peserta.test", phone="+6284000000099")

    view = await _view(sqlite_world, "ucok")

    assert (view.email, view.phone) == ("reka@peserta.test", "+6284000000099")


async def test_worlds_of_one_day_are_seeded_alike(tmp_path: Path) -> None:
    written = []
    for number, starts_at in enumerate((START - timedelta(hours=12), START + timedelta(hours=11, minutes=59))):
        async with seeded_world(tmp_path / str(number), starts_at=starts_at) as world, world.store.reading():
            written.append(
                [
                    await row.all().order_by("id").values()
                    for row in (PersonRow, EmployerRow, MembershipRow, PostingRow, AccountRow)
                ]
            )

    assert written[0] == written[1]


async def test_a_missing_hash_leaves_no_world_behind(tmp_path: Path) -> None:
    without = {key: value for key, value in HASHES.items() if key != "laras"}
    database = await Database.open(data=tmp_path, seed=partial(seed, password_hashes=without))
    try:
        with pytest.raises(KeyError, match="laras"):
            await database.create_world(record("main", starts_at=START))
        assert await database.list_worlds() == []
    finally:
        await database.close()
