"""The mock SMS gateway: one POST takes one message in; the user name of Basic auth names the mailbox."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from mailsink.access import CHALLENGE, credentials_of, may_enter, refuse
from mailsink.errors import DeliveryCut, DeliveryRefused, InvalidSms, SinkClosed
from mailsink.host import Host, MailboxHost
from mailsink.parsing import Sms, read_sms
from mailsink.sink import Sink

MAX_BODY_BYTES = 65_536
REFUSED_STATUS = 503


def create_sms_app(sink: Sink, host: Host, *, token: str | None = None) -> ASGIApp:
    """Make the ASGI application of the gateway: `POST /` with {to, from?, text, kind?, id?} answers 201 {id, status}.

    Without Basic auth the addressed mailbox is meant; with a `token` the password must be it. Every refusal is JSON
    {"error": {"code", "message"}}: 400, 401, 404, 405, 413, 422, and 503 while a fault is active.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError("The SMS gateway serves HTTP only.")
        request = Request(scope, receive)
        response = await _answer(sink, host, token, request)
        await response(scope, receive, send)

    return app


async def _answer(sink: Sink, host: Host, token: str | None, request: Request) -> Response:
    if _route(request.scope) not in ("", "/"):
        return refuse(404, "NOT_FOUND", "There is nothing at this address.")
    if request.method != "POST":
        return refuse(405, "METHOD_NOT_ALLOWED", "Send an SMS with POST.", {"Allow": "POST"})
    mailbox = await _mailbox(host, token, request)
    if isinstance(mailbox, Response):
        return mailbox
    body = await _body(request)
    if body is None:
        return refuse(413, "BODY_TOO_LARGE", f"A request has at most {MAX_BODY_BYTES} bytes.")
    try:
        sms = read_sms(body)
    except InvalidSms as error:
        return refuse(error.status_code, error.code, str(error))
    return await _deliver(sink, mailbox, sms)


async def _deliver(sink: Sink, mailbox: MailboxHost, sms: Sms) -> Response:
    try:
        receipt = await sink.accept_sms(
            mailbox, sender=sms.sender, to=sms.to, text=sms.text, message_id=sms.id, kind=sms.kind
        )
    except DeliveryRefused as refusal:
        code = refusal.status_code
        status_code = code if code is not None and 400 <= code <= 599 else REFUSED_STATUS
        return refuse(status_code, "REFUSED_BY_FAULT", "A fault of the simulation refused this message.")
    except DeliveryCut:
        return refuse(REFUSED_STATUS, "CUT_BY_FAULT", "A fault of the simulation cut this delivery.")
    except SinkClosed:
        return refuse(503, "STOPPING", "The SMS gateway is stopping.")
    return JSONResponse({"id": receipt.id, "status": "delivered"}, status_code=201)


async def _mailbox(host: Host, token: str | None, request: Request) -> MailboxHost | Response:
    credentials = credentials_of(request)
    tried = "authorization" in request.headers
    if not may_enter(token, credentials) or (tried and credentials is None):
        return refuse(401, "UNAUTHENTICATED", "The credentials are missing or wrong.", CHALLENGE)
    if credentials is not None and credentials.user is not None:
        named = await host.mailbox(credentials.user)
        return named or refuse(401, "UNKNOWN_MAILBOX", "There is no mailbox of that name.", CHALLENGE)
    addressed = await host.mailbox_of(request.scope)
    return addressed or refuse(404, "UNKNOWN_MAILBOX", "There is no mailbox at this address.")


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _route(scope: Scope) -> str:
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path[len(root) :] if root and path.startswith(root) else path
