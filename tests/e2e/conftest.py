"""A whole sandbox on real sockets: HTTP, SMTP and SMS over HTTP, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import new_database
from tests.e2e.journey import Journey
from tests.e2e.server import Server, launched

CREATE = "mutation($input: CreateWorldInput) { createWorld(input: $input) { id urls { graphql control } } }"
Start = Callable[..., Awaitable[Server]]


@pytest.fixture(scope="session")
async def lite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A started sandbox on SQLite that all tests of a test process share, each in worlds of its own."""
    async with launched(tmp_path_factory.mktemp("lite")) as server:
        yield server


@pytest.fixture(scope="session")
async def on_postgres(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> AsyncIterator[Server]:
    """The same on a real PostgreSQL server."""
    async with (
        new_database(postgres_server) as url,
        launched(tmp_path_factory.mktemp("postgres"), database_url=url) as server,
    ):
        yield server


@pytest.fixture(params=["lite", pytest.param("on_postgres", marks=pytest.mark.postgres)])
def sandbox(request: pytest.FixtureRequest) -> Server:
    """A started sandbox, on each kind of database in turn."""
    started: Server = request.getfixturevalue(request.param)
    return started


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts a sandbox of the test's own, with the flags and settings that it names."""
    async with AsyncExitStack() as stack:

        async def begin(*flags: str, **settings: object) -> Server:
            return await stack.enter_async_context(launched(tmp_path, *flags, **settings))

        yield begin


@asynccontextmanager
async def open_client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of loopback addresses; certificates, which it never meets, are not loaded."""
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(timeout=30, trust_env=False, verify=False, limits=limits) as client:
        yield client


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A plain HTTP client that keeps nothing from one test to the next."""
    async with open_client() as client:
        yield client


def at_main(http: httpx.AsyncClient, server: Server) -> Journey:
    """Budi in world main."""
    return Journey(http, server.line["graphql"], server.line["control"])


async def new_world(http: httpx.AsyncClient, server: Server, **wanted: object) -> Journey:
    """Budi in a world of the test's own."""
    urls = (await at_main(http, server).command(CREATE, {"input": wanted}))["createWorld"]["urls"]
    return Journey(http, urls["graphql"], urls["control"])


@pytest.fixture
async def budi(lite: Server, http: httpx.AsyncClient) -> Journey:
    """Budi in a world of the test's own, on SQLite."""
    return await new_world(http, lite)
