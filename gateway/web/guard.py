"""Who may come in: no other host name, no page of another site, and nobody to the control side without its token.

A page elsewhere in the same browser is the attacker here. Host stops DNS rebinding, Origin stops foreign pages, and
both are compared as parsed names, never as beginnings of text.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.settings import Settings
from gateway.web.cookies import make_set_cookie, read_cookies
from gateway.web.places import Headers, Place, read_headers, split_path
from gateway.web.replies import refusal_body, send_refusal, send_reply

CONTROL_COOKIE: Final = "peserta_control"
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_WILDCARDS: Final = frozenset({"0.0.0.0", "::", ""})
_AUTHORITY: Final = re.compile(r"(?:\[(?P<six>[0-9a-f:]+)\]|(?P<name>[a-z0-9._-]+))(?::(?P<port>\d{1,5}))?", re.ASCII)
_ORIGIN: Final = re.compile(r"(?P<scheme>https?)://(?P<authority>[^/@\s]+)", re.ASCII)
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}
# Basic makes a browser ask its person for the token; programs send Bearer.
_CHALLENGES: Final = (
    (b"www-authenticate", b'Basic realm="peserta-control", charset="UTF-8"'),
    (b"www-authenticate", b'Bearer realm="peserta-control"'),
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of a page. The default port is written out."""

    scheme: str
    host: str
    port: str


def parse_host(value: str) -> tuple[str, str | None] | None:
    """Host name and port of a Host field, None when it is not one. Source: RFC 9110 section 7.2."""
    match = _AUTHORITY.fullmatch(value.strip().lower())
    return (match["six"] or match["name"], match["port"]) if match else None


def parse_origin(value: str) -> Origin | None:
    """The origin that `value` is, None for `null` and anything else. Source: RFC 6454 section 6.2."""
    match = _ORIGIN.fullmatch(value.strip().lower())
    parsed = parse_host(match["authority"]) if match else None
    if match is None or parsed is None:
        return None
    return Origin(match["scheme"], parsed[0], parsed[1] or _DEFAULT_PORTS[match["scheme"]])


@dataclass(frozen=True, slots=True)
class Policy:
    """Names that are served, origins that may call, and the control token (None: the control side is open)."""

    hosts: frozenset[str]
    origins: frozenset[Origin]
    control_origins: frozenset[Origin]
    control_token: str | None

    @classmethod
    def of(cls, settings: Settings) -> "Policy":
        """What the settings say. Raises ValueError for an origin that is none."""
        named = {name.strip().lower().strip("[]") for name in settings.allowed_hosts}
        public = urlsplit(settings.public_url or "").hostname
        own = {settings.host.lower().strip("[]")} - _WILDCARDS
        token = settings.control_token.get_secret_value() if settings.control_token else None
        return cls(
            hosts=frozenset(_LOOPBACK | named | own | ({public} if public else set())),
            origins=_origins(settings.allowed_origins, "PESERTA_ALLOWED_ORIGINS"),
            control_origins=_origins(settings.control_origins, "PESERTA_CONTROL_ORIGINS"),
            control_token=token or None,
        )

    def serves(self, host: str) -> bool:
        """Whether a Host field names us."""
        parsed = parse_host(host)
        return parsed is not None and parsed[0] in self.hosts

    def welcomes(self, origin: str, place: Place, host: str) -> bool:
        """Whether a page of `origin` may call `place`; the control side takes its own pages and the named ones only."""
        parsed = parse_origin(origin)
        if parsed is None:
            return False
        if place.control_side:
            return parsed in self.control_origins or _is_same(parsed, host)
        return parsed.host in self.hosts or parsed in self.origins


def _origins(values: Iterable[str], setting: str) -> frozenset[Origin]:
    found = set()
    for value in values:
        parsed = parse_origin(value.rstrip("/"))
        if parsed is None:
            raise ValueError(f"{setting} takes origins like http://app.test:3000, not {value!r}")
        found.add(parsed)
    return frozenset(found)


def _is_same(origin: Origin, host: str) -> bool:
    # The scheme is not compared: behind a TLS proxy the page is https while we are spoken to by http.
    parsed = parse_host(host)
    return parsed is not None and (origin.host, origin.port) == (parsed[0], parsed[1] or _DEFAULT_PORTS[origin.scheme])


class Guard:
    """Lets a request through to `app`, or refuses it: 421 for its Host, 403 for its origin, 401 without the token."""

    def __init__(self, app: ASGIApp, policy: Policy) -> None:
        self._app = app
        self._policy = policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge the request by its headers alone; nothing of its body is read."""
        headers = read_headers(scope)
        place = split_path(scope["path"])
        refused = self._judge(scope, headers, place)
        if refused is None:
            scope["state"] = {**scope.get("state", {}), "headers": headers}
            await self._app(scope, receive, send)
            return
        status, code, text = refused
        if status == 401 and await self._let_in_by_link(scope, send):
            return
        extra = _CHALLENGES if status == 401 else ()
        await send_refusal(scope, receive, send, status, refusal_body(headers, code, text), extra)

    def _judge(self, scope: Scope, headers: Headers, place: Place) -> tuple[int, str, str] | None:
        host = headers.get(b"host", b"").decode("latin-1")
        if not self._policy.serves(host):
            return 421, "FORBIDDEN", "request.host_refused"
        origin = headers.get(b"origin")
        if origin is not None and not self._policy.welcomes(origin.decode("latin-1"), place, host):
            return 403, "FORBIDDEN", "request.origin_refused"
        if not place.control_side:
            return None
        if (
            origin is None
            and headers.get(b"sec-fetch-site") == b"cross-site"
            and not _opens_page(scope, headers, place)
        ):
            return 403, "FORBIDDEN", "request.origin_refused"
        if scope.get("method") == "OPTIONS" and origin is not None:
            return None  # A preflight carries no token; the call that follows it does.
        if not self._has_token(headers):
            return 401, "UNAUTHENTICATED", "request.control_token_missing"
        return None

    def _has_token(self, headers: Headers) -> bool:
        if self._policy.control_token is None:
            return True
        given = [
            headers.get(b"x-peserta-control-token", b""),
            _credential(headers.get(b"authorization", b"")),
            read_cookies(headers).get(CONTROL_COOKIE, "").encode(),
        ]
        # Each is compared, so that the time taken does not tell which of the three was sent.
        matches = [self._is_token(value) for value in given]
        return any(matches)

    def _is_token(self, value: bytes) -> bool:
        return hmac.compare_digest(value, (self._policy.control_token or "").encode())

    async def _let_in_by_link(self, scope: Scope, send: Send) -> bool:
        """A person opens …?control_token=… once: the answer sets a cookie and takes the token off the address."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return False
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        token = dict(query).get("control_token", "")
        if not token or not self._is_token(token.encode()):
            return False
        rest = urlencode([(name, value) for name, value in query if name != "control_token"])
        target = scope.get("raw_path", scope["path"].encode()).split(b"?")[0]
        location = b"/" + target.lstrip(b"/") + (b"?" + rest.encode() if rest else b"")
        cookie = make_set_cookie(CONTROL_COOKIE, token, "/", None, secure=scope["scheme"] == "https")
        extra = [(b"location", location), (b"set-cookie", cookie), (b"cache-control", b"no-store")]
        await send_reply(send, 303, b"", b"text/plain", extra)
        return True


def _credential(authorization: bytes) -> bytes:
    """The token of Bearer, or the password of Basic, whose user names a mailbox. Source: RFC 6750, RFC 7617."""
    scheme, _, value = authorization.strip().partition(b" ")
    if scheme.lower() == b"bearer":
        return value.strip()
    if scheme.lower() != b"basic":
        return b""
    try:
        return base64.b64decode(value.strip(), validate=True).partition(b":")[2]
    except binascii.Error:
        return b""


def _opens_page(scope: Scope, headers: Headers, place: Place) -> bool:
    """A person follows a link to a page: nothing is changed by it, and the page that has the link reads nothing.

    127.0.0.1 and localhost are different sites to a browser, so links between them come as cross-site.
    """
    return (
        scope.get("method") == "GET"
        and headers.get(b"sec-fetch-mode") == b"navigate"
        and headers.get(b"sec-fetch-dest") == b"document"
        and place.path.split("/")[1] in ("inbox", "desk")
    )
