"""Signing in at the world's OpenID provider and out again."""

import hmac
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from starlette.responses import RedirectResponse, Response

from gateway.portal.answers import Unanswered
from gateway.portal.provider import (
    CLIENT_ID,
    Attempt,
    ProviderFailed,
    authorization_url,
    discover,
    exchange,
)
from gateway.portal.visit import Visit


async def show(visit: Visit) -> Response:
    """GET /masuk/pilih: where a notice leads that ends with "please sign in"."""
    return visit.render("sign_in.html", ended=False)


async def begin(visit: Visit) -> Response:
    """GET /masuk: go to the provider. Source: RFC 6749 section 4.1, RFC 7636, RFC 9700 section 2.1.

    The provider sends browsers back to the portal's own address. One that came by another name (localhost for
    127.0.0.1) would not find its cookies there, so it is sent to that address first, once.
    """
    portal = visit.world.urls.portal
    if visit.request.url.netloc != urlsplit(portal).netloc and "pindah" not in visit.query:
        return RedirectResponse(f"{portal}/masuk?pindah=1", HTTPStatus.SEE_OTHER)
    ids = visit.world.ids
    # Source: RFC 7636 section 4.1: a verifier has 43 to 128 characters; two tokens hold 256 random bits.
    attempt = Attempt(state=ids.token(), nonce=ids.token(), verifier=f"{ids.token()}{ids.token()}")
    try:
        provider = await discover(visit.world.urls.issuer, visit.portal.token_request)
    except ProviderFailed as failure:
        return _failed(visit, failure)
    visit.jar.keep("oidc", {"s": attempt.state, "n": attempt.nonce, "v": attempt.verifier})
    url = authorization_url(provider, attempt, _callback(visit), visit.locale)
    return RedirectResponse(url, HTTPStatus.SEE_OTHER)


async def come_back(visit: Visit) -> Response:
    """GET /auth/callback: check that the answer belongs to this browser, and exchange the code.

    Source: RFC 6749 sections 4.1.2 and 10.12, RFC 9207 section 2.4 (the issuer).
    """
    kept = visit.jar.recall("oidc")
    if kept is None:
        # A reload, or the back button: whoever is signed in goes on, whoever is not begins again.
        return visit.go("/saldo") if visit.jar.plain("access") else _failed(visit, ProviderFailed("lost"))
    attempt = Attempt(state=str(kept["s"]), nonce=str(kept["n"]), verifier=str(kept["v"]))
    visit.jar.forget("oidc")
    try:
        if not hmac.compare_digest(visit.query.get("state", "").encode(), attempt.state.encode()):
            raise ProviderFailed("other_browser")
        if visit.query.get("iss", visit.world.urls.issuer) != visit.world.urls.issuer:
            raise ProviderFailed("other_issuer")
        if "error" in visit.query or not visit.query.get("code"):
            raise ProviderFailed("refused", visit.query.get("error", "")[:100])
        provider = await discover(visit.world.urls.issuer, visit.portal.token_request)
        granted = await exchange(provider, attempt, visit.query["code"], _callback(visit), visit.portal.token_request)
    except ProviderFailed as failure:
        return _failed(visit, failure)
    # Both are signed by the provider and are read by nobody but it and the gateway.
    visit.jar.set_plain("access", granted.access_token)
    visit.jar.set_plain("identity", granted.id_token)
    return visit.go("/saldo")


async def sign_out(visit: Visit) -> Response:
    """POST /keluar: end the session everywhere it is known, then forget it here."""
    access, identity = visit.jar.plain("access"), visit.jar.plain("identity")
    if access:
        try:
            await visit.change("sign_out")
        except Unanswered as unanswered:
            # A session that is over already is what was asked for.
            if unanswered.code != "UNAUTHENTICATED":
                raise
    visit.jar.forget("access", "identity", "oidc")
    try:
        provider = await discover(visit.world.urls.issuer, visit.portal.token_request)
    except ProviderFailed:
        provider = None
    done = visit.go("/", notice=visit.text("portal.signed_out"))
    if provider is None or provider.end_session is None or not identity:
        return done
    # Source: RP-Initiated Logout 1.0 section 2: the provider ends its own session and sends the browser back.
    query = {
        "id_token_hint": identity,
        "client_id": CLIENT_ID,
        "post_logout_redirect_uri": f"{visit.world.urls.portal}/",
        "ui_locales": visit.locale,
    }
    return RedirectResponse(f"{provider.end_session}?{urlencode(query)}", HTTPStatus.SEE_OTHER)


def _callback(visit: Visit) -> str:
    return f"{visit.world.urls.portal}/auth/callback"


def _failed(visit: Visit, failure: ProviderFailed) -> Response:
    return visit.render(
        "sign_in_failed.html",
        status=HTTPStatus.BAD_GATEWAY if failure.reason == "unreachable" else HTTPStatus.BAD_REQUEST,
        message=visit.text(f"portal.sign_in.failed.{failure.reason}"),
        detail=failure.detail,
    )
