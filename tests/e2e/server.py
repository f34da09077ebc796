"""`peserta up` as a process of its own, as a person starts it: real ports, real signals, nothing shared with tests."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_S = 60
STOP_S = 30
COMMAND = (sys.executable, "-m", "gateway.cli")


def environment(settings: Mapping[str, object]) -> dict[str, str]:
    """The process's own environment without any setting of ours, and then `settings`: hashes that cost little."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PESERTA_")}
    fixed: dict[str, object] = {"port": 0, "smtp_port": 0, "password_profile": "cheap", "seed": 7}
    given = {f"PESERTA_{name.upper()}": str(value) for name, value in {**fixed, **settings}.items()}
    return kept | given | {"NO_COLOR": "1", "TERM": "dumb", "PYTHONWARNINGS": "error"}


@dataclass(frozen=True, slots=True)
class Server:
    """A started server: its ready line, its process, and the file that takes what it complains about."""

    line: Mapping[str, Any]  # Any: JSON
    process: Process
    complaints: Path

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit code. Nothing happens to one that has ended."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for the end; the exit code. One that hangs is killed, which fails the test."""
        try:
            async with asyncio.timeout(STOP_S):
                return await self.process.wait()
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
            raise

    async def rest_of_stdout(self) -> str:
        """What it said after the ready line, once it has ended."""
        assert self.process.stdout is not None, "the pipe was asked for"
        return (await self.process.stdout.read()).decode()


def open_complaints(folder: Path) -> Any:  # Any: an open file
    """A file for stderr in the test's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return (folder / "stderr.txt").open("ab")


async def launch(folder: Path, *flags: str, **settings: object) -> Server:
    """Start a server in `folder` (its working directory, with its data below) and wait for its ready line."""
    with open_complaints(folder) as complaints:
        process = await asyncio.create_subprocess_exec(
            *COMMAND,
            *("up", "--json", *flags),
            cwd=folder,
            env=environment(settings),
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=complaints,
        )
    assert process.stdout is not None, "the pipe was asked for"
    async with asyncio.timeout(START_S):
        line = await process.stdout.readline()
    assert line, (folder / "stderr.txt").read_text()
    return Server(json.loads(line), process, folder / "stderr.txt")


@asynccontextmanager
async def launched(folder: Path, *flags: str, **settings: object) -> AsyncIterator[Server]:
    """A server while inside."""
    server = await launch(folder, *flags, **settings)
    try:
        yield server
    finally:
        await server.end()


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    complaints: str


async def run(folder: Path, *arguments: str, **settings: object) -> Said:
    """Run `peserta` with these arguments to its end."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *arguments, cwd=folder, env=environment(settings), stdin=DEVNULL, stdout=PIPE, stderr=PIPE
    )
    try:
        async with asyncio.timeout(START_S):
            out, complaints = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode is not None, "it has ended"
    return Said(process.returncode, out.decode(), complaints.decode())
