"""Databases for the storage's tests: the same tests run on both engines."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from gateway.models.store import Database

OpenDatabase = Callable[..., Awaitable[Database]]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """Where a Database keeps its worlds, as arguments of Database.open."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else None
    return {"data": tmp_path / "data", "url": url, "pool_size": 4}


@pytest.fixture
async def open_database(place: dict[str, Any]) -> AsyncIterator[OpenDatabase]:
    """Opens a Database at the test's place; whatever the test leaves open is closed."""
    async with AsyncExitStack() as stack:

        async def open_here(**hooks: Any) -> Database:
            database = await Database.open(**{**place, **hooks})
            stack.push_async_callback(database.close)
            return database

        yield open_here


@pytest.fixture
async def database(open_database: OpenDatabase) -> Database:
    """An open Database without seed."""
    return await open_database()
