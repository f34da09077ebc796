"""The doctor: looks whether Peserta can run here, and says in one sentence what is wrong and what to do."""

import importlib.metadata
import socket
from collections.abc import Callable
from dataclasses import dataclass

from gateway.models.store import AppModules, Database, StorageError
from gateway.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One look: `good` or not, and a sentence for a person."""

    name: str
    good: bool
    text: str


def check_ports(settings: Settings) -> list[Finding]:
    """Whether both ports are free. A port of 0 is always found free."""
    return [
        _check_port("HTTP", settings.host, settings.port, "--port"),
        _check_port("SMTP", settings.host, settings.smtp_port, "--smtp-port"),
    ]


def _check_port(name: str, host: str, port: int, flag: str) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            text = f"{host}:{port} cannot be used ({error.strerror}): choose another with {flag}, 0 takes a free one."
            return Finding(f"{name} port", False, text)
    return Finding(f"{name} port", True, f"{host}:{port} is free.")


async def check_database(settings: Settings, apps: dict[str, AppModules]) -> list[Finding]:
    """Whether the database can be reached and written, and whether every world's migrations are known here."""
    url = settings.database_url.get_secret_value() if settings.database_url else None
    where = "PostgreSQL" if url else f"the folder {settings.data}"
    try:
        database = await Database.open(data=settings.data, url=url, pool_size=2, apps=apps)
    except StorageError as error:
        return [Finding("database", False, str(error))]
    findings = [Finding("database", True, f"{where} can be used.")]
    try:
        for world_id in await database.list_worlds():
            try:
                await database.open_world(world_id)
                await database.close_world(world_id)
            except StorageError as error:
                findings.append(Finding("migrations", False, str(error)))
    finally:
        await database.close()
    if len(findings) == 1:
        findings.append(Finding("migrations", True, "Every world opens with this version."))
    return findings


def check_packages(
    distributions: Callable[[], dict[str, list[str]]] = lambda: dict(importlib.metadata.packages_distributions()),
) -> Finding:
    """Whether another distribution brings a package of one of our names, `schema` above all."""
    ours = ("gateway", "schema", "mockidp", "mailsink")
    found = distributions()
    others = {name: [dist for dist in found.get(name, []) if dist.lower() != "peserta"] for name in ours}
    clash = {name: dists for name, dists in others.items() if dists}
    if not clash:
        return Finding("packages", True, "No other distribution brings a package of our names.")
    name, dists = next(iter(clash.items()))
    return Finding("packages", False, f'The distribution "{dists[0]}" also brings a package "{name}": uninstall it.')
