"""Ending the browser's session on behalf of a client or of the person."""

from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from mockidp import logins
from mockidp.call import Call
from mockidp.forms import (
    browser_mark,
    check_form,
    drop_cookie,
    form_cookie_name,
    form_token,
    session_cookie_name,
    set_cookie,
)
from mockidp.host import JSON
from mockidp.oauth import OauthError, Parameters, read_body
from mockidp.pages import PageRefusal
from mockidp.tokens import ID_TYPE, read_signed


async def logout(call: Call) -> Response:
    """Answer GET and POST /logout.

    A genuine id_token_hint ends the session that it names; without one the person is asked first, or any
    page could sign people out. Nothing ends when the request is refused.
    Source: RP-Initiated Logout 1.0 sections 2, 3 and 4.
    """
    try:
        request = call.query if call.request.method != "POST" else await read_body(call.request)
    except OauthError as error:
        raise PageRefusal("parameters_readable", error.error, status=error.status) from error
    hint = read_hint(call, request)
    check_target(call, request, hint)
    if hint is not None:
        return await leave(call, request, str(hint.get("sid")))
    return ask(call, request)


async def sign_out(call: Call) -> Response:
    """Answer POST /sign-out, the form of the question, and end the session of this browser."""
    try:
        request = check_form(call, "sign-out", await read_body(call.request))
    except OauthError as error:
        raise PageRefusal("parameters_readable", error.error, status=error.status) from error
    check_target(call, request, read_hint(call, request))
    return await leave(call, request, None)


def read_hint(call: Call, request: Parameters) -> dict[str, JSON] | None:
    """Return the claims of id_token_hint, which may have expired; None: none was sent.

    Raises PageRefusal hint_is_ours. Source: RP-Initiated Logout 1.0 section 4.
    """
    token = request.get("id_token_hint")
    if token is None:
        return None
    claims = read_signed(token, call.state.signing_key, ID_TYPE)
    client_id = request.get("client_id")
    if claims is None or claims.get("iss") != call.realm.issuer or client_id not in (None, claims.get("aud")):
        raise PageRefusal("hint_is_ours", "invalid_request", sent=request.pairs)
    return dict(claims)


def check_target(call: Call, request: Parameters, hint: dict[str, JSON] | None) -> None:
    """Accept the address to go on to only if it is registered for the client that asks.

    Raises PageRefusal. Source: RP-Initiated Logout 1.0 section 3.
    """
    if request.repeated() is not None:
        raise PageRefusal("post_logout_uri_registered", "invalid_request", sent=request.pairs)
    uri = request.get("post_logout_redirect_uri")
    named = request.get("client_id") or (str(hint.get("aud")) if hint else "")
    client = call.state.clients.get(named)
    if uri is not None and (client is None or not client.may_leave_to(uri)):
        raise PageRefusal("post_logout_uri_registered", "invalid_request", sent=request.pairs)


def ask(call: Call, request: Parameters) -> Response:
    """Show the question whether to sign out."""
    mark, carried = browser_mark(call), request.encoded()
    response = call.pages.sign_out(
        call.locale(request.get("ui_locales")),
        action=f"{call.path}/sign-out",
        request=carried,
        form=form_token(call, mark, "sign-out", carried),
    )
    set_cookie(call, response, form_cookie_name(call.realm.name), mark)
    return response


async def leave(call: Call, request: Parameters, session_id: str | None) -> Response:
    """End the session that was named and the one of this browser, then go on to where the client wants."""
    name = session_cookie_name(call.realm.name)
    cookie = call.request.cookies.get(name)
    here = await logins.find_by_cookie(call.realm, cookie) if cookie else None
    for ended in dict.fromkeys(filter(None, (session_id, here.id if here else None))):
        await logins.end_now(call.realm, ended, "SIGN_OUT")
    uri, state = request.get("post_logout_redirect_uri"), request.get("state")
    if uri is None:
        response = call.pages.signed_out(call.locale(request.get("ui_locales")))
    else:
        query = urlencode({"state": state}) if state is not None else ""
        joint = ("&" if "?" in uri else "?") if query else ""
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        response = RedirectResponse(f"{uri}{joint}{query}", 303, headers)
    drop_cookie(call, response, name)
    return response
