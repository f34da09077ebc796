"""Cookies, and the proof that a form was made by us for this very browser and request."""

import hmac
import secrets
from hashlib import sha256
from typing import Literal
from urllib.parse import urlsplit

from starlette.responses import Response

from mockidp.call import Call
from mockidp.oauth import Parameters
from mockidp.pages import PageRefusal

Purpose = Literal["sign-in", "sign-out"]


def session_cookie_name(realm_name: str) -> str:
    """Name the cookie of a browser's session."""
    return f"peserta_idp_{realm_name}"


def form_cookie_name(realm_name: str) -> str:
    """Name the cookie that binds forms to a browser before anybody is signed in."""
    return f"peserta_idp_form_{realm_name}"


def set_cookie(call: Call, response: Response, name: str, value: str) -> None:
    """Set a cookie that lives as long as the browser and stays below the issuer."""
    secure = urlsplit(call.realm.issuer).scheme == "https"
    response.set_cookie(name, value, path=call.path or "/", secure=secure, httponly=True, samesite="lax")


def drop_cookie(call: Call, response: Response, name: str) -> None:
    """Remove a cookie."""
    response.delete_cookie(name, path=call.path or "/", httponly=True, samesite="lax")


def browser_mark(call: Call) -> str:
    """Return the browser's form cookie, or a new value for one."""
    return call.request.cookies.get(form_cookie_name(call.realm.name)) or secrets.token_urlsafe(16)


def form_token(call: Call, mark: str, purpose: Purpose, request: str) -> str:
    """Sign a form for one browser, one purpose and one request, so that none of them can be swapped."""
    text = f"{purpose}\n{mark}\n{request}"
    return hmac.new(call.state.form_secret, text.encode(), sha256).hexdigest()


def check_form(call: Call, purpose: Purpose, form: Parameters) -> Parameters:
    """Return the request that a form carries, if the form is ours and comes from our own page.

    Raises PageRefusal form_is_ours with 403.
    Source: RFC 6749 section 10.12 and OpenID Connect Core 16.19 name the attack; the double-submit cookie
    bound by HMAC and the Origin check are OWASP's remedy.
    """
    mark = call.request.cookies.get(form_cookie_name(call.realm.name), "")
    request, given = form.get("request") or "", form.get("form") or ""
    genuine = hmac.compare_digest(form_token(call, mark, purpose, request).encode(), given.encode())
    if not mark or not genuine or not same_origin(call):
        raise PageRefusal("form_is_ours", "invalid_request", status=403)
    return Parameters.parse(request.encode())


def same_origin(call: Call) -> bool:
    """Say whether the browser names our own address as the page that sent the form, or names none."""
    origin = call.request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == call.request.headers.get("host")
