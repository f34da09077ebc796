"""World main for the services' tests, on both engines: seeded once per run, copied for each test."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from gateway.adapters.passwords import CHEAP, Argon2PasswordHasher
from tests.services.staged import StagedWorld, copied_database, database_numbers, persona_hashes, seal, stage


@pytest.fixture(scope="session")
def passwords() -> Iterator[Argon2PasswordHasher]:
    """A hasher that takes no time to speak of."""
    hasher = Argon2PasswordHasher(CHEAP, threads=2)
    yield hasher
    hasher.close()


@pytest.fixture(scope="session")
async def sealed_files(passwords: Argon2PasswordHasher, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with world main, closed."""
    folder = tmp_path_factory.mktemp("sealed")
    await seal(folder, None, await persona_hashes(passwords))
    return folder


@pytest.fixture(scope="session")
async def sealed_postgres(
    passwords: Argon2PasswordHasher, postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The address of a PostgreSQL database with world main, to which nobody is connected."""
    import asyncpg

    name = f"sealed_{os.getpid()}_{next(database_numbers)}"
    admin = await asyncpg.connect(postgres_server)
    try:
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 STRATEGY file_copy')
    finally:
        await admin.close()
    url = postgres_server.replace("/postgres?", f"/{name}?")
    await seal(tmp_path_factory.mktemp("unused"), url, await persona_hashes(passwords))
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def sealed(request: pytest.FixtureRequest) -> Path | str:
    """Where the sealed world is: a folder, or the address of a PostgreSQL database."""
    sealed_world: Path | str = request.getfixturevalue(
        "sealed_postgres" if request.param == "postgres" else "sealed_files"
    )
    return sealed_world


@pytest.fixture
async def world(sealed: Path | str, passwords: Argon2PasswordHasher, tmp_path: Path) -> AsyncIterator[StagedWorld]:
    """World main at its start, open."""
    async with copied_database(sealed, tmp_path / "data") as database:
        yield stage(await database.open_world("main"), passwords)
