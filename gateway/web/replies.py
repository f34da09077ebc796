"""Small answers of the edge itself, written straight to ASGI: a code, one sentence, and nothing of the inside."""

from collections.abc import Iterable, Mapping
from typing import Final

import orjson
from starlette.types import Receive, Scope, Send

from gateway.texts import preferred_locale, sentence
from gateway.web.places import Headers

RawHeaders = Iterable[tuple[bytes, bytes]]

STATUS: Final[Mapping[str, int]] = {
    "BAD_USER_INPUT": 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "RATE_LIMITED": 429,
    "UNAVAILABLE": 503,
}


def locale_of(headers: Headers) -> str:
    """The language to answer in: id or en."""
    wanted = headers.get(b"accept-language")
    return preferred_locale(wanted.decode("latin-1")) if wanted else "id"


def refusal_body(headers: Headers, code: str, text: str, params: Mapping[str, object] | None = None) -> bytes:
    """`code` and its sentence, plain and in GraphQL's shape, so that either kind of client can show it."""
    message = sentence(locale_of(headers), text, **(params or {}))
    error = {"message": message, "extensions": {"code": code}}
    return orjson.dumps({"code": code, "message": message, "errors": [error]})


async def send_reply(
    send: Send, status: int, body: bytes, content_type: bytes = b"application/json", extra: RawHeaders = ()
) -> None:
    """One whole HTTP answer; `extra` are more header fields, by lower-case name."""
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), *extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_refusal(
    scope: Scope, receive: Receive, send: Send, status: int, body: bytes, extra: RawHeaders = ()
) -> None:
    """Refuse a request; a WebSocket is refused before it is accepted, with the same status where the server can."""
    if scope["type"] == "http":
        await send_reply(send, status, body, extra=(*extra, (b"cache-control", b"no-store")))
        return
    await receive()  # websocket.connect
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body)), *extra]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})
