"""The simulators' rows, which live beside the gateway's own in each world's one database."""

from collections.abc import Mapping

from gateway.models.store import AppModules


def simulator_apps() -> Mapping[str, AppModules]:
    """What the database has to know of the simulators: their models and their migrations."""
    return {
        "mockidp": AppModules(models=("mockidp.models",), migrations="mockidp.migrations"),
        "mailsink": AppModules(models=("mailsink.models",), migrations="mailsink.migrations"),
    }
