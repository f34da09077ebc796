"""The port that a host hands to its gateway: open, renew, list and end sessions.

A session is opened by a real request to the token endpoint, in process; the rest uses the same rows.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import orjson
from starlette.types import Message, Scope

from mockidp import logins
from mockidp.app import REALM_KEY, Provider
from mockidp.discovery import JWT_BEARER_GRANT
from mockidp.grants import rotate
from mockidp.host import JSON, Realm
from mockidp.models import RefreshTokenRow, SessionRow
from mockidp.oauth import OauthError, RefusalReason
from mockidp.realms import GATEWAY, RealmState
from mockidp.tokens import (
    ACCESS_TOKEN_LIFE,
    REFRESH_TOKEN_LIFE,
    access_token,
    hash_of,
    make_id,
    sign,
)

ASSERTION_LIFE = timedelta(seconds=60)
SCOPE = "openid profile email phone member"


@dataclass(frozen=True, slots=True)
class Tokens:
    """A session's tokens; `expires_at` is the access token's."""

    access_token: str
    refresh_token: str
    expires_at: datetime
    refresh_expires_at: datetime
    session_id: str
    subject: str


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One live session of a subject."""

    id: str
    created_at: datetime
    last_used_at: datetime
    user_agent: str | None


class RefreshRejected(Exception):
    """The refresh token is refused: `reason` is INVALID (unknown), EXPIRED, or REVOKED (ended or used twice)."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason)
        self.reason: RefusalReason = reason


class Sessions:
    """Sessions of the first party, over the provider's own rows."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def issue(self, realm: Realm, subject: str, *, user_agent: str | None, ip_address: str | None) -> Tokens:
        """Open a session for a person whom the gateway has checked, by JWT bearer grant.

        Source: RFC 7523 section 2.1.
        """
        state = await self._provider.states.of(realm)
        form = {
            "grant_type": JWT_BEARER_GRANT,
            "assertion": make_assertion(realm, state, subject),
            "scope": SCOPE,
        }
        status, body = await post_form(self._provider, realm, "/token", form, user_agent, ip_address)
        answer = orjson.loads(body)
        if status != 200:
            raise RuntimeError(f"the token endpoint refused the gateway: {answer['error']}")
        return tokens_of(answer["access_token"], answer["refresh_token"])

    async def refresh(self, realm: Realm, refresh_token: str) -> Tokens:
        """Renew a session; a second use of a refresh token ends the session for good.

        Raises RefreshRejected. Source: RFC 9700 section 4.14.2.
        """
        state = await self._provider.states.of(realm)
        try:
            issued = await rotate(realm, state.clients[GATEWAY], refresh_token, None)
        except OauthError as error:
            raise RefreshRejected(error.reason) from error
        token = access_token(realm, state, issued.grant, issued.at)
        return Tokens(
            access_token=token,
            refresh_token=issued.refresh_token,
            expires_at=issued.at.replace(microsecond=0) + ACCESS_TOKEN_LIFE,
            refresh_expires_at=issued.refresh_expires_at,
            session_id=issued.grant.session_id,
            subject=issued.grant.subject,
        )

    async def list(self, realm: Realm, subject: str) -> list[SessionInfo]:
        """List a subject's live sessions, whichever client opened them, the latest used first."""
        found = await logins.list_live(realm, subject)
        return [SessionInfo(row.id, row.created_at, row.last_used_at, row.user_agent) for row in found]

    async def revoke(
        self,
        realm: Realm,
        subject: str,
        *,
        session_id: str | None = None,
        except_session_id: str | None = None,
    ) -> int:
        """End one session of a subject, or all, or all but one; returns how many were live.

        Another subject's session is never ended. Every verifier is told after the commit.
        """
        rows = SessionRow.filter(realm=realm.name, subject=subject, revoked_at=None)
        if session_id is not None:
            rows = rows.filter(id=session_id)
        if except_session_id is not None:
            rows = rows.exclude(id=except_session_id)
        async with realm.writing():
            live = [row.id for row in await rows.only("id")]
            ended = await logins.end(realm, live, "SIGN_OUT", realm.now()) if live else 0
        if ended:
            realm.revoked(live)
        return ended

    async def revoke_refresh_token(self, realm: Realm, refresh_token: str) -> bool:
        """End the session that a refresh token of the gateway belongs to; False: there was none to end."""
        token_hash = hash_of("refresh", refresh_token)
        async with realm.reading():
            row = await RefreshTokenRow.get_or_none(token_hash=token_hash, realm=realm.name, client_id=GATEWAY)
        return row is not None and await logins.end_now(realm, row.session_id, "SIGN_OUT")

    async def is_live(self, realm: Realm, session_id: str) -> bool:
        """Say whether a session is still good."""
        return await logins.is_live(realm, session_id)

    async def sweep(self, realm: Realm) -> int:
        """Delete rows whose time is over; returns how many."""
        return await logins.sweep(realm)


def make_assertion(realm: Realm, state: RealmState, subject: str) -> str:
    """Sign, as the gateway, that `subject` was checked just now; good once and for 60 s.

    Source: RFC 7523 section 3.
    """
    now = int(realm.now().timestamp())
    claims: dict[str, JSON] = {
        "iss": GATEWAY,
        "sub": subject,
        "aud": realm.issuer,
        "iat": now,
        "exp": now + int(ASSERTION_LIFE.total_seconds()),
        "jti": make_id(),
    }
    return sign(state.assertion_key, state.assertion_kid, "JWT", claims)


def tokens_of(access: str, refresh: str) -> Tokens:
    """Read the session and the times out of a token answer that our own endpoint has just signed."""
    payload = access.split(".")[1]
    claims = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    issued = datetime.fromtimestamp(claims["iat"], UTC)
    return Tokens(
        access_token=access,
        refresh_token=refresh,
        expires_at=issued + ACCESS_TOKEN_LIFE,
        refresh_expires_at=issued + REFRESH_TOKEN_LIFE,
        session_id=claims["sid"],
        subject=claims["sub"],
    )


async def post_form(
    provider: Provider,
    realm: Realm,
    path: str,
    form: Mapping[str, str],
    user_agent: str | None,
    ip_address: str | None,
) -> tuple[int, bytes]:
    """Send a form to the provider in process: the endpoint's own code runs, without a socket."""
    body = urlencode(form).encode()
    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    if user_agent:
        headers.append((b"user-agent", user_agent.encode("latin-1", "replace")))
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": (ip_address, 0) if ip_address else None,
        REALM_KEY: realm,
    }
    status, answer = 0, bytearray()

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)
        answer.extend(message.get("body", b""))

    await provider(scope, receive, send)
    return status, bytes(answer)
