"""How the ORM is set up: which modules hold rows, and the one alias that always means "the world in hand".

After a change to a row, write its migration with
`python -m tortoise -c gateway.models.orm.FOR_MIGRATIONS makemigrations gateway -n what_changes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tortoise.config import TortoiseConfig
from tortoise.context import TortoiseContext


@dataclass(frozen=True, slots=True)
class AppModules:
    """One package's rows: the modules that hold them and the package that holds their migrations."""

    models: tuple[str, ...]
    migrations: str


GATEWAY = AppModules(
    models=(
        "gateway.models.account",
        "gateway.models.claim",
        "gateway.models.contact",
        "gateway.models.contribution",
        "gateway.models.dispute",
        "gateway.models.document",
        "gateway.models.fault",
        "gateway.models.member",
        "gateway.models.merge",
        "gateway.models.outbox",
        "gateway.models.profile",
        "gateway.models.registration",
        "gateway.models.world",
    ),
    migrations="gateway.models.migrations",
)


def app_config(apps: Mapping[str, AppModules], alias: str) -> dict[str, dict[str, Any]]:
    """The apps as the ORM's configuration wants them, every one on the same alias."""
    return {
        label: {"models": list(modules.models), "migrations": modules.migrations, "default_connection": alias}
        for label, modules in apps.items()
    }


async def make_context(apps: Mapping[str, AppModules], alias: str, engine: str) -> TortoiseContext:
    """The ORM's state for one Database. `engine` is a module whose client refuses to open outside of a world.

    One Database at a time: the ORM keeps the dialect of a row's queries on the row's class.
    """
    context = TortoiseContext()
    connections = {alias: {"engine": engine, "credentials": {}}}
    with context:  # only while it is set up; later each scope enters it for itself
        await context.init(config={"connections": connections, "apps": app_config(apps, alias)})
    return context


# Read by the command in this module's docstring.
FOR_MIGRATIONS = TortoiseConfig.from_dict(
    {
        "connections": {"world": {"engine": "tortoise.backends.sqlite", "credentials": {"file_path": ":memory:"}}},
        "apps": app_config({"gateway": GATEWAY}, "world"),
    }
)
