"""`python -m mailsink`: SMTP, the SMS gateway and the inbox on one event loop, until SIGTERM or SIGINT."""

import argparse
import asyncio
import contextlib
import ipaddress
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from uvicorn.loops.auto import auto_loop_factory

from mailsink.access import LOCAL_NAMES
from mailsink.alone import AloneHost, create_alone_app
from mailsink.errors import StoreUnavailable
from mailsink.sink import Sink
from mailsink.smtp import serve

STOP_S = 1


class _Server(uvicorn.Server):
    """A web server that leaves the signals to this program and tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen."""
        await super().startup(sockets)
        self.ready.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Change nothing."""
        yield


def main(arguments: list[str] | None = None) -> int:
    """Run the sink; 0 when it was asked to end, 2 when it could not start."""
    started = time.monotonic()
    options = _options(arguments)
    if not _is_loopback(options.host) and not options.token:
        return _complain(f"{options.host} can be reached from other machines: give --token, or bind 127.0.0.1.")
    try:
        options.data.mkdir(parents=True, exist_ok=True)
        with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(_run(options, started))
    except (OSError, StoreUnavailable) as error:
        return _complain(f"mailsink could not start: {error}")
    return 0


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mailsink", description="Catches mail and SMS, for tests. Simulation only.")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8025, help="port of inbox and SMS gateway, 0 for a free one")
    parser.add_argument("--smtp-port", type=int, default=1025, help="port of SMTP, 0 for a free one")
    parser.add_argument("--data", type=Path, default=Path(".mailsink"), help="folder of the SQLite file")
    parser.add_argument("--token", help="control token, needed on any address but loopback")
    return parser.parse_args(arguments)


async def _run(options: argparse.Namespace, started: float) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with contextlib.AsyncExitStack() as stack:
        listener = stack.enter_context(_listen(options.host, options.port))
        smtp_listener = stack.enter_context(_listen(options.host, options.smtp_port))
        url = f"http://{_address(listener)}"
        host = await AloneHost.open(options.data, url)
        stack.push_async_callback(host.close)
        sink = Sink(host)
        stack.push_async_callback(sink.close)
        smtp = await serve(sink, sock=smtp_listener, token=options.token)
        stack.push_async_callback(smtp.close)
        app = create_alone_app(sink, host, token=options.token, names=LOCAL_NAMES | {options.host})
        config = uvicorn.Config(
            app, lifespan="off", log_level="warning", access_log=False, ws="none", timeout_graceful_shutdown=STOP_S
        )
        server = _Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await server.ready.wait()
        _announce(url, smtp.address, started)
        await stop.wait()
        server.should_exit = True
        await serving


def _announce(url: str, smtp: str, started: float) -> None:
    ready = {
        "event": "ready",
        "inbox": f"{url}/",
        "smtp": smtp,
        "sms": f"{url}/sms",
        "pid": os.getpid(),
        "startupMs": round((time.monotonic() - started) * 1000),
    }
    sys.stdout.write(json.dumps(ready) + "\n")
    sys.stdout.flush()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=256)


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _complain(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
