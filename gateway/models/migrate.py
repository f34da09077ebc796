"""Brings a world's tables up to date with the ORM's own migrations, in one transaction of the caller's."""

from collections.abc import Mapping
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.schema_editor import BaseSchemaEditor
from tortoise.migrations.schema_generator.state import State

from gateway.models.migration_state import no_rows
from gateway.models.orm import AppModules, app_config
from gateway.models.storage import NewerDatabase

RECORDER_TABLE = "tortoise_migrations"


class _InOneTransaction(MigrationExecutor):
    """The ORM's executor, but the transaction is the caller's: all migrations and their records, or none.

    Its atomic editor also cuts SQLite statements at every semicolon, those in a table's description included.
    """

    def _schema_editor(self, atomic: bool = True, collect_sql: bool = False) -> BaseSchemaEditor:  # noqa: ARG002
        return super()._schema_editor(atomic=False, collect_sql=collect_sql)

    async def _project_state(self, applied: set[MigrationKey], *, upto: MigrationKey | None = None) -> State:
        if applied:
            return await super()._project_state(applied, upto=upto)
        return no_rows({label: app["default_connection"] for label, app in self.loader.apps_config.items()})


class _Listener:
    """Stands in for a connection and writes down the scripts that it is handed."""

    def __init__(self, client: BaseDBAsyncClient) -> None:
        self.capabilities = client.capabilities
        self.scripts: list[str] = []

    async def execute_script(self, script: str) -> None:
        self.scripts.append(script)


class Migrations:
    """The migrations that this code knows, of all apps that share a world's database."""

    def __init__(self, apps: Mapping[str, AppModules], alias: str, client: BaseDBAsyncClient) -> None:
        """`client` is any client of the dialect; it is not used to reach a database."""
        self._config: dict[str, dict[str, Any]] = app_config(apps, alias)  # Any: the ORM's configuration is untyped
        loader = MigrationExecutor(client, self._config).loader
        loader.load_disk()
        self.known = frozenset((key.app_label, key.name) for key in loader.disk_migrations)

    def pending(self, world_id: str, applied: frozenset[tuple[str, str]]) -> bool:
        """Whether a world that has `applied` (app and name) is behind this code. Raises NewerDatabase."""
        unknown = applied - self.known
        if unknown:
            raise NewerDatabase(world_id, ".".join(min(unknown)))
        return applied != self.known

    async def apply(self, client: BaseDBAsyncClient) -> None:
        """Run what is missing on `client`, which is inside a transaction and bound to the alias."""
        executor = _InOneTransaction(client, self._config)
        # First of all: the ORM asks a table that may not exist, and on PostgreSQL that failure spoils the transaction.
        await executor.recorder.ensure_schema(executor._schema_editor())
        await executor.migrate()

    async def script(self, client: BaseDBAsyncClient) -> str:
        """Everything that `apply` would run on an empty database, without the records of what ran."""
        executor = _InOneTransaction(client, self._config)
        listener = _Listener(client)
        editor = executor._schema_editor()
        editor.client = listener  # type: ignore[assignment]  # it has what is asked of it
        await executor.recorder.ensure_schema(editor)
        await executor.loader.build_graph()
        statements = list(listener.scripts)
        for key in executor._full_plan():  # the order in which `apply` goes; the ORM has no public name for it
            statements += await executor.collect_sql(key.app_label, key.name)
        return "\n".join(f"{part.rstrip().rstrip(';')};" for part in statements if not part.startswith("--"))
