"""What a resolver may reach: one world, who asks, and the cookies of the answer. Made anew for every request."""

from asyncio import Lock
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from gateway.domain.account import Caller, Viewer
from gateway.domain.problem import Rejected
from gateway.world import World, Worlds

ViewerOf: TypeAlias = Callable[[World, str], Awaitable[Viewer]]

MAIN: Final = "main"
_MAX_TOKEN_CHARS: Final = 4_096


class _Unknown:
    """Nobody has asked yet who is signed in."""


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie to be set, with its full name and path; `max_age_s` 0 clears it. Never logged."""

    name: str
    value: str
    path: str
    max_age_s: int


class Context:
    """One request's view of its world. `viewer_of` reads an access token and raises Rejected UNAUTHENTICATED."""

    __slots__ = (
        "_authorization",
        "_given_cookies",
        "_root",
        "_viewer",
        "_viewer_lock",
        "_viewer_of",
        "caller",
        "cookies",
        "loaders",
        "takes_cookies",
        "world",
        "worlds",
    )

    def __init__(
        self,
        world: World,
        worlds: Worlds,
        caller: Caller,
        *,
        viewer_of: ViewerOf,
        authorization: str | None = None,
        given_cookies: Mapping[str, str] | None = None,
        root: str = "",
        takes_cookies: bool = False,
    ) -> None:
        self.world = world
        self.worlds = worlds
        self.caller = caller
        self.loaders: dict[object, Any] = {}  # Any: each loader knows its own type
        self.cookies: list[Cookie] = []
        self.takes_cookies = takes_cookies
        self._viewer_of = viewer_of
        self._authorization = authorization
        self._given_cookies = given_cookies or {}
        self._root = root
        self._viewer: Viewer | Rejected | _Unknown | None = _Unknown()
        self._viewer_lock = Lock()

    @property
    def locale(self) -> str:
        """The language of the answer, id or en."""
        return self.caller.locale

    @property
    def main(self) -> bool:
        """Whether this is world main, whose control endpoint may touch every world."""
        return self.world.id == MAIN

    def with_authorization(self, authorization: str | None) -> "Context":
        """The same request, spoken for by another `Authorization` value such as "Bearer …"."""
        return Context(
            self.world,
            self.worlds,
            self.caller,
            viewer_of=self._viewer_of,
            authorization=authorization,
            given_cookies=self._given_cookies,
            root=self._root,
            takes_cookies=self.takes_cookies,
        )

    async def viewer(self) -> Viewer | None:
        """Who is signed in, read from the bearer token once; None without a token.

        Raises Rejected UNAUTHENTICATED, with extensions.reason EXPIRED, REVOKED or INVALID, for a token that is not
        taken.
        """
        async with self._viewer_lock:
            if isinstance(self._viewer, _Unknown):
                self._viewer = await self._read_viewer()
        if isinstance(self._viewer, Rejected):
            # A fresh one each time: the fields that share this answer each give it their own place in the query.
            raise Rejected(self._viewer.code, self._viewer.text, extensions=self._viewer.extensions)
        return self._viewer

    async def _read_viewer(self) -> Viewer | Rejected | None:
        try:
            token = _bearer_token(self._authorization)
            return None if token is None else await self._viewer_of(self.world, token)
        except Rejected as rejected:
            return rejected

    async def require_viewer(self) -> Viewer:
        """Who is signed in. Raises Rejected UNAUTHENTICATED when nobody is."""
        viewer = await self.viewer()
        if viewer is None:
            raise Rejected("UNAUTHENTICATED", "request.unauthenticated")
        return viewer

    def cookie(self, purpose: str) -> str | None:
        """The value that the caller sent for this world's cookie of that purpose."""
        return self._given_cookies.get(self._cookie_name(purpose))

    def set_cookie(self, purpose: str, value: str, path: str, max_age_s: int) -> None:
        """Send a cookie `peserta_<purpose>_<world>` with the answer; `path` is below the world's root ("/graphql").

        Raises Rejected BAD_USER_INPUT on a transport whose answer takes none (WebSocket, event stream).
        """
        if not self.takes_cookies:
            raise Rejected("BAD_USER_INPUT", "request.no_cookies_here")
        self.cookies.append(Cookie(self._cookie_name(purpose), value, self._root + path, max_age_s))

    def signal_cookie_clear(self, purpose: str, path: str) -> None:
        """Ask the caller to forget a cookie, where the transport can say so."""
        if self.takes_cookies:
            self.cookies.append(Cookie(self._cookie_name(purpose), "", self._root + path, 0))

    def _cookie_name(self, purpose: str) -> str:
        return f"peserta_{purpose}_{self.world.id}"


def _bearer_token(authorization: str | None) -> str | None:
    """The token of "Bearer <token>"; None when nothing was sent. Source: RFC 6750 section 2.1."""
    if not authorization:
        return None
    scheme, _, token = authorization.strip().partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _MAX_TOKEN_CHARS:
        raise Rejected("UNAUTHENTICATED", "request.unauthenticated", extensions={"reason": "INVALID"})
    return token
