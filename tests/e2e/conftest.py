"""A whole sandbox on real sockets: HTTP, SMTP and SMS over HTTP, on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from gateway.sandbox.serve import Running, running
from gateway.settings import Settings
from tests.e2e.journey import Journey


def make_settings(data: Path, database_url: str | None = None, **values: object) -> Settings:
    """Free ports, a folder of the test's own, and hashes that cost little."""
    fixed: dict[str, object] = {
        "port": 0,
        "smtp_port": 0,
        "data": data,
        "database_url": database_url,
        "password_profile": "cheap",
        "seed": 7,
    }
    return Settings.model_validate(fixed | values)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """None for SQLite files, an address for PostgreSQL."""
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
async def sandbox(tmp_path: Path, database_url: str | None) -> AsyncIterator[Running]:
    """A started sandbox."""
    async with running(make_settings(tmp_path, database_url)) as started:
        yield started


@pytest.fixture
async def lite(tmp_path: Path) -> AsyncIterator[Running]:
    """A started sandbox on SQLite, where the database makes no difference."""
    async with running(make_settings(tmp_path)) as started:
        yield started


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """A plain HTTP client."""
    async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
        yield client


@pytest.fixture
def journey(lite: Running, http: httpx.AsyncClient) -> Journey:
    """The sign-up of Budi in world main."""
    return Journey(http, lite.line["graphql"], lite.line["control"])
