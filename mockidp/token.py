"""The token endpoint: it says which client asks, checks that it may use the grant, and writes the answer."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from starlette.responses import Response

from mockidp.call import Call, json_answer
from mockidp.discovery import JWT_BEARER_GRANT
from mockidp.grants import Issued, accept_assertion, redeem_code, rotate
from mockidp.host import JSON
from mockidp.oauth import OauthError, Parameters, read_body, refuse_repeats
from mockidp.realms import GATEWAY, Client
from mockidp.tokens import ACCESS_TOKEN_LIFE, access_token, id_token


async def token(call: Call) -> Response:
    """Answer POST /token. Source: RFC 6749 sections 3.2, 4.1.3, 5 and 6, RFC 7523 section 2.1."""
    form = await read_body(call.request)
    refuse_repeats(form)
    grant_type = form.need("grant_type")
    grant = GRANTS.get(grant_type)
    if grant is None:
        raise OauthError("unsupported_grant_type", "the grant_type is not supported")
    issued = await grant(call, form)
    return json_answer(token_answer(call, issued), headers={"Pragma": "no-cache"})


def public_client(call: Call, form: Parameters, grant_type: str | None = None) -> Client:
    """Return the public client that sends the request, by `client_id`.

    A client with a key of its own proves itself by assertion only.
    Raises OauthError invalid_client or unauthorized_client. Source: RFC 6749 sections 3.2.1 and 5.2.
    """
    if "authorization" in call.request.headers:
        raise OauthError(
            "invalid_client",
            "clients here are public and send client_id in the body",
            status=401,
            challenge='Basic realm="token"',
        )
    client = call.state.clients.get(form.need("client_id"))
    if client is None or client.assertion_key is not None:
        raise OauthError("invalid_client", "the client is unknown or did not prove itself", status=401)
    if grant_type is not None and grant_type not in client.grants:
        raise OauthError("unauthorized_client", "the client may not use this grant_type")
    return client


async def code_grant(call: Call, form: Parameters) -> Issued:
    """Exchange an authorization code."""
    client = public_client(call, form, "authorization_code")
    code, uri = form.need("code"), form.need("redirect_uri")
    return await redeem_code(call.realm, client, code, uri, form.need("code_verifier"))


async def refresh_grant(call: Call, form: Parameters) -> Issued:
    """Exchange a refresh token."""
    client = public_client(call, form, "refresh_token")
    return await rotate(call.realm, client, form.need("refresh_token"), form.get("scope"))


async def assertion_grant(call: Call, form: Parameters) -> Issued:
    """Open a session by assertion, for the first party only.

    A refresh token comes with it although RFC 7521 section 4.1 advises against one: the gateway's `signIn`
    needs it.
    """
    client = call.state.clients[GATEWAY]
    if form.get("client_id") not in (None, client.client_id):
        raise OauthError("unauthorized_client", "only the first party may use this grant_type")
    assertion = form.need("assertion")
    return await accept_assertion(call.realm, client, assertion, form.get("scope"), call.user_agent)


def token_answer(call: Call, issued: Issued) -> dict[str, JSON]:
    """Write the successful answer; an ID token only for clients that people sign in to by browser.

    Source: RFC 6749 section 5.1, OpenID Connect Core 3.1.3.3 and 12.2.
    """
    grant = issued.grant
    answer: dict[str, JSON] = {
        "access_token": access_token(call.realm, call.state, grant, issued.at),
        "token_type": "Bearer",
        "expires_in": int(ACCESS_TOKEN_LIFE.total_seconds()),
        "refresh_token": issued.refresh_token,
        "scope": grant.scope,
    }
    if grant.client_id != GATEWAY and "openid" in grant.scope.split(" "):
        answer["id_token"] = id_token(call.realm, call.state, grant, issued.at, issued.nonce)
    return answer


GRANTS: Mapping[str, Callable[[Call, Parameters], Awaitable[Issued]]] = MappingProxyType(
    {"authorization_code": code_grant, "refresh_token": refresh_grant, JWT_BEARER_GRANT: assertion_grant}
)
