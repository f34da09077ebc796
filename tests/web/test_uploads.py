"""Uploads from the outside: the multipart rules, what is kept of a file, and that its owner reads the same bytes."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from gateway.domain.claim_document import MAX_UPLOAD_BYTES
from gateway.services import clock, session
from gateway.settings import Settings
from gateway.web.app import create_app
from schema.execution import Executor
from schema.member.root import build
from tests.domain.test_document_content import jpeg, pdf, png
from tests.schema.asking import Asking
from tests.schema.toy import make_toy
from tests.services.journey import LARAS, UCOK
from tests.services.staged import StagedWorld, kept
from tests.web.test_downloads import OneWorld

UPLOAD = """mutation($file: Upload!) { uploadDocument(input: {kind: KTP, file: $file}) {
  document { id kind fileName contentType size sha256 expiresAt download { url expiresInSeconds } }
  errors { __typename code field } } }"""
OPERATION = json.dumps({"query": UPLOAD, "variables": {"file": None}})
MAP = json.dumps({"f": ["variables.file"]})
ALLOWED = {"graphql-require-preflight": "1", "accept-language": "en"}

Part = tuple[str, tuple[str | None, bytes]]


@pytest.fixture
async def client(world: StagedWorld) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(
        OneWorld(world),  # type: ignore[arg-type]  # it has what the edge asks for
        Executor(build()),
        make_toy(),
        mounts={},
        settings=Settings(_env_file=None),
        viewer_of=session.viewer_of,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8400") as made:
        yield made


def parts(content: bytes, name: str = "ktp.png", operation: str = OPERATION, places: str = MAP) -> list[Part]:
    """A body as the specification has it."""
    return [("operations", (None, operation.encode())), ("map", (None, places.encode())), ("f", (name, content))]


async def send(
    client: httpx.AsyncClient, body: Sequence[Part], token: str | None = None, headers: Mapping[str, str] = ALLOWED
) -> httpx.Response:
    signed = {"authorization": f"Bearer {token}"} if token else {}
    return await client.post("/graphql", files=body, headers={**headers, **signed})


async def uploaded(client: httpx.AsyncClient, body: Sequence[Part], token: str) -> dict[str, Any]:
    answer = await send(client, body, token)
    assert answer.status_code == 200
    payload: dict[str, Any] = answer.json()["data"]["uploadDocument"]
    return payload


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (png(), "ktp.png", "image/png"),
        (jpeg(), "a script.exe", "image/jpeg"),
        (pdf(b"/Note (" + b"x" * 700_000 + b")"), "kartu keluarga é.pdf", "application/pdf"),
    ],
    ids=["png", "jpeg", "pdf"],
)
async def test_a_file_is_kept_and_its_owner_reads_the_same_bytes(
    world: StagedWorld, client: httpx.AsyncClient, content: bytes, name: str, kind: str
) -> None:
    token = await Asking(world).token_of(LARAS.email)

    payload = await uploaded(client, parts(content, name), token)

    found = payload["document"]
    assert payload["errors"] == []
    assert (found["fileName"], found["contentType"], found["size"]) == (name, kind, len(content))
    assert found["sha256"] == hashlib.sha256(content).hexdigest()
    assert found["expiresAt"] == "2026-11-30T05:00:00Z"
    link = urlsplit(found["download"]["url"])
    read = await client.get(f"{link.path}?{link.query}")
    assert (read.status_code, read.content) == (200, content)
    assert (read.headers["content-type"], read.headers["content-length"]) == (kind, str(len(content)))
    assert read.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert (read.headers["x-content-type-options"], read.headers["cache-control"]) == ("nosniff", "no-store")
    world.clock.advance(timedelta(minutes=5, microseconds=1))
    assert (await client.get(f"{link.path}?{link.query}")).status_code == 404


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"#!/bin/sh", "DOCUMENT_TYPE_NOT_ALLOWED"),
        (pdf(b"/OpenAction << /S /JavaScript >>"), "DOCUMENT_TYPE_NOT_ALLOWED"),
        (png(20_000, 20_000), "DOCUMENT_TYPE_NOT_ALLOWED"),
        (b"", "REQUIRED"),
        (png() + bytes(MAX_UPLOAD_BYTES), "DOCUMENT_TOO_LARGE"),
    ],
    ids=["script", "active pdf", "bomb", "empty", "large"],
)
async def test_a_file_that_is_not_taken_leaves_nothing(
    world: StagedWorld, client: httpx.AsyncClient, content: bytes, code: str
) -> None:
    token = await Asking(world).token_of(LARAS.email)
    before = await kept(world)

    payload = await uploaded(client, parts(content, "ktp.pdf"), token)

    assert payload == {"document": None, "errors": [{"__typename": "FieldError", "code": code, "field": ["file"]}]}
    assert await kept(world) == before


async def test_six_megabytes_to_the_byte_are_taken(world: StagedWorld, client: httpx.AsyncClient) -> None:
    token = await Asking(world).token_of(LARAS.email)
    shell = len(pdf(b"/Note ()"))
    content = pdf(b"/Note (" + b"x" * (MAX_UPLOAD_BYTES - shell) + b")")

    payload = await uploaded(client, parts(content, "ktp.pdf"), token)

    assert (payload["document"]["size"], payload["errors"]) == (MAX_UPLOAD_BYTES, [])


async def test_without_a_session_nothing_is_kept(world: StagedWorld, client: httpx.AsyncClient) -> None:
    before = await kept(world)

    answer = await send(client, parts(png()))

    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["UNAUTHENTICATED"]
    assert await kept(world) == before


async def test_a_body_without_our_header_is_refused(world: StagedWorld, client: httpx.AsyncClient) -> None:
    token = await Asking(world).token_of(LARAS.email)

    answer = await send(client, parts(png()), token, headers={})

    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_USER_INPUT")


OPERATIONS, PLACES, FILE = parts(png())


@pytest.mark.parametrize(
    "body",
    [
        [FILE, OPERATIONS, PLACES],
        [PLACES, FILE],
        [OPERATIONS, PLACES],
        [OPERATIONS, OPERATIONS, PLACES, FILE],
        [OPERATIONS, PLACES, FILE, FILE],
        [OPERATIONS, PLACES, FILE, ("g", ("b.png", png()))],
        parts(png(), operation=f"[{OPERATION}]"),
        parts(png(), places='{"f": []}'),
        parts(png(), places='{"f": "variables.file"}'),
        parts(png(), places='{"f": ["variables.other"]}'),
        parts(png(), places='{"f": ["query"]}'),
        parts(png(), places='{"f": ["variables.file.deeper"]}'),
        parts(png(), places='{"f": ["variables.file", "variables.file"]}'),
        parts(png(), places="[]"),
        parts(png(), places="{"),
        parts(png(), operation="{"),
    ],
)
async def test_a_body_that_breaks_the_specification_is_refused(
    world: StagedWorld, client: httpx.AsyncClient, body: list[Part]
) -> None:
    token = await Asking(world).token_of(LARAS.email)
    before = await kept(world)

    answer = await send(client, body, token)

    assert (answer.status_code, answer.json()["code"]) == (400, "BAD_USER_INPUT")
    assert await kept(world) == before


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("multipart/form-data", b"", 400),
        ("multipart/form-data; boundary=" + "x" * 71, b"", 400),
        ("multipart/form-data; boundary=x", b"no boundary", 400),
        ("multipart/form-data; boundary=x", b"--x\r\nbroken", 400),
        ("multipart/form-data; boundary=x", b"--x\r\n" + b"a" * 5_000 + b": b\r\n\r\n", 400),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n' + b"a" * 200_000,
            413,
        ),
        ("multipart/form-data; boundary=x", bytes(33 * 1024 * 1024), 413),
    ],
)
async def test_a_broken_body_is_refused(client: httpx.AsyncClient, kind: str, content: bytes, status: int) -> None:
    answer = await client.post("/graphql", content=content, headers={**ALLOWED, "content-type": kind})

    assert answer.status_code == status


async def test_a_file_cannot_be_put_where_no_file_is_wanted(world: StagedWorld, client: httpx.AsyncClient) -> None:
    token = await Asking(world).token_of(LARAS.email)
    query = "mutation($k: String!) { linkMembership(input: {kpj: $k}) { errors { code } } }"
    body = parts(
        png(), operation=json.dumps({"query": query, "variables": {"k": None}}), places='{"f": ["variables.k"]}'
    )

    answer = await send(client, body, token)

    assert [error["extensions"]["code"] for error in answer.json()["errors"]] == ["BAD_USER_INPUT"]


async def test_a_text_is_no_file(world: StagedWorld) -> None:
    api = Asking(world)

    answer = await api.ask(UPLOAD, await api.token_of(LARAS.email), file="x")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_a_document_is_found_by_its_owner_alone(world: StagedWorld, client: httpx.AsyncClient) -> None:
    api = Asking(world)
    owner, other = await api.token_of(LARAS.email), await api.token_of(UCOK.email)
    found = (await uploaded(client, parts(png()), owner))["document"]
    node = "query($id: ID!) { node(id: $id) { ... on Document { fileName } } }"

    assert (await api.data(node, owner, id=found["id"]))["node"] == {"fileName": "ktp.png"}
    answer = await api.ask(node, other, id=found["id"])
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["NOT_FOUND"]


async def test_what_no_claim_uses_is_thrown_away_after_seven_days(
    world: StagedWorld, client: httpx.AsyncClient
) -> None:
    token = await Asking(world).token_of(LARAS.email)
    await uploaded(client, parts(png()), token)

    done = await clock.advance(world, by=timedelta(days=7))

    assert [line for line in done if line.startswith("document.")] == ["document.expired 1"]
    tables = await kept(world)
    assert (tables["DocumentRow"], tables["DocumentPartRow"]) == ([], [])
