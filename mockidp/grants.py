"""The three grants: each turns a proof into a session's tokens, decided by guarded statements in one transaction."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mockidp import logins
from mockidp.discovery import SCOPE_CLAIMS
from mockidp.host import JSON, Realm
from mockidp.models import CodeRow, IntegrityError, RefreshTokenRow, SessionRow
from mockidp.oauth import OauthError, RefusalReason, scopes_of
from mockidp.realms import Client
from mockidp.tokens import REFRESH_TOKEN_LIFE, Grant, hash_of, make_opaque, read_signed

ASSERTION_TYPE = "JWT"
# Source: RFC 7523 section 3 lets the server bound the life of an assertion; the length is assumed.
MAX_ASSERTION_LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Issued:
    """The outcome of a grant, after the commit."""

    grant: Grant
    refresh_token: str
    refresh_expires_at: datetime
    at: datetime
    nonce: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal whose writes are kept: `reused` says that the session was ended because of it."""

    description: str
    reason: RefusalReason
    reused: bool = False


async def redeem_code(realm: Realm, client: Client, code: str, redirect_uri: str, verifier: str) -> Issued:
    """Exchange an authorization code; a second use ends the session that the first one opened.

    Raises OauthError invalid_grant. Source: RFC 6749 sections 4.1.2 and 4.1.3, RFC 7636 section 4.6.
    """
    async with realm.reading():
        row = await CodeRow.get_or_none(code_hash=hash_of("code", code), realm=realm.name)
    if row is None or row.client_id != client.client_id:
        raise OauthError("invalid_grant", "the code is unknown or was issued to another client")
    async with realm.writing():
        outcome = await use_code(realm, row, redirect_uri, verifier)
    return settle(realm, row.session_id, outcome)


async def use_code(realm: Realm, row: CodeRow, redirect_uri: str, verifier: str) -> Issued | Refused:
    """Decide on one use of a code inside an open transaction."""
    at = realm.now()
    if row.used_at is None:
        if at >= row.expires_at:
            return Refused("the code has expired", "EXPIRED")
        if redirect_uri != row.redirect_uri:
            return Refused("redirect_uri differs from the one of the authorization request", "INVALID")
        if not verifier_fits(verifier, row.challenge):
            return Refused("code_verifier does not fit the code_challenge", "INVALID")
    if not await logins.keep_alive(realm, row.session_id, at):
        return Refused("the session is over", "REVOKED")
    if await CodeRow.filter(code_hash=row.code_hash, used_at=None).update(used_at=at) != 1:
        await logins.end(realm, [row.session_id], "CODE_REUSED", at)
        return Refused("the code was used before; its session is over", "REVOKED", reused=True)
    session = await SessionRow.get(id=row.session_id)
    return await write_tokens(session, row.client_id, row.scope, at, nonce=row.nonce)


async def rotate(realm: Realm, client: Client, refresh_token: str, scope: str | None) -> Issued:
    """Exchange a refresh token for a new one; a second use ends the whole session.

    Of several uses at once exactly one succeeds and the session is over all the same: the provider cannot
    know which of the holders is the thief.
    Raises OauthError invalid_grant or invalid_scope. Source: RFC 6749 section 6, RFC 9700 section 4.14.2.
    """
    async with realm.reading():
        row = await RefreshTokenRow.get_or_none(token_hash=hash_of("refresh", refresh_token), realm=realm.name)
    if row is None or row.client_id != client.client_id:
        raise OauthError("invalid_grant", "the refresh token is unknown or was issued to another client")
    wanted = row.scope if scope is None else scope
    if not set(wanted.split(" ")) <= set(row.scope.split(" ")):
        raise OauthError("invalid_scope", "the scope is wider than the one that was granted")
    async with realm.writing():
        outcome = await use_refresh_token(realm, row, wanted)
    return settle(realm, row.session_id, outcome)


async def use_refresh_token(realm: Realm, row: RefreshTokenRow, scope: str) -> Issued | Refused:
    """Decide on one use of a refresh token inside an open transaction."""
    at = realm.now()
    if row.rotated_at is None and row.revoked_at is None and at >= row.expires_at:
        return Refused("the refresh token has expired", "EXPIRED")
    if not await logins.keep_alive(realm, row.session_id, at):
        return Refused("the session is over", "REVOKED")
    unused = RefreshTokenRow.filter(token_hash=row.token_hash, rotated_at=None, revoked_at=None)
    if await unused.update(rotated_at=at) != 1:
        await logins.end(realm, [row.session_id], "TOKEN_REUSED", at)
        return Refused("the refresh token was used before; its session is over", "REVOKED", reused=True)
    session = await SessionRow.get(id=row.session_id)
    return await write_tokens(session, row.client_id, row.scope, at, narrowed=scope)


async def accept_assertion(
    realm: Realm, client: Client, assertion: str, scope: str | None, user_agent: str | None
) -> Issued:
    """Open a session for the subject whom a first-party client vouches for; an assertion counts once.

    The directory is not asked: the gateway owns the accounts and has checked the person itself.
    Raises OauthError invalid_grant. Source: RFC 7523 sections 2.1 and 3.
    """
    at = realm.now()
    claims = read_signed(assertion, client.assertion_key, ASSERTION_TYPE) if client.assertion_key else None
    if claims is None or claims.get("iss") != client.client_id:
        raise OauthError("invalid_grant", "the assertion is not signed by a client that may vouch")
    subject, jti = check_assertion(realm, claims, at)
    proof = hash_of("assertion", f"{realm.name}:{jti}")
    granted = scopes_of(scope, SCOPE_CLAIMS) or "openid"
    try:
        async with realm.writing():
            session = await logins.begin(realm, subject, "ASSERTION", proof, user_agent=user_agent, at=at)
            return await write_tokens(session, client.client_id, granted, at)
    except IntegrityError as failure:
        raise OauthError("invalid_grant", "the assertion was used before") from failure


def check_assertion(realm: Realm, claims: Mapping[str, JSON], at: datetime) -> tuple[str, str]:
    """Return subject and jti of a signed assertion that is meant for this realm and this moment.

    Raises OauthError invalid_grant. Source: RFC 7523 section 3, rules 2 to 7.
    """
    audience = claims.get("aud")
    if realm.issuer not in (audience if isinstance(audience, list) else [audience]):
        raise OauthError("invalid_grant", "the assertion is meant for another audience")
    expires, now = claims.get("exp"), at.timestamp()
    if not isinstance(expires, int) or not now < expires <= now + MAX_ASSERTION_LIFE.total_seconds():
        raise OauthError("invalid_grant", "the assertion has expired or lives longer than 5 minutes")
    not_before = claims.get("nbf", 0)
    if not isinstance(not_before, int) or now < not_before:
        raise OauthError("invalid_grant", "the assertion is not valid yet")
    subject, jti = claims.get("sub"), claims.get("jti")
    if not isinstance(subject, str) or not 0 < len(subject) <= 64:
        raise OauthError("invalid_grant", "the assertion names no subject")
    if not isinstance(jti, str) or not jti:
        raise OauthError("invalid_grant", "the assertion has no jti")
    return subject, jti


async def write_tokens(
    session: SessionRow,
    client_id: str,
    scope: str,
    at: datetime,
    *,
    nonce: str | None = None,
    narrowed: str | None = None,
) -> Issued:
    """Write a new refresh token of a session inside an open transaction; it keeps the full scope."""
    token, expires_at = make_opaque(), at + REFRESH_TOKEN_LIFE
    await RefreshTokenRow.create(
        token_hash=hash_of("refresh", token),
        realm=session.realm,
        client_id=client_id,
        session_id=session.id,
        scope=scope,
        created_at=at,
        expires_at=expires_at,
    )
    grant = Grant(session.subject, session.id, client_id, narrowed or scope, session.created_at)
    return Issued(grant, token, expires_at, at, nonce)


def settle(realm: Realm, session_id: str, outcome: Issued | Refused) -> Issued:
    """Pass on what was issued, or tell the verifiers and raise OauthError invalid_grant. After the commit."""
    if isinstance(outcome, Issued):
        return outcome
    if outcome.reused:
        realm.revoked([session_id])
    raise OauthError("invalid_grant", outcome.description, reason=outcome.reason)


def verifier_fits(verifier: str, challenge: str) -> bool:
    """Compare a PKCE verifier with its S256 challenge in constant time. Source: RFC 7636 section 4.6."""
    digest = hashlib.sha256(verifier.encode()).digest()
    made = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(made, challenge)
