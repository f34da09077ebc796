"""The state of the rows between two migrations, as the ORM keeps it, without the work that nobody looks at.

The ORM copies every row class before each operation and prepares all their queries after it: a quarter of a second
and 30 MB for a new database. Here both wait until they are asked for; what comes of it is the same.
"""

from collections.abc import Callable
from typing import Any, cast

from tortoise.migrations.schema_generator.state import State
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.models import Model


class _Apps(StateApps):
    """Prepares a class's queries once; an operation that changes a row makes a new class of it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # Any: the ORM's own arguments, handed on
        super().__init__(*args, **kwargs)
        self._prepared: set[type[Model]] = set()

    def _build_initial_querysets(self) -> None:
        every = self.apps
        self.apps = {
            label: {name: model for name, model in app.items() if model not in self._prepared}
            for label, app in every.items()
        }
        try:
            super()._build_initial_querysets()
        finally:
            self.apps = every
        self._prepared = {model for app in every.values() for model in app.values() if model._meta._inited}


class _AppsOnDemand:
    """Stands for the classes as they were, and makes them when an operation looks back. Making a table does not."""

    def __init__(self, make: Callable[[], StateApps]) -> None:
        self._make = make
        self._made: StateApps | None = None

    def __getattr__(self, name: str) -> object:
        if self._made is None:
            self._made = self._make()
        return getattr(self._made, name)


class _State(State):
    def clone(self) -> State:
        models = {key: model.clone() for key, model in self.models.items()}
        apps = self.apps
        later = _AppsOnDemand(lambda: apps.clone(model_states=models))
        return _State(models=models, apps=cast(StateApps, later))


def no_rows(default_connections: dict[str, str]) -> State:
    """The state before the first migration, given each app's connection by label."""
    return _State(models={}, apps=_Apps(default_connections=default_connections))
