"""The portal as one ASGI app: its routes, its headers, and what a visitor sees when something is wrong."""

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.portal import activation, balance, card, contact, otp, reset, signin, signup, start
from gateway.portal.answers import Executes, Unanswered
from gateway.portal.documents import load_documents
from gateway.portal.pages import Pages
from gateway.portal.provider import TokenRequest
from gateway.portal.visit import Portal, Visit, begin_visit
from gateway.world import Worlds
from schema.context import ViewerOf
from schema.faults import describe

_log: Final = logging.getLogger("peserta.portal")

Handler: TypeAlias = Callable[[Visit], Awaitable[Response]]
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

# The largest form has five short fields. Source: assumed for the sandbox.
_MAX_FORM_BYTES: Final = 16 * 1024
_MAX_FORM_FIELDS: Final = 32
_STATUS_OF: Final = {
    "RATE_LIMITED": HTTPStatus.TOO_MANY_REQUESTS,
    "UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE,
    "UNAUTHENTICATED": HTTPStatus.UNAUTHORIZED,
    "FORBIDDEN": HTTPStatus.FORBIDDEN,
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "BAD_USER_INPUT": HTTPStatus.BAD_REQUEST,
}

PAGES: Final[tuple[tuple[str, str, Handler], ...]] = (
    ("GET", "/", start.show),
    ("GET", "/daftar", signup.show_form),
    ("POST", "/daftar", signup.submit_form),
    ("POST", "/daftar/batal", signup.cancel),
    ("GET", "/daftar/otp", otp.show),
    ("POST", "/daftar/otp", otp.submit),
    ("POST", "/daftar/otp/kirim-ulang", otp.resend),
    ("GET", "/daftar/sandi", signup.show_password),
    ("POST", "/daftar/sandi", signup.submit_password),
    ("GET", "/daftar/cek-email", activation.show_wait),
    ("POST", "/daftar/cek-email", activation.resend),
    ("GET", "/aktivasi", activation.show_link),
    ("POST", "/aktivasi", activation.use_link),
    ("GET", "/aktivasi/berhasil", activation.show_done),
    ("GET", "/aktivasi/kirim-ulang", activation.show_request),
    ("POST", "/aktivasi/kirim-ulang", activation.request_mail),
    ("GET", "/lupa-sandi", reset.show_request),
    ("POST", "/lupa-sandi", reset.request_link),
    ("GET", "/sandi-baru", reset.show_link),
    ("POST", "/sandi-baru", reset.use_link),
    ("GET", "/masuk", signin.begin),
    ("GET", "/masuk/pilih", signin.show),
    ("GET", "/auth/callback", signin.come_back),
    ("POST", "/keluar", signin.sign_out),
    ("GET", "/saldo", balance.show),
    ("GET", "/kartu", card.show),
    ("GET", "/email-baru", contact.show_link),
    ("POST", "/email-baru", contact.use_link),
    ("GET", "/email-baru/berhasil", contact.show_done),
)


def create_app(
    member: Executes,
    control: Executes,
    *,
    worlds: Worlds,
    viewer_of: ViewerOf,
    token_request: TokenRequest,
    show_personas: bool = True,
) -> ASGIApp:
    """The portal. It is called with the world in `scope["state"]["world"]` and its path in `root_path`.

    `member` and `control` run the operations, `token_request` speaks to the provider (`http_token_request`), and
    `show_personas` is to be False where a control token guards the fictitious people and their passwords.
    """
    portal = Portal(
        member, control, worlds, viewer_of, token_request, load_documents(), Pages(), show_personas=show_personas
    )
    routes = [Route(path, _endpoint(portal, handler), methods=[method]) for method, path, handler in PAGES]
    routes.append(Route("/static/{name}", _static(portal), methods=["GET"]))
    app = Starlette(routes=routes, exception_handlers={HTTPException: _no_such_page(portal)})
    app.router.redirect_slashes = False
    return app


def _endpoint(portal: Portal, handler: Handler) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        form = await _read_form(request) if request.method == "POST" else {}
        visit = begin_visit(portal, request, form)
        if request.method == "POST" and not visit.jar.is_own_form(form.get("form_token", "")):
            return _finish(visit, _wrong(visit, HTTPStatus.FORBIDDEN, "form"))
        try:
            return _finish(visit, await handler(visit))
        except Unanswered as unanswered:
            status = _STATUS_OF.get(unanswered.code, HTTPStatus.INTERNAL_SERVER_ERROR)
            return _finish(visit, _wrong(visit, status, "unanswered", unanswered.message))
        except Exception as error:
            # The last stop of a page: the visitor gets a number, the log gets the reason.
            trace_id = visit.world.ids.token()
            _log.error("page %s failed, trace id %s\n%s", request.scope["route"].path, trace_id, describe(error))
            message = visit.text("request.internal", trace_id=trace_id)
            return _finish(visit, _wrong(visit, HTTPStatus.INTERNAL_SERVER_ERROR, "unanswered", message))

    return endpoint


def _wrong(visit: Visit, status: HTTPStatus, what: str, message: str | None = None) -> Response:
    return visit.render(
        "wrong.html",
        status=status,
        title=visit.text(f"portal.wrong.{what}.title"),
        message=message or visit.text(f"portal.wrong.{what}.message"),
        back=visit.request.url.path,
    )


def _no_such_page(portal: Portal) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException), "registered for HTTPException only"
        visit = begin_visit(portal, request, {})
        status = HTTPStatus(error.status_code)
        what = {HTTPStatus.NOT_FOUND: "not_found", HTTPStatus.METHOD_NOT_ALLOWED: "not_found"}.get(status, "form")
        response = _wrong(visit, status, what)
        response.headers.update(error.headers or {})
        return _finish(visit, response)

    return answer


def _static(portal: Portal) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        file = portal.pages.static.get(request.path_params["name"])
        if file is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(file[1], media_type=file[0], headers=headers)

    return endpoint


async def _read_form(request: Request) -> dict[str, str]:
    """The posted form, of at most 16 KiB and 32 fields. Raises HTTPException 400, 413 or 415."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM_BYTES:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        pairs = parse_qsl(body.decode("ascii"), True, max_num_fields=_MAX_FORM_FIELDS, errors="strict")
    except ValueError:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None
    return dict(pairs)


def _finish(visit: Visit, response: Response) -> Response:
    """Cookies and security headers of a page.

    Forms may lead to the provider and back, which browsers check against form-action. The referrer policy is
    same-origin and not stricter, since a browser would then send `Origin: null` with our own forms.
    """
    visit.jar.write_to(response)
    urls = visit.world.urls
    targets = {f"{parts.scheme}://{parts.netloc}" for parts in (urlsplit(urls.issuer), urlsplit(urls.portal))}
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {' '.join(sorted(targets))}"
    )
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept-Language, Cookie"
    return response
