"""Statements whose text is kept find and change the same rows as the ORM's own, on both engines."""

from datetime import date, timedelta
from typing import Any

import pytest

from gateway.models.member import MembershipRow, PersonRow
from gateway.models.prepared import Plus, change, find_all, find_one, find_values, remove
from gateway.models.registration import AttemptRow, ChallengeRow
from gateway.models.scope import OutsideScope
from gateway.models.store import Database, WorldStore
from tests.models.records import NOON, record


@pytest.fixture
async def store(database: Database) -> WorldStore:
    """World main with three attempts of one key and one of another, and a person with a membership."""
    await database.create_world(record())
    store = await database.open_world("main")
    async with store.writing():
        for minutes, key in enumerate(("a", "a", "b", "a")):
            await AttemptRow.create(scope="s", key=key, at=NOON + timedelta(minutes=minutes))
        person = await PersonRow.create(nik="1", full_name="Siti", birth_date=date(1991, 7, 22), gender="FEMALE")
        await MembershipRow.create(
            person=person, kpj="1", segment="PU", status="ACTIVE", programs="JHT", member_since=date(2015, 2, 3)
        )
    return store


async def add_challenge(**values: Any) -> ChallengeRow:
    plain = {"owner": "o", "channel": "SMS", "target": "t", "sent_at": NOON, "expires_at": NOON}
    return await ChallengeRow.create(**{**plain, **values})


@pytest.mark.parametrize("row", [AttemptRow, PersonRow, MembershipRow])
async def test_row_is_read_with_the_types_that_the_orm_gives(store: WorldStore, row: Any) -> None:
    async with store.reading():
        ours, theirs = await find_one(row, id=1), await row.get(id=1)

    def values(found: Any) -> dict[str, object]:
        return {name: getattr(found, name) for name in found._meta.fields_db_projection}

    assert ours is not None
    assert values(ours) == values(theirs)
    assert {name: type(value) for name, value in values(ours).items()} == {
        name: type(value) for name, value in values(theirs).items()
    }


async def test_conditions_choose_rows(store: WorldStore) -> None:
    async with store.reading():
        assert [row.id for row in await find_all(AttemptRow, scope="s", key="a")] == [1, 2, 4]
        assert [row.id for row in await find_all(AttemptRow, limit=2, scope="s", key="a")] == [1, 2]
        assert [row.id for row in await find_all(AttemptRow, scope="s", at__gt=NOON)] == [2, 3, 4]
        assert [row.id for row in await find_all(AttemptRow, scope="s", id__lt=3)] == [1, 2]
        assert [row.id for row in await find_all(AttemptRow, id__in=(4, 1, 9))] == [1, 4]
        assert await find_all(AttemptRow, id__in=()) == []
        assert await find_one(AttemptRow, key="c") is None
        newest = await find_one(AttemptRow, newest=True, key="a")
        assert newest is not None and newest.id == 4


async def test_values_come_in_the_order_that_was_asked_for(store: WorldStore) -> None:
    async with store.reading():
        assert await find_values(AttemptRow, "at", "id", key="b") == [(NOON + timedelta(minutes=2), 3)]
        assert await find_values(MembershipRow, "member_since", "in_arrears", kpj="1") == [(date(2015, 2, 3), False)]


async def test_held_row_can_be_changed_by_its_save(store: WorldStore) -> None:
    async with store.writing():
        row = await find_one(PersonRow, hold=True, nik="1")
        assert row is not None
        row.full_name = "Siti A"
        await row.save(update_fields=["full_name"])

    async with store.reading():
        assert await find_values(PersonRow, "full_name", nik="1") == [("Siti A",)]


async def test_change_tells_how_many_rows_it_wrote(store: WorldStore) -> None:
    async with store.writing():
        first, second = await add_challenge(), await add_challenge(used_at=NOON)
        assert await change(ChallengeRow, {"attempts": Plus(2), "target": "u"}, owner="o", attempts__lt=5) == 2
        assert await change(ChallengeRow, {"attempts": Plus(-1)}, id=first.id, used_at=None) == 1
        assert await change(ChallengeRow, {"attempts": Plus(-1)}, id=second.id, used_at=None) == 0
        assert await change(ChallengeRow, {"used_at": NOON}, id=first.id, used_at=None) == 1
        assert await change(ChallengeRow, {"used_at": None}, id=second.id) == 1

    async with store.reading():
        found = await find_values(ChallengeRow, "id", "attempts", "target", "used_at", owner="o")
    assert found == [(first.id, 1, "u", NOON), (second.id, 2, "u", None)]


async def test_remove_deletes_what_it_names_and_no_more(store: WorldStore) -> None:
    async with store.writing():
        await remove(AttemptRow, scope__in=("s",), key__in=("a", "c"))

    async with store.reading():
        assert await find_values(AttemptRow, "key", scope="s") == [("b",)]


async def test_what_is_looked_for_is_never_read_as_sql(store: WorldStore) -> None:
    async with store.reading():
        assert await find_all(AttemptRow, key="' OR 1=1 --") == []


async def test_outside_of_a_scope_nothing_is_touched(store: WorldStore) -> None:
    with pytest.raises(OutsideScope):
        await find_one(AttemptRow, key="a")
    with pytest.raises(OutsideScope):
        await change(AttemptRow, {"key": "z"}, key="a")

    async with store.reading():
        assert await find_all(AttemptRow, key="z") == []
