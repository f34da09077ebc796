"""A whole sandbox on real sockets: HTTP, SMTP and SMS over HTTP, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from gateway.sandbox.serve import Running, running
from gateway.settings import Settings
from tests.conftest import new_database
from tests.e2e.journey import Journey

CREATE = "mutation($input: CreateWorldInput) { createWorld(input: $input) { id urls { graphql control } } }"
Start = Callable[..., Awaitable[Running]]


def make_settings(data: Path, **values: object) -> Settings:
    """Free ports, a folder of the test's own, and hashes that cost little."""
    fixed: dict[str, object] = {"port": 0, "smtp_port": 0, "data": data, "password_profile": "cheap", "seed": 7}
    return Settings.model_validate(fixed | values)


def read(path: Path) -> str:
    """A file of the test; named, so that async tests may read one."""
    return path.read_text()


@pytest.fixture(scope="session")
async def lite(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Running]:
    """A started sandbox on SQLite that all tests of a process share, each in worlds of its own."""
    async with running(make_settings(tmp_path_factory.mktemp("sandbox"))) as started:
        yield started


@pytest.fixture(scope="session")
async def on_postgres(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> AsyncIterator[Running]:
    """The same on a real PostgreSQL server."""
    async with new_database(postgres_server) as url:
        settings = make_settings(tmp_path_factory.mktemp("sandbox"), database_url=url)
        async with running(settings) as started:
            yield started


@pytest.fixture(params=["lite", pytest.param("on_postgres", marks=pytest.mark.postgres)])
def sandbox(request: pytest.FixtureRequest) -> Running:
    """A started sandbox, on each kind of database in turn."""
    started: Running = request.getfixturevalue(request.param)
    return started


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """Starts a sandbox of the test's own, with the settings that it names; stopped at the end of the test."""
    async with AsyncExitStack() as stack:

        async def begin(**values: object) -> Running:
            return await stack.enter_async_context(running(make_settings(tmp_path / "data", **values)))

        yield begin


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A plain HTTP client that keeps nothing from one test to the next."""
    async with open_client() as client:
        yield client


@asynccontextmanager
async def open_client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of loopback addresses; certificates, which it never meets, are not loaded."""
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(timeout=30, trust_env=False, verify=False, limits=limits) as client:
        yield client


async def new_world(http: httpx.AsyncClient, started: Running, **wanted: object) -> Journey:
    """Budi in a world of the test's own."""
    main = Journey(http, started.line["graphql"], started.line["control"])
    urls = (await main.command(CREATE, {"input": wanted}))["createWorld"]["urls"]
    return Journey(http, urls["graphql"], urls["control"])


@pytest.fixture
async def budi(lite: Running, http: httpx.AsyncClient) -> Journey:
    """Budi in a world of the test's own, on SQLite."""
    return await new_world(http, lite)
