"""The application that faces the network: guard, routes by world, GraphQL, and whatever is mounted beside it."""

import logging
from collections.abc import Mapping
from typing import Final

import strawberry
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.domain.problem import Rejected
from gateway.services import session
from gateway.settings import Settings
from gateway.web.cors import Cors
from gateway.web.downloads import Downloads
from gateway.web.graphql import ContextMaker, GraphQLEndpoint
from gateway.web.guard import Guard, Policy
from gateway.web.headers import SecurityHeaders
from gateway.web.places import Headers, find_place, is_below
from gateway.web.replies import STATUS, refusal_body, send_refusal, send_reply
from gateway.web.streams import StreamPlaces
from gateway.world import Worlds
from schema.context import ViewerOf
from schema.execution import Executor
from schema.faults import describe

_log: Final = logging.getLogger("peserta.web")


def create_app(
    worlds: Worlds,
    member_schema: strawberry.Schema | Executor,
    control_schema: strawberry.Schema | Executor,
    *,
    mounts: Mapping[str, ASGIApp],
    settings: Settings,
    viewer_of: ViewerOf = session.viewer_of,
) -> ASGIApp:
    """The gateway as one ASGI application.

    A mount ("/idp", "/inbox", "/sms", "/") is called with the world in `scope["state"]["world"]`, what stands before it
    in the address in `root_path` (`path` stays whole, as ASGI has it), and `scope["state"]["context"]` to run
    operations with. The longest mount that fits is taken. Give executors where the portal shares them.
    """
    policy = Policy.of(settings)
    contexts = ContextMaker(worlds, viewer_of)
    streams = StreamPlaces()
    routes: dict[str, ASGIApp] = {
        "/graphql": GraphQLEndpoint(_executor(member_schema), contexts, streams),
        "/control/graphql": GraphQLEndpoint(_executor(control_schema), contexts, streams),
    }
    router = Router(worlds, contexts, routes, {"/berkas": Downloads(), **mounts})
    return SecurityHeaders(Guard(Cors(router, policy), policy))


def _executor(schema: strawberry.Schema | Executor) -> Executor:
    return schema if isinstance(schema, Executor) else Executor(schema)


class Router:
    """Opens the world that a request names, keeps it open while the request lasts, and finds who answers."""

    def __init__(
        self,
        worlds: Worlds,
        contexts: ContextMaker,
        routes: Mapping[str, ASGIApp],
        mounts: Mapping[str, ASGIApp],
    ) -> None:
        self._worlds = worlds
        self._contexts = contexts
        self._routes = routes
        self._mounts = sorted(((prefix.rstrip("/"), app) for prefix, app in mounts.items()), key=_longest_first)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, whatever happens: our own mistakes leave as INTERNAL with the stack in the log alone."""
        if scope["path"] == "/healthz" and scope["type"] == "http":
            await send_reply(send, 200, b'{"status":"ok"}', extra=[(b"cache-control", b"no-store")])
            return
        watched = _Watched(send)
        headers: Headers = scope["state"]["headers"]
        try:
            await self._route(scope, headers, receive, watched)
        except Rejected as rejected:
            body = refusal_body(headers, rejected.code, rejected.text, rejected.params)
            await send_refusal(scope, receive, watched, STATUS.get(rejected.code, 500), body)
        except Exception as error:
            _log.error("%s failed\n%s", scope["type"], describe(error))
            if watched.started:
                raise
            body = refusal_body(headers, "INTERNAL", "request.failed")
            await send_refusal(scope, receive, watched, 500, body)

    async def _route(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        place = find_place(scope["path"], headers)
        async with self._worlds.using(place.world_id) as world:
            scope["state"] |= {"world": world, "place": place}
            route = self._routes.get(place.path)
            if route is not None:
                await route(scope, receive, send)
                return
            if place.root and not place.path:
                await send_reply(send, 307, b"", b"text/plain", [(b"location", f"{place.root}/".encode())])
                return
            for prefix, app in self._mounts:
                if is_below(place.path, prefix):
                    scope["root_path"] = place.root + prefix
                    scope["state"]["context"] = self._contexts.make(scope)
                    await app(scope, receive, send)
                    return
        raise Rejected("NOT_FOUND", "request.not_found")


class _Watched:
    """Passes messages on and remembers whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        self.started = True
        await self._send(message)


def _longest_first(mount: tuple[str, ASGIApp]) -> int:
    return -len(mount[0])
