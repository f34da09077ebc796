"""Files behind signed addresses: served without a session, inert, and with one answer for whatever is wrong."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import pytest

from gateway.domain.card import CardFormat
from gateway.domain.problem import Rejected
from gateway.services import card, member
from gateway.settings import Settings
from gateway.web.app import create_app
from tests.schema.toy import make_toy
from tests.services.journey import UCOK
from tests.services.staged import StagedWorld


class OneWorld:
    """The worlds of a process that has one."""

    def __init__(self, world: StagedWorld) -> None:
        self._world = world

    @asynccontextmanager
    async def using(self, world_id: str) -> AsyncIterator[StagedWorld]:
        if world_id != self._world.id:
            raise Rejected("NOT_FOUND", "world.not_found", params={"id": world_id})
        yield self._world


@pytest.fixture
async def client(world: StagedWorld) -> AsyncIterator[httpx.AsyncClient]:
    toy = make_toy()
    app = create_app(OneWorld(world), toy, toy, mounts={}, settings=Settings(_env_file=None))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8400") as made:
        yield made


async def address(world: StagedWorld, form: CardFormat = CardFormat.PDF) -> str:
    owner = await member.load(world, nik=UCOK.nik)
    (known,) = await card.list_cards(world, owner=owner)
    parts = urlsplit(card.download_url(world, known, form, "id").url)
    return f"{parts.path}?{parts.query}"


@pytest.mark.parametrize(
    ("form", "kind"),
    [(CardFormat.PDF, "application/pdf"), (CardFormat.PNG, "image/png"), (CardFormat.SVG, "image/svg+xml")],
)
async def test_card_is_served_without_a_header_and_inert(
    world: StagedWorld, client: httpx.AsyncClient, form: CardFormat, kind: str
) -> None:
    answer = await client.get(await address(world, form))

    assert (answer.status_code, answer.content) == (200, f"{form.value} of Ucok Reka".encode())
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"] == f'inline; filename="kartu-0008.{form.value.lower()}"'
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_head_has_no_body(world: StagedWorld, client: httpx.AsyncClient) -> None:
    answer = await client.head(await address(world))

    assert (answer.status_code, answer.content) == (200, b"")


async def test_ended_address_is_not_found(world: StagedWorld, client: httpx.AsyncClient) -> None:
    there = await address(world)
    world.clock.advance(timedelta(minutes=5, microseconds=1))

    answer = await client.get(there, headers={"accept-language": "en"})

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert answer.json()["message"] == "This address is not valid or has expired. Please ask for a new one."
    assert world.cards.painted == []


@pytest.mark.parametrize(
    "path",
    [
        "/berkas",
        "/berkas/",
        "/berkas/kartu",
        "/berkas/kartu?token=",
        "/berkas/kartu?token=a.b.c",
        "/berkas/kartu?token=" + "x" * 9_000,
        "/berkas/lain?token=a",
        "/berkas/kartu/../kartu?token=a",
    ],
)
async def test_whatever_is_wrong_is_not_found(world: StagedWorld, client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    assert world.cards.painted == []


async def test_nothing_can_be_posted(world: StagedWorld, client: httpx.AsyncClient) -> None:
    answer = await client.post(await address(world))

    assert (answer.status_code, world.cards.painted) == (404, [])
