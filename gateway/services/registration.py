"""The sign-up from the form to the password. Activation is in `activation`."""

from collections.abc import AsyncIterator
from datetime import timedelta

from gateway.domain.account import Caller
from gateway.domain.otp import OtpChannel
from gateway.domain.problem import Code, Refusal, Rejected, Service, refuse
from gateway.domain.registration import OPEN_STATES, Registration, RegistrationForm, RegistrationState, check_form
from gateway.domain.zone import local_date
from gateway.models.account import AccountRow
from gateway.models.expressions import IntegrityError
from gateway.models.prepared import find_one
from gateway.models.registration import RegistrationRow
from gateway.ports import RegistryUnavailable
from gateway.services import challenge, code_delivery, flow, limit
from gateway.world import World

_HOUR_S = 3600
_ENDED = object()


async def start(
    world: World, *, kpj: str, nik: str, birth_date: str, phone: str, email: str, caller: Caller
) -> tuple[Registration, str]:
    """Begin a sign-up and send a code; answers the flow and the token that goes on with it.

    Somebody who has an account gets the same answer, and a code only on a contact of that account.
    Raises Refusal: a FieldError per malformed field, MEMBER_NOT_MATCHED, RATE_LIMITED, SERVICE_UNAVAILABLE.
    Source: domain notes 1.5 and 1.7; the limits are assumed (`Policy`).
    """
    today = local_date(world.clock.now())
    form = check_form(kpj=kpj, nik=nik, birth_date=birth_date, phone=phone, email=email, today=today)
    try:
        member = await world.registry.match(kpj=form.kpj, nik=form.nik, birth_date=form.birth_date)
    except RegistryUnavailable:
        raise refuse(Code.SERVICE_UNAVAILABLE, service=Service.REGISTRY) from None
    if member is None or await _too_many_mismatches(world, form.kpj):
        raise await _mismatch(world, form.kpj, matched=member is not None)
    token = world.ids.token()
    try:
        async with world.store.writing():
            registration, ended = await _open(world, form, member.id, token, caller)
    except IntegrityError:
        # Another start of the same person was committed first: its code is on the way.
        retry_at = world.clock.now() + timedelta(seconds=world.limits.otp_resend_s)
        raise refuse(Code.RATE_LIMITED, retry_at=retry_at) from None
    world.agenda.now()
    world.agenda.at(registration.expires_at)
    if ended is not None:
        world.bus.publish(flow.topic(ended))
    return registration, token


async def _too_many_mismatches(world: World, kpj: str) -> bool:
    async with world.store.reading():
        seen = await limit.count(world, limit.MISMATCH, world.ids.key("kpj", kpj), _HOUR_S)
    return len(seen) >= world.limits.mismatches_per_hour


async def _mismatch(world: World, kpj: str, *, matched: bool) -> Refusal:
    """Count a mismatch; past the limit the answer is the same whether or not the data match."""
    key = world.ids.key("kpj", kpj)
    async with world.store.writing():
        await limit.alone(limit.MISMATCH, key)
        seen = await limit.count(world, limit.MISMATCH, key, _HOUR_S)
        retry_at = seen.retry_at(world.limits.mismatches_per_hour, _HOUR_S)
        if retry_at is None and not matched:
            await limit.record(world, limit.MISMATCH, key)
    if retry_at is not None:
        return refuse(Code.RATE_LIMITED, retry_at=retry_at, text="error.RATE_LIMITED.mismatch")
    return refuse(Code.MEMBER_NOT_MATCHED)


async def _open(
    world: World, form: RegistrationForm, person_id: int, token: str, caller: Caller
) -> tuple[Registration, RegistrationRow | None]:
    """The new sign-up, and the older one that ended for it, inside the open transaction."""
    person_key = world.ids.key("nik", form.nik)
    sends = await limit.count(world, limit.CODE_SENT, person_key, _HOUR_S)
    ended = await flow.make_room(world, person_key, sends)
    now = world.clock.now()
    account = await find_one(AccountRow, nik=form.nik)
    row = await RegistrationRow.create(
        token_hash=world.ids.key("registration", token),
        live_key=person_key,
        person_key=person_key,
        person_id=person_id,
        state=RegistrationState.AWAITING_OTP,
        kpj=form.kpj,
        nik=form.nik,
        birth_date=form.birth_date,
        phone=form.phone,
        email=form.email,
        locale=caller.locale,
        existing_account_id=account.id if account else None,
        created_at=now,
        expires_at=now + timedelta(seconds=world.limits.flow_ttl_s),
    )
    sent = await code_delivery.send(world, row, OtpChannel.SMS, account)
    return flow.to_domain(world, row, sent, len(sends) + 1), ended


async def resend_otp(world: World, *, token: str, channel: OtpChannel, caller: Caller) -> Registration:
    """Send a new code, which ends the older one.

    Raises Refusal: TOKEN_INVALID, FLOW_EXPIRED, WRONG_STEP, RATE_LIMITED (60 s between sends, 5 an hour: assumed).
    """
    async with world.store.writing():
        row = await flow.load(world, token, RegistrationState.AWAITING_OTP, hold=True)
        sends = await limit.count(world, limit.CODE_SENT, row.person_key, _HOUR_S)
        retry_at = await flow.code_retry_at(world, row, sends)
        if retry_at is not None:
            raise refuse(Code.RATE_LIMITED, retry_at=retry_at)
        account = await find_one(AccountRow, id=row.existing_account_id) if row.existing_account_id else None
        row.locale = caller.locale
        sent = await code_delivery.send(world, row, channel, account)
    world.agenda.now()
    world.bus.publish(flow.topic(row))
    return flow.to_domain(world, row, sent, len(sends) + 1)


async def verify_otp(world: World, *, token: str, code: str) -> Registration:
    """Check the code that was sent; the right one opens the password step.

    Raises Refusal: REQUIRED, INVALID_FORMAT, TOKEN_INVALID, FLOW_EXPIRED, WRONG_STEP, OTP_INVALID, OTP_EXPIRED,
    OTP_LOCKED, OTP_ALREADY_USED, and ACCOUNT_EXISTS for somebody who has an account.
    """
    challenge.check_shape(code, world.limits.otp_length)
    async with world.store.writing():
        row = await flow.find_row(world, token, hold=True)
        flow.check_alive(world, row)
        if row.state != RegistrationState.AWAITING_OTP:
            raise await _too_late(world, row, code)
        sent = await challenge.latest(flow.owner(row))
        assert sent is not None, "a sign-up always has a challenge"
        verdict = await challenge.answer(world, sent, code)
        if verdict.refusal is None:
            await _accept(row)
        elif verdict.locked:
            await _lock(world, row)
    # A wrong code is news as well: fewer attempts are left.
    world.bus.publish(flow.topic(row))
    if verdict.refusal is not None:
        raise verdict.refusal
    if row.existing_account_id is not None:
        raise refuse(Code.ACCOUNT_EXISTS)
    return flow.to_domain(world, row, None, 0)


async def _too_late(world: World, row: RegistrationRow, code: str) -> Refusal:
    """Why a code cannot be answered in this state: the right one a second time is told as such."""
    if row.state == RegistrationState.LOCKED:
        return refuse(Code.OTP_LOCKED, "code", attempts_left=0)
    sent = await challenge.latest(flow.owner(row))
    if sent is not None and sent.used_at is not None and challenge.code_of(world, sent) == code.strip():
        return refuse(Code.OTP_ALREADY_USED, "code", attempts_left=0)
    return await flow.wrong_step(world, row)


async def _accept(row: RegistrationRow) -> None:
    """The code was right. A flow of somebody with an account ends here, told only now that the code proved them."""
    exists = row.existing_account_id is not None
    row.state = RegistrationState.CANCELLED if exists else RegistrationState.AWAITING_PASSWORD
    row.live_key = None if exists else row.live_key
    await row.save(update_fields=["state", "live_key"])


async def _lock(world: World, row: RegistrationRow) -> None:
    row.state = RegistrationState.LOCKED
    row.live_key = None
    row.locked_until = world.clock.now() + timedelta(seconds=world.limits.otp_lock_s)
    await row.save(update_fields=["state", "live_key", "locked_until"])


async def cancel(world: World, *, token: str) -> Registration:
    """End a sign-up before it is active and free the KPJ; a pending account goes with it.

    A lock after too many wrong codes stays until its time. Raises Refusal: TOKEN_INVALID, FLOW_EXPIRED, WRONG_STEP.
    """
    async with world.store.writing():
        row = await flow.find_row(world, token, hold=True)
        flow.check_alive(world, row)
        if row.state not in (*OPEN_STATES, RegistrationState.LOCKED):
            raise await flow.wrong_step(world, row)
        await flow.end(row, RegistrationState.CANCELLED)
    world.bus.publish(flow.topic(row))
    return flow.to_domain(world, row, None, 0)


async def find(world: World, *, token: str) -> Registration | None:
    """The sign-up that a token goes on with; None for an unknown token."""
    async with world.store.reading():
        row = await find_one(RegistrationRow, token_hash=world.ids.key("registration", token))
        return await flow.view(world, row) if row is not None else None


async def watch(world: World, *, token: str) -> AsyncIterator[Registration]:
    """The sign-up's present state at once, then every change until it has ended.

    Raises Rejected NOT_FOUND for an unknown token.
    """
    known = await find(world, token=token)
    if known is None:
        raise Rejected("NOT_FOUND", "request.not_found")
    async with world.bus.listen(flow.topic_of(known.id)) as news:
        # Listening comes first, so that no change falls between this read and the next news.
        current = await find(world, token=token)
        last: Registration | None = None
        while current is not None:
            if current != last:
                yield current
            last = current
            if current.state not in OPEN_STATES:
                return
            if await anext(news, _ENDED) is _ENDED:
                return
            current = await find(world, token=token)
