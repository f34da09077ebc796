"""A provider on a real socket, in the test's own loop, with a clock that only a test moves."""

import asyncio
import base64
import hashlib
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import uvicorn

from mockidp.alone import AloneHost, AloneRealm, make_host
from mockidp.app import Provider, create_app
from mockidp.front import Front
from mockidp.models import CodeRow, RefreshTokenRow, SessionRow, opened, store_config
from mockidp.sessions import Sessions

VERIFIER = "a-verifier-of-forty-three-characters-or-more-0"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "http://localhost:5173/callback"
START = datetime(2031, 5, 6, 7, 8, 9, 250_000, tzinfo=UTC)


@dataclass(slots=True)
class FixedClock:
    """Stands still until a test moves it."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass(frozen=True, slots=True)
class RecordingRealm(AloneRealm):
    """Remembers which sessions it was told are over."""

    told: list[str] = field(default_factory=list)

    def revoked(self, session_ids: Sequence[str]) -> None:
        self.told.extend(session_ids)


class TestServer(uvicorn.Server):
    """Says when it listens, and leaves the signals to pytest."""

    __test__ = False

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    def capture_signals(self) -> nullcontext[None]:
        return nullcontext()


@dataclass(slots=True)
class Idp:
    """A running provider and a browser in front of it."""

    url: str
    host: AloneHost
    provider: Provider
    sessions: Sessions
    clock: FixedClock
    browser: httpx.AsyncClient

    @property
    def realm(self) -> RecordingRealm:
        realm = self.host.realms["main"]
        assert isinstance(realm, RecordingRealm)
        return realm

    def request(self, **changes: str | None) -> dict[str, str]:
        """A correct authorization request, with changes; None leaves a parameter out."""
        values: dict[str, str | None] = {
            "client_id": "dev",
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid profile email phone member",
            "state": "st-1",
            "nonce": "no-1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in values.items() if value is not None}

    async def authorize(self, **changes: str | None) -> httpx.Response:
        return await self.browser.get("/authorize", params=self.request(**changes))

    async def submit(self, page: httpx.Response, **fields: str) -> httpx.Response:
        """Send the first form of a page with more fields."""
        action = re.search(r'action="([^"]+)"', page.text)
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        assert action
        carried = {name: unescape(value) for name, value in hidden}
        return await self.browser.post(unescape(action[1]), data={**carried, **fields})

    async def code(self, *, persona: str = "sari", **changes: str | None) -> str:
        """Sign a persona in by one click and return the code."""
        page = await self.authorize(**changes)
        back = await self.submit(page, persona=persona)
        return sent_back(back)["code"]

    async def redeem(self, code: str, **changes: str | None) -> httpx.Response:
        values = {
            "grant_type": "authorization_code",
            "client_id": "dev",
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            **changes,
        }
        return await self.post("/token", **values)

    async def refresh(self, token: str, **changes: str | None) -> httpx.Response:
        values = {"grant_type": "refresh_token", "client_id": "dev", "refresh_token": token, **changes}
        return await self.post("/token", **values)

    async def post(self, path: str, **values: str | None) -> httpx.Response:
        data = {name: value for name, value in values.items() if value is not None}
        return await self.browser.post(path, data=data)

    async def userinfo(self, access_token: str) -> httpx.Response:
        return await self.browser.get("/userinfo", headers={"Authorization": f"Bearer {access_token}"})

    async def tokens(self, **changes: str | None) -> dict[str, Any]:
        """Walk the whole flow and return the token answer."""
        answer = await self.redeem(await self.code(**changes))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens


def sent_back(response: httpx.Response) -> dict[str, str]:
    """The parameters with which the browser was sent back to the client."""
    assert response.status_code == 303, response.text
    query = parse_qs(urlsplit(response.headers["location"]).query, keep_blank_values=True)
    return {name: values[0] for name, values in query.items()}


async def counted() -> dict[str, int]:
    """How many rows there are of everything that can be issued."""
    rows = {"sessions": SessionRow, "codes": CodeRow, "refresh": RefreshTokenRow}
    return {name: await row.all().count() for name, row in rows.items()}


@asynccontextmanager
async def on_socket(app: Front, listener: socket.socket) -> AsyncIterator[None]:
    """Serve on a real socket until the end of the block."""
    config = uvicorn.Config(app, lifespan="off", ws="none", log_level="debug", timeout_graceful_shutdown=1)
    server = TestServer(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await asyncio.wait_for(server.ready.wait(), 10)
    yield
    server.should_exit = True
    await serving


@asynccontextmanager
async def running(
    folder: Path,
    *,
    names: Sequence[str] = ("main",),
    one_click: bool = True,
    clock: FixedClock | None = None,
    listener: socket.socket | None = None,
    store: dict[str, Any] | None = None,
) -> AsyncIterator[Idp]:
    """Run realms from `store`, or the file in `folder`; without a listener the browser calls in process."""
    clock = clock or FixedClock()
    url = f"http://127.0.0.1:{listener.getsockname()[1] if listener else 8401}"
    values: dict[str, Any] = {"names": names, "one_click": one_click, "portal_urls": (url,)}
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(opened(store or store_config(folder / "idp.sqlite3")))
        host = make_host(url, clock=clock, **values)
        for name, realm in host.realms.items():
            slots = {slot: getattr(realm, slot) for slot in AloneRealm.__slots__}
            host.realms[name] = RecordingRealm(**slots)
        provider = create_app(host)
        app = Front(provider, [])
        transport = None if listener else httpx.ASGITransport(app)
        if listener:
            await stack.enter_async_context(on_socket(app, listener))
        browser = await stack.enter_async_context(httpx.AsyncClient(base_url=url, transport=transport))
        yield Idp(url, host, provider, Sessions(provider), clock, browser)


def free_listener() -> socket.socket:
    """A socket bound to a free port of this machine."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    return listener
