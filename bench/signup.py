"""The whole sign-up, nine requests over real sockets: time, throughput at 1, 16 and 64 at once, processor time.

With `--peers FOLDER` the Firebase Auth emulator runs beside it: same client load, rounds in turn.
"""

import argparse
import asyncio
import importlib
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from bench.client import Client, run
from bench.figures import medians, percentile, print_table
from bench.journey import Walk, list_people, make_walks, sign_up, throw_away
from bench.sandbox import Sandbox, started

LEVELS = ((1, 100), (16, 320), (64, 640))
CAP_S = 8.0  # a level hands out no more journeys after that long

Journey = Callable[[Client, int], Awaitable[object]]


async def drive(port: int, at_once: int, count: int, journey: Journey) -> dict[str, float]:
    """Closed loop: `at_once` callers, each on one connection, each beginning the next journey when one is done."""
    numbers, times = iter(range(count)), []
    began = time.perf_counter()

    async def caller() -> None:
        client = Client(port)
        for number in numbers:
            if time.perf_counter() - began > CAP_S:
                break
            at = time.perf_counter()
            await journey(client, number)
            times.append((time.perf_counter() - at) * 1000)
        client.close()

    await asyncio.gather(*(caller() for _ in range(at_once)))
    seconds = time.perf_counter() - began
    return {"n": len(times), "per s": len(times) / seconds, "p50": percentile(times, 50), "p95": percentile(times, 95)}


async def measure_level(sandbox: Sandbox, at_once: int, count: int) -> dict[str, float]:
    """One level in fresh worlds, which are made before the clock starts: seven people can sign up in each."""
    client = Client(sandbox.port)
    walks = await make_walks(client, count, await list_people(client))

    async def journey(caller: Client, number: int) -> None:
        await sign_up(caller, walks[number])

    before = sandbox.processor_s()
    figures = await drive(sandbox.port, at_once, count, journey)
    figures["CPU"] = (sandbox.processor_s() - before) / figures["n"] * 1000
    await throw_away(client, walks)
    client.close()
    return figures


async def warm(sandbox: Sandbox) -> None:
    """A few journeys first: what is loaded once in a process's life is not part of a journey."""
    client = Client(sandbox.port)
    walks: list[Walk] = await make_walks(client, 14, await list_people(client))
    for walk in walks:
        await sign_up(client, walk)
    await throw_away(client, walks)
    client.close()


def measure_ours(profile: str) -> dict[str, float]:
    """One round of a freshly started sandbox."""
    with started(password_profile=profile, max_worlds=1000) as sandbox:

        async def levels() -> dict[str, float]:
            await warm(sandbox)
            found: dict[str, float] = {"start s": sandbox.ready_s, "MB at rest": sandbox.resident_mb()}
            for at_once, count in LEVELS:
                for name, value in (await measure_level(sandbox, at_once, count)).items():
                    found[f"{at_once}: {name}"] = value
            found["MB after"] = sandbox.resident_mb()
            return found

        return run(levels())


def measure_peer(scripts: Any) -> dict[str, float]:  # Any: the peers' own module
    """One round of the Firebase Auth emulator, by the peers' own script: eight calls instead of our nine."""
    found = scripts.one(scripts.Firebase(), CAP_S)
    figures = {"start s": found["cold_s"], "MB at rest": found["rss_rest"]}
    for at_once, _ in LEVELS:
        level = found[f"c{at_once}"]
        assert not level["errors"], level["first_error"]
        names = {"n": "n", "per s": "per_s", "p50": "p50_ms", "p95": "p95_ms", "CPU": "cpu_ms_per_journey"}
        figures |= {f"{at_once}: {ours}": float(level[theirs]) for ours, theirs in names.items()}
    return figures | {"MB after": found["rss_after"]}


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one table of medians: times in ms, processor time in ms for each journey."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=Path, help="the folder of the peers' signup.py; PEERS_HOME says where they are")
    asked = parser.parse_args(arguments)
    runs: dict[str, Callable[[], dict[str, float]]] = {
        "Peserta, argon2id as OWASP says": lambda: measure_ours("owasp"),
        "Peserta, cheap profile": lambda: measure_ours("cheap"),
    }
    if asked.peers is not None:
        sys.path.insert(0, str(asked.peers))
        scripts: Any = importlib.import_module("signup")  # Any: as in measure_peer
        scripts.LEVELS = LEVELS
        runs["Firebase Auth emulator"] = lambda: measure_peer(scripts)
    rounds: dict[str, list[dict[str, float]]] = {name: [] for name in runs}
    for number in range(asked.rounds):
        # In turn and back again, so that a machine that grows slower treats all alike.
        for name in list(runs) if number % 2 == 0 else list(runs)[::-1]:
            rounds[name].append(runs[name]())
            print(f"round {number + 1}: {name}", file=sys.stderr)
    figures = {name: medians(found) for name, found in rounds.items()}
    columns = next(iter(figures.values()))
    table = {column: {name: figures[name][column] for name in runs} for column in columns}
    print_table(f"Sign-up, medians of {asked.rounds} rounds", table)


if __name__ == "__main__":
    main()
