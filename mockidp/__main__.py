"""Runs the provider alone: `python -m mockidp`. It reads its flags and nothing else."""

import argparse
import asyncio
import json
import logging
import os
import re
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import uvicorn

from mockidp import logins
from mockidp.alone import MAIN, AloneHost, RealClock, make_host
from mockidp.app import create_app
from mockidp.front import Front
from mockidp.models import opened, store_config

SWEEP_EVERY_S = 3600.0
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def read_flags(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser("mockidp", description="A mock OpenID provider with fictitious people.")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind; default 127.0.0.1")
    parser.add_argument("--port", type=int, default=8401, help="port to bind, 0 for a free one; default 8401")
    parser.add_argument("--data", type=Path, default=Path("mockidp-data"), help="folder of the database")
    parser.add_argument("--realm", action="append", default=[], type=realm_name, help="one more issuer at /w/REALM")
    return parser.parse_args(arguments)


def realm_name(text: str) -> str:
    """Read the name of a realm. Raises ArgumentTypeError."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", text):
        raise argparse.ArgumentTypeError("a realm name is 1 to 32 of a-z, 0-9 and -, not starting with -")
    return text


def bound_socket(host: str, port: int) -> socket.socket:
    """Bind the listening socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


class Server(uvicorn.Server):
    """A server whose signals are handled by the caller; `ready` is set when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        self.ready.set()

    def capture_signals(self) -> nullcontext[None]:  # type: ignore[override]  # any context manager will do
        """Leave the signals alone."""
        return nullcontext()


async def sweep_until(stop: asyncio.Event, host: AloneHost) -> None:
    """Delete rows whose time is over, now and every hour."""
    while not stop.is_set():
        for realm in host.realms.values():
            await logins.sweep(realm)
        try:
            await asyncio.wait_for(stop.wait(), SWEEP_EVERY_S)
        except TimeoutError:
            continue


async def serve(flags: argparse.Namespace, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT, after one line of JSON that says where."""
    port = listener.getsockname()[1]
    name = f"[{flags.host}]" if ":" in flags.host else flags.host
    base_url = f"http://{name}:{port}"
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    one_click = flags.host in LOOPBACK
    names = tuple(dict.fromkeys([MAIN, *flags.realm]))
    file = flags.data / "mockidp.sqlite3"
    host = make_host(base_url, clock=RealClock(), names=names, one_click=one_click)
    async with opened(store_config(file)):
        config = uvicorn.Config(
            Front(create_app(host), [flags.host]),
            lifespan="off",
            ws="none",
            log_level="warning",
            access_log=False,  # An address may hold an id_token_hint.
            timeout_graceful_shutdown=1,
        )
        server = Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        sweeping = asyncio.create_task(sweep_until(stop, host))
        await server.ready.wait()
        ready = {"event": "ready", "issuer": base_url, "realms": list(names), "pid": os.getpid()}
        print(json.dumps(ready), flush=True)  # noqa: T201  # the one line that callers wait for
        await stop.wait()
        server.should_exit = True
        await asyncio.gather(serving, sweeping)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the provider; 2 when it cannot start."""
    flags = read_flags(arguments)
    # The ORM's debug records would hold private keys.
    logging.getLogger("tortoise").setLevel(logging.WARNING)
    try:
        flags.data.mkdir(parents=True, exist_ok=True)
        listener = bound_socket(flags.host, flags.port)
        asyncio.run(serve(flags, listener))
    except (OSError, OverflowError) as failure:
        print(f"mockidp cannot start: {failure}", file=sys.stderr)  # noqa: T201  # there is no log yet
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
