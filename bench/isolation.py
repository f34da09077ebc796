"""64 worlds sign up the same person at once; afterwards each inbox holds its own two messages and nothing else."""

import argparse
import asyncio
import time
from collections.abc import Sequence

from bench.client import Client, run
from bench.figures import print_table, spread
from bench.journey import CREATE, INBOX, TTL, Person, Walk, list_people, sign_up
from bench.sandbox import Sandbox, started


async def sign_up_everywhere(sandbox: Sandbox, count: int) -> tuple[list[float], float]:
    """Milliseconds of each journey, and seconds of all together. Raises AssertionError for a strange message."""
    client = Client(sandbox.port)
    person = (await list_people(client))[0]
    worlds = [f"own-{number}" for number in range(count)]
    for world in worlds:
        await client.ask("/control/graphql", CREATE, input={"id": world, "ttl": TTL})

    async def walk(world: str) -> float:
        own, began = Client(sandbox.port), time.perf_counter()
        await sign_up(own, Walk(world, person))
        own.close()
        return (time.perf_counter() - began) * 1000

    began = time.perf_counter()
    times = await asyncio.gather(*(walk(world) for world in worlds))
    together_s = time.perf_counter() - began
    seen: set[str] = set()
    for world in worlds:
        seen |= await check_inbox(client, world, person)
    assert len(seen) == count, "two worlds share a link"
    main = (await client.ask("/control/graphql", INBOX))["messages"]
    assert main["totalCount"] == 0, f"{main['totalCount']} messages strayed to main"
    return times, together_s


async def check_inbox(client: Client, world: str, person: Person) -> set[str]:
    """The links in a world's inbox, which has one SMS and one mail, both to the person and for this world."""
    found = (await client.ask(f"/w/{world}/control/graphql", INBOX))["messages"]
    recipients = sorted(to for node in found["nodes"] for to in node["to"])
    assert recipients == sorted((person.phone, person.email)), f"{world}: {recipients}"
    links = {node["link"] for node in found["nodes"] if node["link"]}
    assert all(f"/w/{world}/" in link for link in links), f"{world}: a link leads elsewhere"
    return links


def main(arguments: Sequence[str] | None = None) -> None:
    """Print a table; exit code 1 when a message is in the wrong world."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=64)
    parser.add_argument("--profile", choices=("owasp", "cheap"), default="owasp")
    asked = parser.parse_args(arguments)
    with started(password_profile=asked.profile) as sandbox:
        times, together_s = run(sign_up_everywhere(sandbox, asked.worlds))
    print_table(f"{asked.worlds} worlds at once ({asked.profile})", {"journey ms": spread(times)})
    print(f"\nAll in {together_s:.2f} s; every message was in its own world.")


if __name__ == "__main__":
    main()
