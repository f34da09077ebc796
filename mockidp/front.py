"""The edge of the stand-alone server: which names it answers to, which realm a path means."""

import re
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

REALM_PATH = re.compile(r"/w/[a-z0-9][a-z0-9-]{0,31}(?=/|$)")


class Front:
    """Refuses foreign names and origins, then strips `/w/{realm}` from the path.

    A rebound host name or a page elsewhere must not reach the provider: 421 for a Host that is not ours,
    403 for an Origin that is not of this machine.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self._app = app
        self._names = frozenset(names) | {"localhost", "127.0.0.1", "::1"}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or refuse it."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if not self._ours(f"//{headers.get('host', '')}"):
            await PlainTextResponse("Misdirected Request", 421)(scope, receive, send)
        elif "origin" in headers and not self._ours(headers["origin"]):
            await PlainTextResponse("Forbidden", 403)(scope, receive, send)
        else:
            match = REALM_PATH.match(scope["path"])
            await self._app({**scope, "root_path": match[0] if match else ""}, receive, send)

    def _ours(self, address: str) -> bool:
        try:
            return urlsplit(address).hostname in self._names
        except ValueError:
            return False
