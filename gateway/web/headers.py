"""Header fields that every answer carries unless its page says otherwise."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# `same-origin` and not `no-referrer`: with the latter a browser sends `Origin: null` with our own pages' forms.
_ALWAYS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_DATA_POLICY: Final = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")


class SecurityHeaders:
    """Adds what is missing. Pages set a content policy of their own; JSON gets one that allows nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the head of its answer."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                headers.extend(field for field in _ALWAYS if field[0] not in present)
                if _DATA_POLICY[0] not in present:
                    headers.append(_DATA_POLICY)
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, complete)
