"""Signing in and out, and who a token speaks for."""

from datetime import datetime, timedelta

from gateway.domain.account import Account, AccountStatus, ActivityKind, Caller, SignedIn, Viewer
from gateway.domain.identity import normalise_email, normalise_kpj
from gateway.domain.membership_care import Link
from gateway.domain.message import MessageKind
from gateway.domain.problem import Code, Refusal, Rejected, Service, refuse
from gateway.models.account import AccountRow
from gateway.models.member import MembershipRow
from gateway.models.prepared import change, find_one
from gateway.ports import IdentityUnavailable, RefreshRejected, TokenRejected, Tokens
from gateway.services import account as accounts
from gateway.services import activity, courier, limit
from gateway.world import World


async def authenticate(world: World, *, login: str, password: str, caller: Caller) -> Account:
    """Check a login (KPJ or e-mail) and a password.

    An unknown login costs the same work and gets the same answer, and locks the same way: failures are counted by a
    keyed hash of the login. Raises Refusal: REQUIRED, INVALID_CREDENTIALS, ACCOUNT_LOCKED, ACCOUNT_NOT_ACTIVE (only
    after a correct password). Source: domain notes 1.6 and 8; the numbers are assumed (`Policy`).
    """
    if not login.strip():
        raise refuse(Code.REQUIRED, "login")
    if not password:
        raise refuse(Code.REQUIRED, "password")
    kpj, email = normalise_kpj(login), normalise_email(login)
    key = _login_key(world, kpj or email or login.strip().lower())
    async with world.store.reading():
        retry_at = await _locked_until(world, key)
        row = await _find(kpj, email)
    if retry_at is not None:
        raise _locked(retry_at)
    # The work of a password check is always done, on known and unknown logins and on too long passwords alike.
    usable = len(password) <= world.limits.password_max_length
    right = await world.passwords.verify(password if usable else "", row.password_hash if row and usable else None)
    async with world.store.writing():
        refusal = await _judge(world, key, row, right=right, caller=caller)
    if refusal is not None:
        world.agenda.now()
        raise refusal
    assert row is not None, "a right password belongs to an account"
    return row.to_domain(world.clock.now())


def _login_key(world: World, name: str) -> str:
    return world.ids.key("login", name)


async def _find(kpj: str | None, email: str | None) -> AccountRow | None:
    """The account of any linked KPJ, or of an e-mail; a login that is neither has none."""
    if kpj is None:
        return await find_one(AccountRow, email=email) if email is not None else None
    membership = await find_one(MembershipRow, kpj=kpj, link=Link.LINKED)
    return await find_one(AccountRow, person_id=membership.person_id) if membership is not None else None


async def _locked_until(world: World, key: str) -> datetime | None:
    locks = await limit.count(world, limit.SIGN_IN_LOCK, key, world.limits.sign_in_lock_s)
    return locks.retry_at(1, world.limits.sign_in_lock_s)


def _locked(retry_at: datetime) -> Refusal:
    return refuse(Code.ACCOUNT_LOCKED, retry_at=retry_at)


async def _judge(world: World, key: str, row: AccountRow | None, *, right: bool, caller: Caller) -> Refusal | None:
    """Count a failure or forget the earlier ones, inside the open transaction; what is to be refused, if anything."""
    await limit.alone(limit.SIGN_IN, key)
    retry_at = await _locked_until(world, key)
    if retry_at is not None:
        return _locked(retry_at)
    if not right or row is None:
        return await _count_failure(world, key, row, caller)
    if row.status == AccountStatus.PENDING_ACTIVATION:
        return refuse(Code.ACCOUNT_NOT_ACTIVE)
    if row.locked_until is not None and row.locked_until > world.clock.now():
        return _locked(row.locked_until)
    await limit.forget([limit.SIGN_IN], [key])
    return None


async def _count_failure(world: World, key: str, row: AccountRow | None, caller: Caller) -> Refusal:
    """Count a failure; the last one that is borne within the lock's length locks the login, known or not."""
    await limit.record(world, limit.SIGN_IN, key)
    failures = await limit.count(world, limit.SIGN_IN, key, world.limits.sign_in_lock_s)
    if row is not None:
        await activity.record(world, row.id, ActivityKind.SIGN_IN_FAILED, caller)
    if len(failures) < world.limits.sign_in_failures:
        return refuse(Code.INVALID_CREDENTIALS)
    # The lock is kept apart from the failures, which leave their window one by one.
    await limit.forget([limit.SIGN_IN], [key])
    await limit.record(world, limit.SIGN_IN_LOCK, key)
    retry_at = world.clock.now() + timedelta(seconds=world.limits.sign_in_lock_s)
    if row is not None:
        await _lock(world, row, retry_at, caller)
    return _locked(retry_at)


async def unlock(world: World, row: AccountRow) -> None:
    """Lift an account's lock under whichever login it was locked, inside the open transaction."""
    kpjs = await MembershipRow.filter(person_id=row.person_id).values_list("kpj", flat=True)
    logins = [str(kpj) for kpj in kpjs] + ([row.email] if row.email is not None else [])
    await limit.forget([limit.SIGN_IN, limit.SIGN_IN_LOCK], [_login_key(world, login) for login in logins])
    await AccountRow.filter(id=row.id).update(locked_until=None)


async def _lock(world: World, row: AccountRow, until: datetime, caller: Caller) -> None:
    """Lock an account until that time and tell its owner by mail."""
    await AccountRow.filter(id=row.id).update(locked_until=until)
    await activity.record(world, row.id, ActivityKind.ACCOUNT_LOCKED, caller)
    world.agenda.at(until)
    if row.email is not None:
        minutes = world.limits.sign_in_lock_s // 60
        kind = MessageKind.SECURITY_NOTICE
        await courier.enqueue_mail(world, kind, row.email, "account_locked", row.locale, minutes=minutes)


async def sign_in(world: World, *, login: str, password: str, caller: Caller) -> SignedIn:
    """Sign in and get tokens from the identity provider.

    Raises Refusal: as `authenticate`, and SERVICE_UNAVAILABLE when the provider does not answer or is a foreign one.
    """
    account = await authenticate(world, login=login, password=password, caller=caller)
    try:
        tokens = await world.sessions.issue(account.subject, user_agent=caller.user_agent, ip_address=caller.ip_address)
    except IdentityUnavailable:
        raise refuse(Code.SERVICE_UNAVAILABLE, service=Service.IDENTITY) from None
    return await _signed_in(world, account, tokens, caller)


async def _signed_in(world: World, account: Account, tokens: Tokens, caller: Caller) -> SignedIn:
    await note_sign_in(world, account=account, caller=caller)
    return SignedIn(account, tokens.access_token, tokens.refresh_token, tokens.expires_at, tokens.refresh_expires_at)


async def note_sign_in(world: World, *, account: Account, caller: Caller) -> None:
    """Write down that the account was signed in, here or at the provider's page."""
    async with world.store.writing():
        await change(AccountRow, {"last_sign_in_at": world.clock.now()}, id=account.id)
        await activity.record(world, account.id, ActivityKind.SIGNED_IN, caller)


async def refresh(world: World, *, refresh_token: str | None) -> SignedIn:
    """Exchange a refresh token for new tokens; the old one is used up, a second use ends the session.

    Raises Refusal: REQUIRED, TOKEN_INVALID, TOKEN_EXPIRED, SESSION_REVOKED, SERVICE_UNAVAILABLE.
    """
    if not refresh_token:
        raise refuse(Code.REQUIRED, "refreshToken")
    try:
        tokens = await world.sessions.refresh(refresh_token)
    except RefreshRejected as rejected:
        codes = {"EXPIRED": Code.TOKEN_EXPIRED, "REVOKED": Code.SESSION_REVOKED}
        raise refuse(codes.get(rejected.reason, Code.TOKEN_INVALID), "refreshToken") from None
    except IdentityUnavailable:
        raise refuse(Code.SERVICE_UNAVAILABLE, service=Service.IDENTITY) from None
    account = await accounts.find_by_subject(world, subject=tokens.subject)
    if account is None:
        raise refuse(Code.SESSION_REVOKED, "refreshToken")
    return SignedIn(account, tokens.access_token, tokens.refresh_token, tokens.expires_at, tokens.refresh_expires_at)


async def sign_out(world: World, *, viewer: Viewer, session_id: str | None, everywhere: bool, caller: Caller) -> int:
    """End this session, one named session of the same account, or all; answers how many ended.

    It takes effect at once for every verifier. Raises Refusal SERVICE_UNAVAILABLE.
    """
    one = None if everywhere else session_id or viewer.session_id
    try:
        ended = await world.sessions.revoke(viewer.subject, session_id=one)
    except IdentityUnavailable:
        raise refuse(Code.SERVICE_UNAVAILABLE, service=Service.IDENTITY) from None
    account = await accounts.find_by_subject(world, subject=viewer.subject)
    if ended and account is not None:
        async with world.store.writing():
            await activity.record(world, account.id, ActivityKind.SIGNED_OUT, caller)
    return ended


async def viewer_of(world: World, access_token: str) -> Viewer:
    """Who an access token speaks for.

    Raises Rejected UNAUTHENTICATED (extensions.reason EXPIRED, REVOKED or INVALID) and UNAVAILABLE.
    """
    try:
        claims = await world.tokens.verify(access_token)
    except TokenRejected as rejected:
        reason = {"reason": rejected.reason}
        raise Rejected("UNAUTHENTICATED", "request.unauthenticated", extensions=reason) from None
    except IdentityUnavailable:
        raise Rejected("UNAVAILABLE", "request.unavailable") from None
    return Viewer(claims.subject, claims.session_id)
