"""`up`: everything on one event loop, from two free ports to a clean stop."""

import asyncio
import contextlib
import ctypes
import gc
import os
import resource
import signal
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import structlog
import uvloop

from gateway.bootstrap import Addresses, Workshop, open_worlds
from gateway.models.store import StorageError
from gateway.portal.app import create_app as create_portal
from gateway.portal.provider import make_token_request
from gateway.sandbox.apps import simulator_apps
from gateway.sandbox.simulators import Simulators
from gateway.services.session import viewer_of
from gateway.settings import Settings
from gateway.web.app import create_app
from gateway.web.guard import Policy
from gateway.web.server import AddressUnusable, HttpServer, PortBusy, bind
from gateway.worlds import WorldRegistry
from mailsink import smtp
from mailsink.web import create_app as create_inbox
from mailsink.web import create_sms_app
from schema.control import root as control
from schema.execution import Executor
from schema.member import root as member

log = structlog.get_logger(__name__)

Ready = Callable[[dict[str, Any]], None]  # Any: the ready line is JSON


class CannotStart(Exception):
    """Something around the program keeps it from starting; the text is one sentence for a person."""


@dataclass(frozen=True, slots=True)
class Running:
    """A started sandbox: its worlds, and the line that says where it is."""

    worlds: WorldRegistry
    line: dict[str, Any]  # Any: JSON


def serve(settings: Settings, *, ephemeral: bool, ready: Ready) -> None:
    """Run until SIGINT or SIGTERM. `ready` gets the ready line once every port answers. Raises CannotStart."""
    _log_to_stderr(settings.log_level)
    _keep_big_blocks(False)
    with contextlib.ExitStack() as stack:
        if ephemeral:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="peserta-", ignore_cleanup_errors=True))
            settings = settings.model_copy(update={"data": Path(folder)})
        runner = stack.enter_context(asyncio.Runner(loop_factory=uvloop.new_event_loop))
        runner.run(_serve(settings, ready))


async def _serve(settings: Settings, ready: Ready) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        async with running(settings) as sandbox:
            ready(sandbox.line)
            _leave_start_behind()
            await stop.wait()
    except (StorageError, PortBusy, AddressUnusable) as trouble:
        raise CannotStart(str(trouble)) from None


@contextlib.asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Running]:
    """A sandbox that answers on its ports while inside, and is stopped cleanly at the end.

    Raises CannotStart, StorageError, PortBusy, AddressUnusable.
    """
    _check_exposure(settings)
    _check_origins(settings)
    _allow_many_files()
    async with contextlib.AsyncExitStack() as stack:
        http_socket = stack.enter_context(contextlib.closing(bind(settings.host, settings.port, "PESERTA_PORT")))
        smtp_socket = stack.enter_context(
            contextlib.closing(bind(settings.host, settings.smtp_port, "PESERTA_SMTP_PORT"))
        )
        addresses = _addresses(settings, http_socket, smtp_socket)
        simulators = Simulators(personas_shown=settings.control_token is None)
        workshop = Workshop(settings, addresses, simulators)
        stack.push_async_callback(workshop.close)
        workshop.begin()
        executors = Executor(member.build()), Executor(control.build())
        database, worlds = await open_worlds(settings, workshop, simulator_apps(), simulators.registry.become)
        stack.push_async_callback(database.close)
        stack.push_async_callback(worlds.close)
        stack.push_async_callback(simulators.close)
        token = settings.control_token.get_secret_value() if settings.control_token else None
        smtp_server = await smtp.serve(simulators.sink, sock=smtp_socket, token=token)
        stack.push_async_callback(smtp_server.close)
        server = HttpServer(_application(settings, worlds, simulators, workshop, *executors), http_socket)
        await server.start()
        stack.push_async_callback(server.stop)
        warming = asyncio.create_task(workshop.warm_up())
        stack.callback(warming.cancel)
        yield Running(worlds, _ready_line(addresses))


def _application(
    settings: Settings,
    worlds: WorldRegistry,
    simulators: Simulators,
    workshop: Workshop,
    member_executor: Executor,
    control_executor: Executor,
) -> Any:  # Any: an ASGI application
    pages = create_portal(
        member_executor,
        control_executor,
        worlds=worlds,
        viewer_of=viewer_of,
        token_request=make_token_request(workshop.ask_provider),
        show_personas=settings.control_token is None,
    )
    return create_app(
        worlds,
        member_executor,
        control_executor,
        mounts={
            "/idp": simulators.provider,
            # The edge has asked for the control token already, in more ways than the sink knows.
            "/inbox": create_inbox(simulators.sink, simulators.mailboxes),
            "/sms": create_sms_app(simulators.sink, simulators.mailboxes),
            "/": pages,
        },
        settings=settings,
        viewer_of=viewer_of,
    )


def _leave_start_behind() -> None:
    """What was made until now stays to the end, so the collector need not look at it: 0.1 s each time otherwise."""
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)  # a request makes thousands of short-lived objects; Python looks after each 700
    gc.enable()
    _keep_big_blocks(True)


def _keep_big_blocks(keep: bool) -> None:
    """Whether the C library keeps the 20 MB that a password hash has used, for the next one in that thread.

    While starting it does not: the personas' hashes would cost 40 MB for good. Afterwards keeping saves each hash a
    quarter of its time. Source: mallopt(3) of the GNU C library, M_MMAP_THRESHOLD and M_TRIM_THRESHOLD.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):  # another C library has no such thing
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(-3, 1 << (25 if keep else 20))
        mallopt(-1, 1 << (26 if keep else 20))


def _check_exposure(settings: Settings) -> None:
    """Anything but loopback needs a control token: the control side can read every code. Raises CannotStart."""
    try:
        local = settings.host == "localhost" or ip_address(settings.host.strip("[]")).is_loopback
    except ValueError:
        local = False
    if not local and settings.control_token is None:
        raise CannotStart(
            f"To listen on {settings.host}, set PESERTA_CONTROL_TOKEN first: "
            "whoever reaches the control side can read every code."
        )


def _check_origins(settings: Settings) -> None:
    """Raises CannotStart when a setting names an origin that is none."""
    try:
        Policy.of(settings)
    except ValueError as error:
        raise CannotStart(f"{error}.") from None


def _allow_many_files() -> None:
    """Each open world holds a few files; the limit is raised as far as we may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < hard:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _addresses(settings: Settings, http_socket: socket.socket, smtp_socket: socket.socket) -> Addresses:
    host = f"[{settings.host}]" if ":" in settings.host.strip("[]") else settings.host
    base = settings.public_url or f"http://{host}:{http_socket.getsockname()[1]}"
    return Addresses(base=base.rstrip("/"), smtp=f"{host}:{smtp_socket.getsockname()[1]}")


def _ready_line(addresses: Addresses) -> dict[str, Any]:  # Any: JSON
    urls = addresses.of("main")
    return {
        "event": "ready",
        "portal": urls.portal,
        "graphql": urls.graphql,
        "control": urls.control,
        "inbox": urls.inbox,
        "issuer": urls.issuer,
        "smtp": urls.smtp,
        "sms": urls.sms,
        "pid": os.getpid(),
        "startupMs": _milliseconds_since_start(),
    }


def _milliseconds_since_start() -> int:
    """Real milliseconds since this process began, the interpreter's own start included where the system tells it."""
    try:
        fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        began_s = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return int((time.clock_gettime(time.CLOCK_BOOTTIME) - began_s) * 1000)
    except (OSError, AttributeError, IndexError, ValueError):
        return int(time.process_time() * 1000)


def _log_to_stderr(level: str) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks if level == "debug" else structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
