"""A new password: by reset for who forgot it, by change for who knows it."""

from datetime import timedelta

from gateway.domain.account import ActivityKind, Caller, Viewer
from gateway.domain.identity import normalise_email, normalise_kpj, normalise_nik
from gateway.domain.membership_care import Link
from gateway.domain.message import MessageKind
from gateway.domain.otp import OtpChannel
from gateway.domain.password import check_password, identity_of
from gateway.domain.problem import Code, Problem, Refusal, Rejected, refuse
from gateway.models.account import AccountRow
from gateway.models.member import MembershipRow, PersonRow
from gateway.models.registration import ResetRow
from gateway.ports import BadToken, ExpiredToken, IdentityUnavailable
from gateway.services import activity, challenge, courier, limit, session
from gateway.services.activation import password_params
from gateway.world import World

_PURPOSE = "reset"
_HOUR_S = 3600


async def request_reset(
    world: World, *, kpj: str, email: str | None, nik: str | None, channel: OtpChannel
) -> str | None:
    """Ask for a new password with KPJ and either e-mail or NIK.

    The answer is the same for known and unknown people: None with EMAIL, a reset token with SMS.
    Raises Refusal: REQUIRED, INVALID_KPJ, INVALID_EMAIL, INVALID_NIK, INVALID_FORMAT (both or neither given),
    RATE_LIMITED (60 s between requests for one KPJ, 5 an hour: assumed). Source: domain notes 1.6.
    """
    clean_kpj, clean_email, clean_nik = _check_request(kpj, email, nik)
    key = world.ids.key("reset", clean_kpj)
    async with world.store.writing():
        await limit.alone(limit.RESET, key)
        asked = await limit.count(world, limit.RESET, key, _HOUR_S)
        retry_at = asked.retry_at(world.limits.otp_sends_per_hour, _HOUR_S)
        if len(asked):
            cool = asked.times[-1] + timedelta(seconds=world.limits.otp_resend_s)
            retry_at = max(cool, retry_at or cool) if cool > world.clock.now() or retry_at else None
        if retry_at is not None:
            raise refuse(Code.RATE_LIMITED, retry_at=retry_at)
        await limit.record(world, limit.RESET, key)
        account = await _find(clean_kpj, clean_email, clean_nik)
        row = await ResetRow.create(
            account_id=account.id if account else None, channel=channel, created_at=world.clock.now()
        )
        token = world.signer.sign(_PURPOSE, {"q": row.id})
        if channel is OtpChannel.SMS:
            await _send_code(world, row, account)
        elif account is not None and account.email is not None:
            await _send_link(world, account, token)
    world.agenda.now()
    return token if channel is OtpChannel.SMS else None


def _check_request(kpj: str, email: str | None, nik: str | None) -> tuple[str, str | None, str | None]:
    clean_kpj = normalise_kpj(kpj)
    clean_email = normalise_email(email) if email is not None else None
    clean_nik = normalise_nik(nik) if nik is not None else None
    problems = []
    if clean_kpj is None:
        problems.append(Problem(Code.INVALID_KPJ if kpj.strip() else Code.REQUIRED, ("kpj",)))
    if email is None and nik is None:
        problems.append(Problem(Code.REQUIRED, ("email",), text="error.REQUIRED.email_or_nik"))
    elif email is not None and nik is not None:
        problems.append(Problem(Code.INVALID_FORMAT, ("nik",), text="error.INVALID_FORMAT.email_and_nik"))
    elif email is not None and clean_email is None:
        problems.append(Problem(Code.INVALID_EMAIL if email.strip() else Code.REQUIRED, ("email",)))
    elif nik is not None and clean_nik is None:
        problems.append(Problem(Code.INVALID_NIK if nik.strip() else Code.REQUIRED, ("nik",)))
    if problems or clean_kpj is None:
        raise Refusal(*problems)
    return clean_kpj, clean_email, clean_nik


async def _find(kpj: str, email: str | None, nik: str | None) -> AccountRow | None:
    membership = await MembershipRow.get_or_none(kpj=kpj, link=Link.LINKED)
    account = await AccountRow.get_or_none(person_id=membership.person_id if membership else 0)
    if account is None or account.activated_at is None:
        return None
    return account if (account.nik == nik if nik is not None else account.email == email) else None


async def _send_code(world: World, row: ResetRow, account: AccountRow | None) -> None:
    target = account.phone if account else ""
    _, code = await challenge.create(world, _owner(row), OtpChannel.SMS, target, deliverable=account is not None)
    if account is not None:
        minutes = world.limits.otp_ttl_s // 60
        kind = MessageKind.PASSWORD_RESET
        await courier.enqueue_sms(
            world, kind, account.phone, "password_reset", account.locale, code=code, minutes=minutes
        )


async def _send_link(world: World, account: AccountRow, token: str) -> None:
    assert account.email is not None, "an active account has an address"
    link = f"{world.urls.portal}/sandi-baru?token={token}"
    minutes = world.limits.reset_ttl_s // 60
    kind = MessageKind.PASSWORD_RESET
    await courier.enqueue_mail(world, kind, account.email, "password_reset", account.locale, link=link, minutes=minutes)


def _owner(row: ResetRow) -> str:
    return f"reset:{row.id}"


async def reset(world: World, *, token: str, code: str | None, password: str, caller: Caller) -> None:
    """Set a new password with a mailed token, or with a token and the code that came by SMS.

    Every session of the account ends, a lock is lifted, other reset tokens end, and its owner is told by mail.
    Raises Refusal: REQUIRED, TOKEN_INVALID, TOKEN_EXPIRED, TOKEN_USED, OTP_*, PASSWORD_*.
    """
    row = await _read_token(world, token)
    if not password:
        raise refuse(Code.REQUIRED, "password")
    code = code or ""
    if row.channel == OtpChannel.SMS:
        # Whoever has no right code is told only what holds for every account: whether it exists and what its
        # password is or must not contain comes after.
        challenge.check_shape(code, world.limits.otp_length)
        await _check_rules(world, password, "password", (), ())
        await _prove(world, row, code)
    account = await _account_of(world, row)
    await _check_new(world, account, password, "password")
    password_hash = await world.passwords.hash(password)
    async with world.store.writing():
        refusal = await _use(world, row, account, code, password_hash, caller)
    if refusal is not None:
        raise refusal
    await end_sessions(world, account.subject, keep=None)
    world.agenda.now()


async def _read_token(world: World, token: str) -> ResetRow:
    if not token.strip():
        raise refuse(Code.REQUIRED, "token")
    try:
        payload = world.signer.read(_PURPOSE, token.strip(), world.limits.reset_ttl_s)
    except BadToken:
        raise refuse(Code.TOKEN_INVALID, "token") from None
    except ExpiredToken:
        raise refuse(Code.TOKEN_EXPIRED, "token") from None
    async with world.store.reading():
        row = await ResetRow.get_or_none(id=payload["q"])
    if row is None:
        raise refuse(Code.TOKEN_INVALID, "token")
    if row.used_at is not None:
        raise refuse(Code.TOKEN_USED, "token")
    return row


async def _prove(world: World, row: ResetRow, code: str) -> None:
    """Refuse a wrong code, and count it; a right one stays good for the password that is to come."""
    async with world.store.writing():
        refusal = await _answer(world, row, code, use=False)
    if refusal is not None:
        raise refusal


async def _answer(world: World, row: ResetRow, code: str, *, use: bool) -> Refusal | None:
    sent = await challenge.latest(_owner(row))
    assert sent is not None, "a reset by SMS has a challenge"
    return (await challenge.answer(world, sent, code, use=use)).refusal


async def _account_of(world: World, row: ResetRow) -> AccountRow:
    async with world.store.reading():
        account = await AccountRow.get_or_none(id=row.account_id) if row.account_id is not None else None
    if account is None:
        raise refuse(Code.TOKEN_INVALID, "token")
    return account


async def _use(
    world: World, row: ResetRow, account: AccountRow, code: str, password_hash: str, caller: Caller
) -> Refusal | None:
    refusal = await _answer(world, row, code, use=True) if row.channel == OtpChannel.SMS else None
    if refusal is not None:
        return refusal
    if not await ResetRow.filter(id=row.id, used_at=None).update(used_at=world.clock.now()):
        return refuse(Code.TOKEN_USED, "token")
    await ResetRow.filter(account_id=account.id, used_at=None).update(used_at=world.clock.now())
    await session.unlock(world, account)
    await _replace(world, account, password_hash, ActivityKind.PASSWORD_RESET, caller)
    return None


async def change(world: World, *, viewer: Viewer, current: str, new: str, caller: Caller) -> None:
    """Change the password of who is signed in; every other session ends and the owner is told by mail.

    A wrong current password counts as a failed sign-in. Raises Refusal: REQUIRED, INVALID_CREDENTIALS,
    ACCOUNT_LOCKED, PASSWORD_*; Rejected UNAUTHENTICATED.
    """
    async with world.store.reading():
        account = await AccountRow.get_or_none(subject=viewer.subject)
    if account is None:
        raise Rejected("UNAUTHENTICATED", "request.unauthenticated", extensions={"reason": "REVOKED"})
    missing = [name for name, typed in (("currentPassword", current), ("newPassword", new)) if not typed]
    if missing:
        raise Refusal(*(Problem(Code.REQUIRED, (name,)) for name in missing))
    try:
        await session.authenticate(world, login=account.kpj, password=current, caller=caller)
    except Refusal as refusal:
        code = refusal.problems[0].code
        if code is Code.INVALID_CREDENTIALS:
            raise refuse(code, "currentPassword", text="error.INVALID_CREDENTIALS.current") from None
        raise
    await _check_new(world, account, new, "newPassword")
    password_hash = await world.passwords.hash(new)
    async with world.store.writing():
        await _replace(world, account, password_hash, ActivityKind.PASSWORD_CHANGED, caller)
    await end_sessions(world, account.subject, keep=viewer.session_id)
    world.agenda.now()


async def _check_new(world: World, account: AccountRow, password: str, field: str) -> None:
    async with world.store.reading():
        person = await PersonRow.get(id=account.person_id)
    identity = identity_of(account.kpj, account.nik, person.birth_date)
    await _check_rules(world, password, field, identity, (account.email or "", account.phone))
    if await world.passwords.verify(password, account.password_hash):
        raise refuse(Code.PASSWORD_REUSED, field)


async def _check_rules(
    world: World, password: str, field: str, identity: tuple[str, ...], contacts: tuple[str, ...]
) -> None:
    score = await world.strength.score(password, (*identity, *contacts))
    checked = check_password(password, score, identity, world.limits)
    if checked.unmet:
        raise Refusal(*(Problem(code, (field,), params=password_params(world)) for code in checked.unmet))


async def _replace(world: World, account: AccountRow, password_hash: str, kind: ActivityKind, caller: Caller) -> None:
    await AccountRow.filter(id=account.id).update(password_hash=password_hash)
    await activity.record(world, account.id, kind, caller)
    if account.email is not None:
        notice = MessageKind.SECURITY_NOTICE
        await courier.enqueue_mail(world, notice, account.email, "password_changed", account.locale)


async def end_sessions(world: World, subject: str, *, keep: str | None) -> None:
    """End an account's sessions, but for `keep`. With a foreign provider its own sessions are its own affair."""
    try:
        await world.sessions.revoke(subject, except_session_id=keep)
    except IdentityUnavailable:
        return
