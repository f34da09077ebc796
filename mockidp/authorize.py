"""The authorization endpoint: a code for whoever is signed in, else the sign-in page, and what that page sends."""

from datetime import timedelta
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from mockidp import logins
from mockidp.authorize_checks import AuthorizationError, check_request, find_client
from mockidp.call import Call
from mockidp.discovery import SCOPE_CLAIMS
from mockidp.forms import (
    browser_mark,
    check_form,
    form_cookie_name,
    form_token,
    session_cookie_name,
    set_cookie,
)
from mockidp.host import Authenticated, PersonaButton, Rejected
from mockidp.models import CodeRow
from mockidp.oauth import OauthError, Parameters, read_body, scopes_of
from mockidp.pages import PageRefusal
from mockidp.tokens import hash_of, make_opaque

# Source: RFC 6749 section 4.1.2 recommends at most 10 minutes; 60 s assumed for the sandbox.
CODE_LIFE = timedelta(seconds=60)


async def authorize(call: Call) -> Response:
    """Answer GET and POST /authorize. Source: OpenID Connect Core 3.1.2."""
    try:
        request = call.query if call.request.method != "POST" else await read_body(call.request)
    except OauthError as error:
        raise PageRefusal("parameters_readable", error.error, status=error.status) from error
    find_client(request, call.state)
    try:
        check_request(request)
        return await answer(call, request)
    except AuthorizationError as error:
        return back_to_client(call, request, error=error.error, error_description=error.description)


async def answer(call: Call, request: Parameters) -> Response:
    """Give a code to a browser that is signed in, or ask the person, as `prompt` allows."""
    prompt = request.get("prompt")
    session = None
    if prompt is None or prompt == "none":
        cookie = call.request.cookies.get(session_cookie_name(call.realm.name))
        session = await logins.find_by_cookie(call.realm, cookie) if cookie else None
    if session is not None:
        async with call.realm.writing():
            code = await write_code(call, request, session.id)
        return back_to_client(call, request, code=code)
    if prompt == "none":
        raise AuthorizationError("login_required", "nobody is signed in and prompt=none forbids to ask")
    return await sign_in_page(call, request)


async def sign_in(call: Call) -> Response:
    """Answer POST /sign-in, the form of the sign-in page, by password or for one persona."""
    try:
        form = await read_body(call.request)
        request = check_form(call, "sign-in", form)
    except OauthError as error:
        raise PageRefusal("parameters_readable", error.error, status=error.status) from error
    # The form's signature says that the request passed its checks; only the client may have changed since.
    find_client(request, call.state)
    how: logins.How = "PERSONA" if form.get("persona") else "PASSWORD"
    outcome = await choose_person(call, form, request)
    if isinstance(outcome, Rejected):
        return await sign_in_page(call, request, login=form.get("login") or "", problem=outcome)
    cookie, at = make_opaque(), call.realm.now()
    async with call.realm.writing():
        session = await logins.begin(
            call.realm,
            outcome.subject,
            how,
            hash_of("cookie", cookie),
            user_agent=call.user_agent,
            at=at,
        )
        code = await write_code(call, request, session.id)
    response = back_to_client(call, request, code=code)
    set_cookie(call, response, session_cookie_name(call.realm.name), cookie)
    return response


async def choose_person(call: Call, form: Parameters, request: Parameters) -> Authenticated | Rejected:
    """Ask the directory who the form stands for. Raises PageRefusal for a persona that is not on offer."""
    locale = call.locale(request.get("ui_locales"))
    wanted = form.get("persona")
    if wanted is None:
        return await call.realm.directory.authenticate(
            form.get("login") or "",
            form.get("password") or "",
            locale=locale,
            user_agent=call.user_agent,
            ip_address=call.ip_address,
        )
    for persona in await offered_personas(call, request):
        if persona.key == wanted and persona.subject is not None:
            return Authenticated(persona.subject)
    raise PageRefusal("persona_available", "access_denied", status=403)


async def offered_personas(call: Call, request: Parameters) -> list[PersonaButton]:
    """List the personas that have an account, or none where one click must not sign in."""
    directory = call.realm.directory
    if not await directory.person_page_allowed():
        return []
    personas = await directory.personas(locale=call.locale(request.get("ui_locales")))
    return [persona for persona in personas if persona.subject is not None]


async def sign_in_page(
    call: Call, request: Parameters, *, login: str | None = None, problem: Rejected | None = None
) -> Response:
    """Show the sign-in page, with the login that the client or the person gave already."""
    locale = call.locale(request.get("ui_locales"))
    mark, carried = browser_mark(call), request.encoded()
    other = request.encoded(replacing={"ui_locales": "en" if locale == "id" else "id"})
    response = call.pages.sign_in(
        locale,
        client=request.need("client_id"),
        action=f"{call.path}/sign-in",
        other_href=f"{call.path}/authorize?{other}",
        request=carried,
        form=form_token(call, mark, "sign-in", carried),
        personas=await offered_personas(call, request),
        login=login if login is not None else (request.get("login_hint") or ""),
        problem=problem,
    )
    set_cookie(call, response, form_cookie_name(call.realm.name), mark)
    return response


async def write_code(call: Call, request: Parameters, session_id: str) -> str:
    """Write a new authorization code inside an open transaction, and return it."""
    code = make_opaque()
    await CodeRow.create(
        code_hash=hash_of("code", code),
        realm=call.realm.name,
        client_id=request.need("client_id"),
        session_id=session_id,
        redirect_uri=request.need("redirect_uri"),
        scope=scopes_of(request.get("scope"), SCOPE_CLAIMS),
        nonce=request.get("nonce"),
        challenge=request.need("code_challenge"),
        expires_at=call.realm.now() + CODE_LIFE,
    )
    return code


def back_to_client(call: Call, request: Parameters, **answer: str) -> Response:
    """Send the browser back to the client's address, which has been checked.

    303, so that no browser sends the form on. Source: RFC 6749 section 4.1.2, RFC 9207 section 2 (iss),
    RFC 9700 section 4.12 (redirect status).
    """
    state = request.get("state")
    parameters = {**answer, **({"state": state} if state is not None else {}), "iss": call.realm.issuer}
    uri = request.need("redirect_uri")
    joint = "&" if "?" in uri else "?"
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return RedirectResponse(f"{uri}{joint}{urlencode(parameters)}", 303, headers)
