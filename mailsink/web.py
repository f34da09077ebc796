"""The inbox as plain pages: readable without scripts, strict about what a caught mail may do in a browser."""

import base64
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote, urlsplit

from jinja2 import Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from mailsink.access import CHALLENGE, credentials_of, may_enter
from mailsink.errors import InvalidCursor
from mailsink.host import Host, MailboxHost
from mailsink.messages import Channel, MessageFilter, sequence_of
from mailsink.sink import Sink
from mailsink.sms import create_sms_app
from mailsink.texts import WORDS, choose_language, show_time

__all__ = ["create_app", "create_sms_app"]

PAGE_SIZE = 50
_ISOLATED = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_RAW_POLICY = "sandbox; default-src 'none'"
_MAIL_POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'"

View = Callable[[Request, MailboxHost], Awaitable[Response]]


class _Pages:
    """The pages of all mailboxes of one sink."""

    def __init__(self, sink: Sink, host: Host, token: str | None) -> None:
        self._sink = sink
        self._host = host
        self._token = token
        self._templates = Environment(loader=PackageLoader("mailsink"), autoescape=True, trim_blocks=True)
        self._templates.filters["show_time"] = show_time
        source, _, _ = self._templates.loader.get_source(self._templates, "style.css")  # type: ignore[union-attr]
        self._style = source
        digest = base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()
        self._policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; frame-src 'self'; base-uri 'none'; "
            "form-action 'none'; frame-ancestors 'none'"
        )

    def guarded(self, view: View) -> Callable[[Request], Awaitable[Response]]:
        """Put the control token and the choice of the mailbox before a page."""

        async def page(request: Request) -> Response:
            if not may_enter(self._token, credentials_of(request)):
                return PlainTextResponse("The control token is needed.", status_code=401, headers=CHALLENGE)
            mailbox = await self._host.mailbox_of(request.scope)
            if mailbox is None:
                return PlainTextResponse("There is no mailbox at this address.", status_code=404)
            return await view(request, mailbox)

        return page

    async def inbox(self, request: Request, mailbox: MailboxHost) -> Response:
        """Show mail and SMS together, newest first, fifty on a page."""
        before = request.query_params.get("before")
        try:
            before_seq = None if before is None else sequence_of(before)
        except InvalidCursor as error:
            return PlainTextResponse(str(error), status_code=400)
        everything = MessageFilter()
        found = await self._sink.find(
            mailbox, everything, before_seq=before_seq, limit=PAGE_SIZE + 1, newest_first=True
        )
        return self._render(
            request,
            mailbox,
            "inbox.html",
            messages=found[:PAGE_SIZE],
            total=await self._sink.count(mailbox, everything),
            older=found[PAGE_SIZE - 1].cursor if len(found) > PAGE_SIZE else None,
            not_first=before is not None,
        )

    async def message(self, request: Request, mailbox: MailboxHost) -> Response:
        """Show one message: text, code, link, and its HTML in a frame that may do nothing."""
        message = await self._sink.get(mailbox, request.path_params["id"])
        if message is None:
            return self._render(request, mailbox, "missing.html", status_code=404)
        return self._render(request, mailbox, "message.html", message=message)

    async def raw(self, request: Request, mailbox: MailboxHost) -> Response:
        """Serve a message as it came."""
        found = await self._sink.raw(mailbox, request.path_params["id"])
        if found is None:
            return PlainTextResponse("There is no such message.", status_code=404)
        kind = "application/json" if found[0] is Channel.SMS else "text/plain; charset=utf-8"
        return Response(found[1], media_type=kind, headers=_ISOLATED | {"Content-Security-Policy": _RAW_POLICY})

    async def html(self, request: Request, mailbox: MailboxHost) -> Response:
        """Serve the HTML of a mail: no scripts, no forms, nothing from elsewhere."""
        message = await self._sink.get(mailbox, request.path_params["id"])
        if message is None or message.html is None:
            return PlainTextResponse("This message has no HTML.", status_code=404)
        return HTMLResponse(message.html, headers=_ISOLATED | {"Content-Security-Policy": _MAIL_POLICY})

    async def attachment(self, request: Request, mailbox: MailboxHost) -> Response:
        """Serve one attachment, always as a download."""
        number = request.path_params["number"]
        found = await self._sink.attachment(mailbox, request.path_params["id"], number)
        if found is None:
            return PlainTextResponse("There is no such attachment.", status_code=404)
        part, content = found
        disposition = f"attachment; filename*=UTF-8''{quote(part.file_name, safe='')}"
        headers = _ISOLATED | {"Content-Security-Policy": _RAW_POLICY, "Content-Disposition": disposition}
        return Response(content, media_type="application/octet-stream", headers=headers)

    def _render(
        self, request: Request, mailbox: MailboxHost, template: str, *, status_code: int = 200, **values: Any
    ) -> Response:  # Any: a template takes values of every type
        language = choose_language(request.query_params.get("lang"), request.headers.get("accept-language", ""))
        base = urlsplit(mailbox.base_url).path
        body = self._templates.get_template(template).render(
            words=WORDS[language],
            language=language,
            mailbox=mailbox.name,
            base=base,
            home=base or "/",
            style=self._style,
            **values,
        )
        headers = _ISOLATED | {"Content-Security-Policy": self._policy, "Vary": "Accept-Language"}
        return HTMLResponse(body, status_code=status_code, headers=headers | {"Content-Language": language})


def create_app(sink: Sink, host: Host, *, token: str | None = None) -> ASGIApp:
    """Make the ASGI application of the inbox, relative to wherever it is mounted.

    Routes: `/`, `/messages/{id}`, `/messages/{id}/raw`, `/messages/{id}/html`, `/messages/{id}/attachments/{number}`.
    With a `token` each needs it, as the password of Basic auth or as a Bearer token.
    """
    pages = _Pages(sink, host, token)
    router = Router(
        [
            Route("/", pages.guarded(pages.inbox)),
            Route("/messages/{id}", pages.guarded(pages.message)),
            Route("/messages/{id}/raw", pages.guarded(pages.raw)),
            Route("/messages/{id}/html", pages.guarded(pages.html)),
            Route("/messages/{id}/attachments/{number:int}", pages.guarded(pages.attachment)),
        ],
        redirect_slashes=False,
    )

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        root = scope.get("root_path", "")
        if root and scope["path"] == root:
            # The inbox's address has no slash at its end, and a route's path cannot be empty.
            scope = {**scope, "path": root + "/"}
        await router(scope, receive, send)

    return app
