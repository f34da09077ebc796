"""Who may reach the sink over HTTP: the control token, Basic credentials, and the guard of a listener of its own."""

import base64
import binascii
import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
CHALLENGE = {"WWW-Authenticate": 'Basic realm="mailsink", charset="UTF-8"'}


@dataclass(frozen=True, slots=True)
class Credentials:
    """User name and password of an Authorization header; a Bearer token has no user."""

    user: str | None
    password: str


def credentials_of(request: Request) -> Credentials | None:
    """Read Basic or Bearer credentials (RFC 7617, RFC 6750); None if there are none or they cannot be read."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return Credentials(None, value.strip())
    if scheme.lower() != "basic":
        return None
    try:
        user, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return Credentials(user, password) if colon else None


def may_enter(token: str | None, credentials: Credentials | None) -> bool:
    """Tell whether a caller gave the control token, where one is asked for, as password or as Bearer token."""
    if token is None:
        return True
    return credentials is not None and hmac.compare_digest(credentials.password.encode(), token.encode())


def refuse(status_code: int, code: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Make the JSON answer of a refusal: {"error": {"code", "message"}}."""
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status_code, headers=headers)


class LocalOnly:
    """Lets a web page elsewhere not reach a listener: only known names as Host, and no other Origin.

    421 for a foreign Host (RFC 9110 section 7.4), 403 for any Origin but its own: no rebinding, no cross-site post.
    """

    def __init__(self, app: ASGIApp, names: frozenset[str] = LOCAL_NAMES) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or pass on one connection."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            refusal: JSONResponse | None = None
            if not self._knows("//" + headers.get("host", "")):
                refusal = refuse(421, "MISDIRECTED", "This server does not answer for that host name.")
            elif origin is not None and origin != f"{scope['scheme']}://{headers['host']}":
                refusal = refuse(403, "FORBIDDEN_ORIGIN", "Pages of other sites may not call this.")
            if refusal is not None:
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _knows(self, address: str) -> bool:
        try:
            return urlsplit(address).hostname in self._names
        except ValueError:
            return False
