"""A portal whose operations answer from a script, and a browser without JavaScript that walks through it."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import httpx
from starlette.types import Receive, Scope, Send

from gateway.adapters.ids import SeededIds
from gateway.adapters.signer import WorldSigner
from gateway.domain.account import Viewer
from gateway.domain.policy import Policy
from gateway.portal.app import create_app
from gateway.portal.provider import ProviderFailed
from gateway.world import World, WorldUrls
from schema.context import Context
from schema.execution import Answer
from tests.fakes import FixedClock

BASE = "http://127.0.0.1:8400"
OPERATION = re.compile(r"(?:query|mutation) (\w+)")


@dataclass
class Call:
    name: str
    variables: Mapping[str, Any]
    token: str | None
    locale: str


@dataclass
class ScriptedExecutor:
    """Answers each operation with what the test put there: data, or an Answer with errors."""

    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    async def execute(self, document: str, variables: Mapping[str, Any] | None = None, *, context: Context) -> Answer:
        match = OPERATION.search(document)
        assert match is not None
        viewer = await context.viewer()
        self.calls.append(Call(match[1], dict(variables or {}), viewer.subject if viewer else None, context.locale))
        answer = self.answers[match[1]]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Answer) else Answer(answer)

    def names(self) -> list[str]:
        return [call.name for call in self.calls]


@dataclass
class ScriptedProvider:
    """Answers discovery like the world's provider, and the token endpoint with what the test put there."""

    issuer: str
    reply: tuple[int, Mapping[str, Any]] = (400, {"error": "invalid_grant"})
    discovery: Mapping[str, Any] | None = None
    reachable: bool = True
    posted: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)

    async def __call__(self, url: str, form: Mapping[str, str] | None) -> tuple[int, Mapping[str, Any]]:
        if not self.reachable:
            raise ProviderFailed("unreachable")
        if form is None:
            assert url == f"{self.issuer}/.well-known/openid-configuration"
            return 200, self.discovery or {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "end_session_endpoint": f"{self.issuer}/logout",
            }
        self.posted.append((url, form))
        return self.reply


class Browser:
    """Opens pages, keeps cookies, fills the page's form as it stands. Redirects are followed inside the portal."""

    def __init__(self, client: httpx.AsyncClient, prefix: str = "") -> None:
        self.client = client
        self.prefix = prefix
        self.page = ""
        self.response: httpx.Response = cast(Any, None)

    async def open(self, path: str, **headers: str) -> "Browser":
        return await self._take(await self.client.get(f"{self.prefix}{path}", headers=headers))

    async def submit(self, path: str, **values: str) -> "Browser":
        """Post to `path` with the page's own token, as its form would."""
        form = {"form_token": self.form_token(), **values}
        return await self._take(await self.client.post(f"{self.prefix}{path}", data=form))

    async def follow(self) -> "Browser":
        return await self._take(await self.client.get(self.response.headers["location"]))

    def form_token(self) -> str:
        match = re.search(r'name="form_token" value="([^"]+)"', self.page)
        assert match is not None, self.page
        return match[1]

    @property
    def at(self) -> str:
        """Where the answer is, or where it leads."""
        return self.response.headers.get("location", str(self.response.url).removeprefix(BASE))

    def shows(self, testid: str) -> bool:
        return f'data-testid="{testid}"' in self.page

    def text_of(self, testid: str) -> str:
        match = re.search(rf'<(\w+)[^>]*data-testid="{re.escape(testid)}"[^>]*>(.*?)</\1>', self.page, re.DOTALL)
        assert match is not None, f"{testid} is not on the page"
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", match[2])).split())

    def value_of(self, name: str) -> str:
        match = re.search(rf'<input id="{name}"[^>]*?value="([^"]*)"', self.page, re.DOTALL)
        assert match is not None, f"{name} has no value"
        return html.unescape(match[1])

    def focused(self) -> str | None:
        match = re.search(r'<input id="(\w+)"[^>]*autofocus', self.page)
        return match[1] if match else None

    async def _take(self, response: httpx.Response) -> "Browser":
        self.response, self.page = response, response.text
        return self


@dataclass
class Stage:
    """Everything a test of the portal plays with."""

    member: ScriptedExecutor
    control: ScriptedExecutor
    provider: ScriptedProvider
    clock: FixedClock
    world: World
    browser: Browser
    app: Any

    def browse(self, prefix: str = "") -> Browser:
        """Another browser, with no cookies."""
        return Browser(httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=BASE), prefix)


def make_world(world_id: str, clock: FixedClock) -> World:
    root = BASE if world_id == "main" else f"{BASE}/w/{world_id}"
    socket = root.replace("http", "ws")
    urls = WorldUrls(
        portal=root,
        graphql=f"{root}/graphql",
        subscriptions=f"{socket}/graphql",
        control=f"{root}/control/graphql",
        inbox=f"{root}/inbox",
        issuer=f"{root}/idp",
        smtp="127.0.0.1:2525",
        sms=f"{root}/sms",
    )
    given: dict[str, Any] = {
        "id": world_id,
        "seed": 1,
        "urls": urls,
        "limits": Policy(),
        "clock": clock,
        "ids": SeededIds(1, world_id, "11" * 32),
        "signer": WorldSigner("22" * 32, clock),
    }
    # The portal reaches nothing else of a world: it speaks GraphQL.
    return World(**dict.fromkeys((part.name for part in fields(World)), None) | given)


async def viewer_of(world: World, token: str) -> Viewer:
    return Viewer(subject=token, session_id="s1")


def build(world_id: str = "main", *, show_personas: bool = True) -> Stage:
    clock = FixedClock()
    world = make_world(world_id, clock)
    member, control = ScriptedExecutor(), ScriptedExecutor({"Personas": {"world": {"personas": PEOPLE}}})
    provider = ScriptedProvider(world.urls.issuer)
    portal = create_app(
        member,
        control,
        worlds=cast(Any, None),
        viewer_of=viewer_of,
        token_request=provider,
        show_personas=show_personas,
    )
    prefix = "" if world_id == "main" else f"/w/{world_id}"

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await portal({**scope, "root_path": prefix, "state": {"world": world}}, receive, send)

    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
    return Stage(member, control, provider, clock, world, Browser(client, prefix), app)


def problem(code: str, message: str = "Pesan.", *path: str, **more: object) -> dict[str, object]:
    return {"__typename": "FieldError", "code": code, "message": message, "field": list(path) or None, **more}


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query, strict_parsing=True).items()}


def registration(state: str = "AWAITING_OTP", **changes: object) -> dict[str, object]:
    otp = {
        "channel": "SMS",
        "maskedTarget": "+62840*****001",
        "length": 6,
        "expiresAt": "2026-03-02T05:05:00Z",
        "expiresInSeconds": 300,
        "attemptsLeft": 5,
        "sendsLeft": 4,
        "resendInSeconds": 60,
    }
    link = {"maskedTarget": "b***@peserta.test", "expiresAt": "2026-03-03T05:00:00Z", "resendInSeconds": 60}
    known = {
        "state": state,
        "kpj": "99260000001",
        "maskedPhone": "+62840*****001",
        "maskedEmail": "b***@peserta.test",
        "expiresAt": "2026-03-02T05:30:00Z",
        "otp": otp if state == "AWAITING_OTP" else None,
        "activation": link if state == "AWAITING_ACTIVATION" else None,
    }
    return {"registration": {**known, **changes}}


def person(key: str, stage: str = "UNREGISTERED", password: str | None = None) -> dict[str, object]:
    number = len(key)
    return {
        "key": key,
        "fullName": f"{key.title()} Contoh",
        "kpj": f"9926000000{number}",
        "nik": f"317199140388900{number}",
        "birthDate": "1988-03-14",
        "phone": f"+628400000000{number}",
        "email": f"{key}@peserta.test",
        "stage": stage,
        "password": password,
        "story": "Dua KPJ <belum> digabung",
    }


PEOPLE = [person("budi"), person("laras", "ACTIVE", "sandi-rekaan-'laras'")]


async def begin(stage: Stage, state: str = "AWAITING_OTP") -> Browser:
    """A browser that has sent the form and whose sign-up stands at `state`."""
    stage.member.answers |= {
        "StartRegistration": {"startRegistration": {"registrationToken": "r-1", "errors": []}},
        "Registration": registration(state),
        "PasswordRules": {
            "passwordRules": {"minLength": 8, "maxLength": 64, "rules": ["Paling sedikit 8 karakter", "Tanpa KPJ"]}
        },
    }
    browser = await stage.browser.open("/daftar")
    await browser.submit("/daftar", kpj="99260000001")
    assert browser.response.status_code == 303
    stage.member.calls.clear()
    return browser
