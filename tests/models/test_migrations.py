"""The migrations say the same as the rows: of the gateway, and of the simulators that share a world's database."""

import importlib
import inspect
import pkgutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tortoise import fields
from tortoise.context import TortoiseContext
from tortoise.migrations import operations
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.models import Model

import gateway.models
from gateway.models.migration_state import no_rows
from gateway.models.orm import GATEWAY, AppModules, app_config
from gateway.models.store import Database
from tests.models.records import record

APPS = {
    "gateway": GATEWAY,
    "mockidp": AppModules(("mockidp.models",), "mockidp.migrations"),
    "mailsink": AppModules(("mailsink.models",), "mailsink.migrations"),
}


@pytest.mark.parametrize("label", sorted(APPS))
async def test_no_change_of_a_row_lacks_its_migration(label: str) -> None:
    apps = app_config({label: APPS[label]}, "world")
    connections = {"world": {"engine": "tortoise.backends.sqlite", "credentials": {"file_path": ":memory:"}}}
    async with TortoiseContext() as context:
        await context.init(config={"connections": connections, "apps": apps})
        assert context.apps is not None
        missing = await MigrationAutodetector(context.apps, apps).changes()

    assert [writer.operations for writer in missing] == [], (
        f"run: python -m tortoise -c gateway.models.orm.FOR_MIGRATIONS makemigrations {label}"
    )


def test_every_module_with_rows_is_listed() -> None:
    with_rows = set()
    for module in pkgutil.iter_modules(gateway.models.__path__, "gateway.models."):
        if module.ispkg:
            continue
        found = importlib.import_module(module.name)
        for _, value in inspect.getmembers(found, inspect.isclass):
            if issubclass(value, Model) and value.__module__ == module.name:
                with_rows.add(module.name)

    assert sorted(with_rows) == sorted(GATEWAY.models)


def test_state_before_an_operation_is_not_changed_by_it() -> None:
    state = no_rows({"garden": "world"})
    created = operations.CreateModel(name="Tree", fields=[("id", fields.IntField(primary_key=True))])
    created.state_forward("garden", state)

    earlier = state.clone()
    operations.AddField(model_name="Tree", name="height", field=fields.IntField(null=True)).state_forward(
        "garden", state
    )

    assert set(earlier.apps.get_model("garden.Tree")._meta.fields_map) == {"id"}
    assert set(state.apps.get_model("garden.Tree")._meta.fields_map) == {"id", "height"}
    assert set(earlier.clone().models) == {("garden", "Tree")}


async def test_tables_are_those_of_the_orms_own_executor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def tables(place: str) -> list[tuple[str, str]]:
        database = await Database.open(
            data=tmp_path / place, apps={name: APPS[name] for name in ("mockidp", "mailsink")}
        )
        try:
            await database.create_world(record("w"))
        finally:
            await database.close()
        with closing(sqlite3.connect(tmp_path / place / "worlds" / "w" / "world.db")) as connection:
            return connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()

    ours = await tables("ours")
    monkeypatch.delattr("gateway.models.migrate._InOneTransaction._project_state")

    assert ours == await tables("the-orms")
    assert len(ours) > 40
