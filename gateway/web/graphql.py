"""GraphQL over HTTP: one endpoint per schema. WebSocket and event streams leave from here for their own modules."""

from dataclasses import dataclass
from typing import Final

import orjson
from starlette.types import Receive, Scope, Send

from gateway.domain.account import Caller
from gateway.web.cookies import make_set_cookie, read_cookies
from gateway.web.events import send_events
from gateway.web.media import Media, choose_media, takes_events
from gateway.web.places import Headers, Place
from gateway.web.replies import locale_of, refusal_body, send_refusal, send_reply
from gateway.web.requests import (
    BadRequest,
    Disconnected,
    GraphQLRequest,
    read_body,
    read_posted,
    read_queried,
)
from gateway.web.sockets import Socket
from gateway.web.streams import StreamPlaces
from gateway.web.uploads import is_multipart, read_upload
from gateway.world import World, Worlds
from schema.context import Context, ViewerOf
from schema.execution import EVERYTHING, ONE_ANSWER, QUERIES, Answer, Executor

_MAX_USER_AGENT: Final = 200
_NO_STORE: Final = (b"cache-control", b"no-store")
_VARY: Final = (b"vary", b"Accept, Accept-Language")


@dataclass(frozen=True, slots=True)
class ContextMaker:
    """Makes the context of a request from what the edge knows about it."""

    worlds: Worlds
    viewer_of: ViewerOf

    def make(self, scope: Scope, *, takes_cookies: bool = False, authorization: str | None = None) -> Context:
        """The context of the request in `scope`; `authorization` replaces its header of that name."""
        headers: Headers = scope["state"]["headers"]
        world: World = scope["state"]["world"]
        place: Place = scope["state"]["place"]
        client = scope.get("client")
        agent = headers.get(b"user-agent")
        own = headers.get(b"authorization")
        return Context(
            world,
            self.worlds,
            Caller(
                locale=locale_of(headers),
                ip_address=client[0] if client else None,
                user_agent=agent[:_MAX_USER_AGENT].decode("latin-1") if agent else None,
            ),
            viewer_of=self.viewer_of,
            authorization=authorization or (own.decode("latin-1") if own else None),
            given_cookies=read_cookies(headers),
            root=place.root,
            takes_cookies=takes_cookies,
        )


class GraphQLEndpoint:
    """Speaks GraphQL over HTTP, graphql-transport-ws and graphql-sse (distinct connections) for one executor."""

    def __init__(self, executor: Executor, contexts: ContextMaker, streams: StreamPlaces) -> None:
        self._executor = executor
        self._contexts = contexts
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or serve one socket."""
        if scope["type"] == "websocket":
            await Socket(self._executor, self._contexts, self._streams, scope, receive, send).serve()
            return
        headers: Headers = scope["state"]["headers"]
        try:
            await self._answer(scope, headers, receive, send)
        except BadRequest as bad:
            body = refusal_body(headers, bad.code, bad.text, bad.params)
            extra = [(b"allow", b"GET, POST")] if bad.status == 405 else []
            await send_refusal(scope, receive, send, bad.status, body, extra)
        except Disconnected:
            return

    async def _answer(self, scope: Scope, headers: Headers, receive: Receive, send: Send) -> None:
        method = scope["method"]
        if method not in ("GET", "POST"):
            raise BadRequest(405, "request.method", allowed="GET, POST")
        media = choose_media(headers.get(b"accept"))
        if media is None:
            raise BadRequest(406, "request.not_acceptable")
        if method == "GET":
            asked: GraphQLRequest | list[GraphQLRequest] = read_queried(scope["query_string"])
        elif is_multipart(headers):
            async with read_upload(headers, receive) as uploaded:
                await self._answer_asked(scope, uploaded, media, receive, send)
            return
        else:
            asked = read_posted(headers, await read_body(headers, receive))
        await self._answer_asked(scope, asked, media, receive, send)

    async def _answer_asked(
        self,
        scope: Scope,
        asked: GraphQLRequest | list[GraphQLRequest],
        media: Media,
        receive: Receive,
        send: Send,
    ) -> None:
        accept = scope["state"]["headers"].get(b"accept")
        if isinstance(asked, list):
            await self._answer_batch(scope, asked, media, send)
        elif media is Media.EVENTS:
            await self._answer_stream(scope, asked, receive, send)
        else:
            await self._answer_one(scope, asked, media, receive, send, may_stream=takes_events(accept))

    async def _answer_one(
        self, scope: Scope, asked: GraphQLRequest, media: Media, receive: Receive, send: Send, *, may_stream: bool
    ) -> None:
        context = self._contexts.make(scope, takes_cookies=True)
        answer = await self._run(asked, context, scope["method"])
        if answer.needs_stream and may_stream:
            await self._answer_stream(scope, asked, receive, send)
            return
        status = _status(answer, media)
        extra = [_NO_STORE, _VARY, *_cookies(context, scope)]
        if status == 405:
            extra.append((b"allow", b"POST"))
        await send_reply(send, status, orjson.dumps(answer.body()), media.content_type, extra)

    async def _answer_batch(self, scope: Scope, asked: list[GraphQLRequest], media: Media, send: Send) -> None:
        if media is Media.EVENTS:
            raise BadRequest(400, "request.batch_not_streamed")
        context = self._contexts.make(scope, takes_cookies=True)
        # One after the other: a batch that signs up and then reads must find what it wrote.
        bodies = [(await self._run(one, context, "POST")).body() for one in asked]
        extra = [_NO_STORE, _VARY, *_cookies(context, scope)]
        await send_reply(send, 200, orjson.dumps(bodies), Media.JSON.content_type, extra)

    async def _answer_stream(self, scope: Scope, asked: GraphQLRequest, receive: Receive, send: Send) -> None:
        if not self._streams.take():
            raise BadRequest(429, "request.too_many_streams", code="RATE_LIMITED", max=self._streams.most)
        try:
            answers = self._executor.stream(
                asked.query,
                asked.variables,
                context=self._contexts.make(scope),
                operation_name=asked.operation_name,
                allowed=EVERYTHING if scope["method"] == "POST" else _READING,
            )
            await send_events(answers, receive, send)
        finally:
            self._streams.give_back()

    async def _run(self, asked: GraphQLRequest, context: Context, method: str) -> Answer:
        return await self._executor.execute(
            asked.query,
            asked.variables,
            context=context,
            operation_name=asked.operation_name,
            allowed=ONE_ANSWER if method == "POST" else QUERIES,
        )


_READING: Final = EVERYTHING - (ONE_ANSWER - QUERIES)


def _status(answer: Answer, media: Media) -> int:
    if answer.mutation_by_get:
        return 405
    # application/json cannot tell our refusals from those of a proxy, so there a refused document is still 200.
    return 200 if answer.ran or media is Media.JSON else 400


def _cookies(context: Context, scope: Scope) -> list[tuple[bytes, bytes]]:
    secure = scope["scheme"] == "https"
    return [
        (b"set-cookie", make_set_cookie(cookie.name, cookie.value, cookie.path, cookie.max_age_s, secure=secure))
        for cookie in context.cookies
    ]
