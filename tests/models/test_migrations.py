"""The migrations say the same as the rows: of the gateway, and of the simulators that share a world's database."""

import importlib
import inspect
import pkgutil

import pytest
from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.models import Model

import gateway.models
from gateway.models.orm import GATEWAY, AppModules, app_config

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
