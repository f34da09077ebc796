"""Making, replacing, deleting and upgrading worlds, on both engines."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tortoise.context import get_current_context

from gateway.models.fault import FaultRow
from gateway.models.store import (
    AppModules,
    Database,
    NewerDatabase,
    WorldExists,
    WorldMissing,
    WorldRecord,
    WorldStore,
    load_record,
    touch_record,
)
from gateway.models.world import WorldRow
from tests.models.conftest import OpenDatabase
from tests.models.records import NOON, record

TOY_MODELS = """
from tortoise import fields
from tortoise.models import Model

class NoteRow(Model):
    id = fields.IntField(primary_key=True)
    class Meta:
        table = "note"
"""
TOY_FIRST = """
from tortoise import fields, migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    operations = [ops.CreateModel(name="NoteRow", fields=[("id", fields.IntField(primary_key=True))],
                  options={"table": "note", "app": "toy"}, bases=["Model"])]
"""
TOY_SECOND = """
from tortoise import migrations
from tortoise.migrations import operations as ops

class Migration(migrations.Migration):
    dependencies = [("toy", "0001_initial")]
    operations = [ops.RunSQL("INSERT INTO note (id) VALUES (1)"), ops.RunSQL("{sql}")]
"""


def write_app(folder: Path, *, second: str | None = None) -> dict[str, AppModules]:
    """An app on disk under a name of its own, with one migration or two."""
    name = f"toy_{folder.name}"
    package = folder / name / "migrations"
    package.mkdir(parents=True)
    (folder / name / "__init__.py").touch()
    (package / "__init__.py").touch()
    (folder / name / "models.py").write_text(TOY_MODELS)
    (package / "0001_initial.py").write_text(TOY_FIRST)
    if second:
        (package / "0002_more.py").write_text(TOY_SECOND.format(sql=second))
    return {"toy": AppModules((f"{name}.models",), f"{name}.migrations")}


async def fault_names(store: WorldStore) -> list[str | None]:
    async with store.reading():
        return [row.match for row in await FaultRow.all().order_by("id")]


async def seed_two(_: datetime) -> None:
    await FaultRow.bulk_create([FaultRow(target="SMS", mode="DROP", match=name) for name in ("a", "b")])


async def test_new_world_has_its_own_row_and_the_seeded_ones(open_database: OpenDatabase) -> None:
    database = await open_database(seed=seed_two)
    wanted = record("toko-1", secret="ab" * 32, expires_at=NOON + timedelta(hours=1), offset_us=12, frozen_at=NOON)

    await database.create_world(wanted)

    store = await database.open_world("toko-1")
    assert await load_record(store) == wanted
    assert await fault_names(store) == ["a", "b"]
    async with store.writing():
        third = await FaultRow.create(target="SMS", mode="DROP")
    assert third.id == 3


async def test_worlds_of_one_day_in_jakarta_are_seeded_by_one_run(open_database: OpenDatabase) -> None:
    days: list[datetime] = []

    async def seed(day: datetime) -> None:
        days.append(day)
        await seed_two(day)

    database = await open_database(seed=seed)
    evening = datetime(2030, 5, 1, 16, 59, tzinfo=UTC)
    await asyncio.gather(*(database.create_world(record(f"w-{n}", starts_at=NOON)) for n in range(4)))
    await database.create_world(record("evening", starts_at=evening))
    await database.create_world(record("next-day", starts_at=evening + timedelta(minutes=1)))

    assert days == [datetime(2030, 4, 30, 17, tzinfo=UTC), datetime(2030, 5, 1, 17, tzinfo=UTC)]
    for name in await database.list_worlds():
        assert await fault_names(await database.open_world(name)) == ["a", "b"]


async def test_secret_is_not_shown_with_the_record() -> None:
    assert "cafe" not in repr(record(secret="cafe"))


async def test_world_that_exists_is_not_made_again(database: Database) -> None:
    await database.create_world(record(seed=1))

    with pytest.raises(WorldExists, match='World "main" exists already'):
        await database.create_world(record(seed=2))

    assert (await load_record(await database.open_world("main"))).seed == 1


@pytest.mark.parametrize("hook", ["seed", "furnish"])
async def test_failure_while_making_leaves_nothing(open_database: OpenDatabase, hook: str) -> None:
    failures = [ValueError("half-way")]

    async def fail_once(_: object) -> None:
        await FaultRow.create(target="SMS", mode="DROP")
        if failures:
            raise failures.pop()

    database = await open_database(**{hook: fail_once})
    with pytest.raises(ValueError, match="half-way"):
        await database.create_world(record())

    assert await database.list_worlds() == []
    await database.create_world(record())
    assert await fault_names(await database.open_world("main")) == [None]


async def test_furnishing_is_each_worlds_own(open_database: OpenDatabase) -> None:
    async def furnish(made: WorldRecord) -> None:
        await FaultRow.create(target="SMS", mode="DROP", match=made.id)

    database = await open_database(seed=seed_two, furnish=furnish)
    await database.create_world(record("a"))
    await database.create_world(record("b"))

    assert await fault_names(await database.open_world("b")) == ["a", "b", "b"]


async def test_replaced_world_is_as_new(open_database: OpenDatabase) -> None:
    database = await open_database(seed=seed_two)
    await database.create_world(record(secret="11" * 32))
    store = await database.open_world("main")
    async with store.writing():
        await FaultRow.create(target="SMS", mode="DROP", match="used")
    await database.close_world("main")

    await database.replace_world(record(secret="22" * 32))

    store = await database.open_world("main")
    assert await fault_names(store) == ["a", "b"]
    assert (await load_record(store)).secret == "22" * 32
    assert await database.list_worlds() == ["main"]


async def test_replacing_that_fails_keeps_the_old_world(open_database: OpenDatabase) -> None:
    async def furnish(made: WorldRecord) -> None:
        if made.seed == 13:
            raise ValueError("unlucky")

    database = await open_database(furnish=furnish)
    await database.create_world(record(seed=1))

    with pytest.raises(ValueError, match="unlucky"):
        await database.replace_world(record(seed=13))

    assert (await load_record(await database.open_world("main"))).seed == 1


async def test_deleted_world_is_gone(database: Database) -> None:
    await database.create_world(record("a"))
    await database.create_world(record("b"))
    await database.open_world("a")

    assert await database.delete_world("a") is True
    assert await database.delete_world("a") is False

    assert await database.list_worlds() == ["b"]
    with pytest.raises(WorldMissing, match='World "a" does not exist'):
        await database.open_world("a")
    await database.create_world(record("a"))
    assert await database.list_worlds() == ["a", "b"]


async def test_last_use_is_kept(database: Database) -> None:
    await database.create_world(record())
    store = await database.open_world("main")

    await touch_record(store, NOON + timedelta(minutes=3))

    assert (await load_record(store)).last_used_at == NOON + timedelta(minutes=3)


async def test_world_that_is_behind_is_upgraded_when_opened(
    open_database: OpenDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    before = await open_database()
    await before.create_world(record())
    await before.close()

    after = await open_database(apps=write_app(tmp_path, second="INSERT INTO note (id) VALUES (2)"))
    store = await after.open_world("main")

    async with store.reading():
        assert await count_notes() == 2
        assert (await WorldRow.get()).id == "main"


async def test_upgrade_that_fails_changes_nothing(
    open_database: OpenDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    before = await open_database()
    await before.create_world(record())
    await before.close()
    broken = await open_database(apps=write_app(tmp_path, second="INSERT INTO nowhere (id) VALUES (2)"))
    with pytest.raises(Exception, match="nowhere"):
        await broken.open_world("main")
    await broken.close()

    after = await open_database()
    assert await load_record(await after.open_world("main")) == record()


async def test_world_of_a_newer_version_is_refused_in_one_sentence(
    open_database: OpenDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    newer = await open_database(apps=write_app(tmp_path))
    await newer.create_world(record())
    await newer.close()

    older = await open_database()
    with pytest.raises(NewerDatabase) as refused:
        await older.open_world("main")

    assert str(refused.value) == (
        'World "main" was written by a newer version of Peserta (it has toy.0001_initial): '
        "start that version, or choose another place for the data."
    )


async def count_notes() -> int:
    context = get_current_context()
    assert context is not None
    return int(await context.get_model("toy", "NoteRow").all().count())
