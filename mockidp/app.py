"""The ASGI application: which path is answered by what, for which realm, and what happens when it fails."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from mockidp.authorize import authorize, sign_in
from mockidp.call import Call, error_answer, json_answer
from mockidp.cross_origin import CALLABLE, allow_origin, preflight
from mockidp.host import Host, Realm
from mockidp.logout import logout, sign_out
from mockidp.oauth import OauthError
from mockidp.pages import PageRefusal, Pages
from mockidp.realms import RealmStates
from mockidp.resource import revoke, userinfo
from mockidp.token import token

Endpoint = Callable[[Call], Awaitable[Response]]
REALM_KEY = "mockidp.realm"
log = logging.getLogger("mockidp")


async def discovery(call: Call) -> Response:
    """Answer with the discovery document. Source: OpenID Connect Discovery 1.0 section 4."""
    return json_answer(call.state.discovery, headers={"Cache-Control": "no-cache"})


async def jwks(call: Call) -> Response:
    """Answer with the public keys. Source: RFC 7517 section 5."""
    return json_answer(call.state.jwks, headers={"Cache-Control": "no-cache"})


ENDPOINTS: Mapping[str, tuple[frozenset[str], Endpoint]] = MappingProxyType(
    {
        "/.well-known/openid-configuration": (frozenset({"GET", "HEAD"}), discovery),
        "/jwks": (frozenset({"GET", "HEAD"}), jwks),
        "/authorize": (frozenset({"GET", "POST"}), authorize),
        "/sign-in": (frozenset({"POST"}), sign_in),
        "/token": (frozenset({"POST"}), token),
        "/userinfo": (frozenset({"GET", "HEAD", "POST"}), userinfo),
        "/revoke": (frozenset({"POST"}), revoke),
        "/logout": (frozenset({"GET", "POST"}), logout),
        "/sign-out": (frozenset({"POST"}), sign_out),
    }
)


class Provider:
    """The provider of one host; it holds no state but parsed keys, clients and templates."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._pages = Pages()
        self.states = RealmStates()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if scope["type"] != "http":
            return
        try:
            response = await self._answer(scope, receive)
        except ClientDisconnect:
            return
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        endpoint = ENDPOINTS.get(path)
        realm: Realm | None = scope.get(REALM_KEY) or await self._host.realm_of(scope)
        if endpoint is None or realm is None:
            return PlainTextResponse("Not Found", 404)
        methods, answer = endpoint
        request = Request(scope, receive)
        if request.method == "OPTIONS" and path in CALLABLE:
            return preflight(request, path, methods)
        if request.method not in methods:
            return PlainTextResponse("Method Not Allowed", 405, {"Allow": ", ".join(sorted(methods))})
        response = await self._run(answer, realm, request)
        return allow_origin(request, path, response)

    async def _run(self, answer: Endpoint, realm: Realm, request: Request) -> Response:
        """Run an endpoint; every failure has an answer, and only an unexpected one is logged."""
        try:
            call = Call(realm, await self.states.of(realm), request, self._pages)
            try:
                return await answer(call)
            except PageRefusal as refusal:
                explained = await realm.directory.person_page_allowed()
                return self._pages.refused(
                    call.locale(dict(refusal.sent).get("ui_locales")), refusal, explained=explained
                )
        except OauthError as error:
            return error_answer(error)
        except ClientDisconnect:
            raise
        except Exception:
            # The address is left out: its query may hold a token.
            log.exception("the request to %s failed", request.scope["path"])
            return json_answer({"error": "server_error"}, status=500)


def create_app(host: Host) -> Provider:
    """Make the provider for a host."""
    return Provider(host)
