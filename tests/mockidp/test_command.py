"""`python -m mockidp` as a process: its ready line, its end, and what it says when it cannot start."""

import asyncio
import json
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest


@asynccontextmanager
async def started(*flags: str) -> AsyncIterator[Process]:
    """Run the command; whatever happens, nothing is left running."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "mockidp", *flags, stdout=PIPE, stderr=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.e2e
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_server_says_where_it_is_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    flags = ("--port", "0", "--data", str(tmp_path / "new"), "--realm", "b")
    async with started(*flags) as process, httpx.AsyncClient() as client:
        assert process.stdout
        ready = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
        assert (ready["event"], ready["realms"], ready["pid"]) == ("ready", ["main", "b"], process.pid)
        found = await client.get(f"{ready['issuer']}/w/b/.well-known/openid-configuration")
        assert found.json()["issuer"] == f"{ready['issuer']}/w/b"
        asked_at = time.monotonic()
        process.send_signal(number)
        out, err = await asyncio.wait_for(process.communicate(), 10)
        assert time.monotonic() - asked_at < 2
        assert (process.returncode, out, err) == (0, b"", b"")


@pytest.mark.e2e
async def test_busy_port_or_bad_folder_is_one_sentence_and_code_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "mockidp.sqlite3").write_text("this is no database, not even a small one")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        busy = str(taken.getsockname()[1])
        for flags in (
            ("--port", busy, "--data", str(tmp_path)),
            ("--port", "0", "--data", str(tmp_path / "file")),
            ("--port", "0", "--data", str(tmp_path / "broken")),
        ):
            async with started(*flags) as process:
                out, err = await asyncio.wait_for(process.communicate(), 20)
            assert (process.returncode, out) == (2, b"")
            assert err.startswith(b"mockidp cannot start: ")
            assert err.count(b"\n") == 1
