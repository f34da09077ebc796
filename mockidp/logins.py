"""The life of a session row: begun by a sign-in, kept alive by use, ended once and for everyone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mockidp.host import Realm
from mockidp.models import CodeRow, RefreshTokenRow, SessionRow, has_live_session
from mockidp.tokens import REFRESH_TOKEN_LIFE, hash_of, make_id

How = Literal["PASSWORD", "PERSONA", "ASSERTION"]
RevokedWhy = Literal["SIGN_OUT", "TOKEN_REVOKED", "TOKEN_REUSED", "CODE_REUSED"]
MAX_USER_AGENT_CHARS = 255


@dataclass(frozen=True, slots=True)
class Session:
    """A sign-in that is still good."""

    id: str
    subject: str
    how: str
    created_at: datetime
    last_used_at: datetime
    user_agent: str | None


async def begin(
    realm: Realm, subject: str, how: How, proof_hash: str, *, user_agent: str | None, at: datetime
) -> SessionRow:
    """Write a new session inside an open transaction.

    Raises IntegrityError when the same proof has begun one already.
    """
    return await SessionRow.create(
        id=make_id(),
        realm=realm.name,
        subject=subject,
        how=how,
        proof_hash=proof_hash,
        user_agent=user_agent[:MAX_USER_AGENT_CHARS] if user_agent else None,
        created_at=at,
        last_used_at=at,
        expires_at=at + REFRESH_TOKEN_LIFE,
    )


async def keep_alive(realm: Realm, session_id: str, at: datetime) -> bool:
    """Mark a session as used inside an open transaction; False: it is over.

    Every use of a family locks this row first, so that rotation and revocation happen one after the other.
    """
    live = SessionRow.filter(id=session_id, realm=realm.name, revoked_at=None, expires_at__gt=at)
    return await live.update(last_used_at=at, expires_at=at + REFRESH_TOKEN_LIFE) == 1


async def end(realm: Realm, session_ids: Sequence[str], why: RevokedWhy, at: datetime) -> int:
    """End sessions and their refresh tokens inside an open transaction; returns how many were live.

    The caller tells the realm after the commit (`Realm.revoked`).
    """
    rows = SessionRow.filter(id__in=list(session_ids), realm=realm.name, revoked_at=None)
    ended = await rows.update(revoked_at=at, revoked_why=why)
    tokens = RefreshTokenRow.filter(session_id__in=list(session_ids), realm=realm.name, revoked_at=None)
    await tokens.update(revoked_at=at)
    return ended


async def end_now(realm: Realm, session_id: str, why: RevokedWhy) -> bool:
    """End one session in a transaction of its own and tell every verifier; False: it was over already."""
    async with realm.writing():
        ended = await end(realm, [session_id], why, realm.now())
    if ended:
        realm.revoked([session_id])
    return ended == 1


async def find_live(realm: Realm, session_id: str) -> Session | None:
    """Return a session by its id unless it is over."""
    async with realm.reading():
        row = await SessionRow.get_or_none(id=session_id, realm=realm.name, revoked_at=None, expires_at__gt=realm.now())
    return session_of(row) if row else None


async def is_live(realm: Realm, session_id: str) -> bool:
    """Say whether a session is still good."""
    async with realm.reading():
        return await has_live_session(session_id, realm.name, realm.now())


async def find_by_cookie(realm: Realm, cookie: str) -> Session | None:
    """Return the session that a browser's cookie stands for unless it is over."""
    proof = hash_of("cookie", cookie)
    async with realm.reading():
        row = await SessionRow.get_or_none(
            proof_hash=proof, realm=realm.name, revoked_at=None, expires_at__gt=realm.now()
        )
    return session_of(row) if row else None


async def list_live(realm: Realm, subject: str) -> list[Session]:
    """List a subject's sessions that are still good, the latest used first."""
    async with realm.reading():
        rows = await SessionRow.filter(
            realm=realm.name, subject=subject, revoked_at=None, expires_at__gt=realm.now()
        ).order_by("-last_used_at", "id")
    return [session_of(row) for row in rows]


async def sweep(realm: Realm) -> int:
    """Delete codes, refresh tokens and sessions whose time is over; returns how many rows went.

    A refresh token is kept until it would have expired, so that its reuse is noticed as long as it matters.
    """
    at = realm.now()
    async with realm.writing():
        gone = await CodeRow.filter(realm=realm.name, expires_at__lte=at - REFRESH_TOKEN_LIFE).delete()
        gone += await RefreshTokenRow.filter(realm=realm.name, expires_at__lte=at).delete()
        gone += await SessionRow.filter(realm=realm.name, expires_at__lte=at).delete()
    return gone


def session_of(row: SessionRow) -> Session:
    """Read a session from its row."""
    return Session(row.id, row.subject, row.how, row.created_at, row.last_used_at, row.user_agent)
