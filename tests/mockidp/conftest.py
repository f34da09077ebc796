"""Fixtures: a provider with the realms that a test needs, in process or on a real socket."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tortoise.backends.base.executor import EXECUTOR_CACHE

from mockidp.models import ClientRow, opened, store_config
from tests.mockidp.running import Idp, free_listener, running


@pytest.fixture(scope="session")
async def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all its tables and no row, made once."""
    file = tmp_path_factory.mktemp("store") / "idp.sqlite3"
    async with opened(store_config(file)):
        pass
    return file


@pytest.fixture
def folder(empty_store: Path, tmp_path: Path) -> Path:
    """A folder with an empty database of the test's own."""
    shutil.copy(empty_store, tmp_path / "idp.sqlite3")
    return tmp_path


@pytest.fixture
async def idp(folder: Path) -> AsyncIterator[Idp]:
    """One realm, called in process."""
    async with running(folder) as provider:
        yield provider


@pytest.fixture
async def served(folder: Path) -> AsyncIterator[Idp]:
    """One realm on a real socket."""
    async with running(folder, listener=free_listener()) as provider:
        yield provider


@pytest.fixture
async def two_realms(folder: Path) -> AsyncIterator[Idp]:
    """The realms `main` and `a` in one database, on a real socket."""
    async with running(folder, names=("main", "a"), listener=free_listener()) as provider:
        yield provider


@pytest.fixture
async def other_client(idp: Idp) -> str:
    """A second public client with one exact address, beside the built-in ones."""
    await ClientRow.create(
        realm="main",
        client_id="other",
        redirect_uris=["https://app.example/cb"],
        post_logout_redirect_uris=["https://app.example/bye"],
        grants=["authorization_code"],
    )
    return "other"


@pytest.fixture
async def on_postgres(postgres_url: str, tmp_path: Path) -> AsyncIterator[Idp]:
    """One realm whose rows are in a real PostgreSQL, on a pool of connections."""
    store = store_config(tmp_path)
    url = urlsplit(postgres_url)
    host = parse_qs(url.query).get("host", [url.hostname or "localhost"])[0]
    store["connections"]["mockidp"] = {
        "engine": "tortoise.backends.asyncpg",
        "credentials": {
            "host": host,
            "port": url.port or 5432,
            "user": url.username,
            "password": url.password or "",
            "database": url.path.lstrip("/"),
            "minsize": 1,
            "maxsize": 8,
        },
    }
    # The ORM keeps the text of its statements by alias; those made for SQLite would not do here.
    EXECUTOR_CACHE.clear()
    async with running(tmp_path, store=store) as provider:
        yield provider
    EXECUTOR_CACHE.clear()
