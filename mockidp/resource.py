"""The endpoints that take a token: what it tells of the person, and giving it back."""

from starlette.responses import Response

from mockidp import logins
from mockidp.call import Call, json_answer
from mockidp.discovery import SCOPE_CLAIMS
from mockidp.host import JSON
from mockidp.models import RefreshTokenRow
from mockidp.oauth import OauthError, read_body, refuse_repeats
from mockidp.token import public_client
from mockidp.tokens import hash_of, read_access_token


def bearer(call: Call) -> str:
    """Return the bearer token of the Authorization header.

    Raises OauthError with a bare challenge when there is none. Source: RFC 6750 sections 2.1 and 3.1.
    """
    kind, _, token = call.request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise OauthError("invalid_request", "a bearer token is needed", status=401, challenge="Bearer")
    return token.strip()


async def userinfo(call: Call) -> Response:
    """Answer GET and POST /userinfo with the claims that the token's scope opens.

    Source: OpenID Connect Core 5.3, RFC 6750 section 3.1.
    """
    claims = read_access_token(call.realm, call.state, bearer(call))
    session_id = claims.get("sid") if claims else None
    session = await logins.find_live(call.realm, session_id) if isinstance(session_id, str) else None
    known = await call.realm.directory.claims(session.subject) if session else None
    if claims is None or session is None or known is None:
        raise OauthError(
            "invalid_token",
            "the token is not valid here, has expired or was revoked",
            status=401,
            challenge='Bearer error="invalid_token"',
        )
    scopes = str(claims.get("scope", "")).split(" ")
    if "openid" not in scopes:
        raise OauthError(
            "insufficient_scope",
            "the token lacks the scope openid",
            status=403,
            challenge='Bearer error="insufficient_scope", scope="openid"',
        )
    opened = [claim for scope in scopes for claim in SCOPE_CLAIMS.get(scope, ())]
    answer: dict[str, JSON] = {claim: known[claim] for claim in opened if claim in known}
    answer["sub"] = session.subject
    return json_answer(answer)


async def revoke(call: Call) -> Response:
    """Answer POST /revoke: either kind of token ends the session that it came of.

    A token that means nothing here is answered like one that was revoked.
    Raises OauthError invalid_grant for another client's token. Source: RFC 7009 sections 2.1 and 2.2.
    """
    form = await read_body(call.request)
    refuse_repeats(form)
    client = public_client(call, form)
    owner, session_id = await find_owner(call, form.need("token"))
    if owner is not None and owner != client.client_id:
        raise OauthError("invalid_grant", "the token was issued to another client")
    if session_id is not None:
        await logins.end_now(call.realm, session_id, "TOKEN_REVOKED")
    return json_answer(b"")


async def find_owner(call: Call, token: str) -> tuple[str | None, str | None]:
    """Return the client and the session that a token belongs to; nothing for an unknown one."""
    async with call.realm.reading():
        row = await RefreshTokenRow.get_or_none(token_hash=hash_of("refresh", token), realm=call.realm.name)
    if row is not None:
        return row.client_id, row.session_id
    claims = read_access_token(call.realm, call.state, token)
    if claims is None:
        return None, None
    return str(claims.get("client_id")), str(claims.get("sid"))
