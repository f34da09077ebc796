"""Sixty-four worlds sign the same person up at once; nothing of one is found in another."""

import asyncio

import httpx
import pytest

from tests.e2e.conftest import new_world
from tests.e2e.journey import Journey
from tests.e2e.server import Server

pytestmark = pytest.mark.e2e

WORLDS = 64
PEOPLE = ("budi", "siti", "andi")


async def live(http: httpx.AsyncClient, server: Server, number: int) -> tuple[str, Journey]:
    """A world with a seed of its own, and one person's whole way through it; the access token at its end."""
    world = await new_world(http, server, seed=number)
    person = world.of(PEOPLE[number % len(PEOPLE)])
    await person.sign_up()
    return await person.access(), person


async def test_sixty_four_sign_ups_at_once_never_meet(lite: Server, http: httpx.AsyncClient) -> None:
    lives = await asyncio.gather(*(live(http, lite, number) for number in range(WORLDS)))

    links = set()
    for number, (token, person) in enumerate(lives):
        inbox = await person.inbox()
        links |= {message["link"] for message in inbox if message["link"]}
        assert [message["kind"] for message in inbox] == ["ACTIVATION", "OTP"]
        assert [message["to"] for message in inbox] == [[person.form["email"]], [person.form["phone"]]]
        assert all(message["link"] is None or f"/{_world(person)}/" in message["link"] for message in inbox)
        viewer = (await person.view(token))["data"]["viewer"]
        assert viewer["account"]["kpj"] == person.form["kpj"]
        neighbour = lives[(number + 1) % WORLDS][1]
        crossed = await neighbour.view(token)
        assert crossed["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED", "reason": "INVALID"}
    assert len(links) == WORLDS


async def test_in_each_world_only_its_own_person_has_an_account(lite: Server, http: httpx.AsyncClient) -> None:
    lives = await asyncio.gather(*(live(http, lite, number) for number in range(6)))

    asked = "{ world { personas { key stage } } }"
    for _, person in lives:
        people = (await person.command(asked))["world"]["personas"]
        active = {one["key"] for one in people if one["stage"] == "ACTIVE"}
        key = person.form["email"].split("@")[0]
        assert active == {key, "ucok", "laras", "yohana"}


def _world(person: Journey) -> str:
    return person.graphql.split("/")[-2]
