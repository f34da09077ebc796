"""Step-up codes: before something that could hurt is done, its owner answers a code sent to a known contact."""

from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum

from gateway.domain.account import Caller, Viewer
from gateway.domain.message import MessageKind
from gateway.domain.otp import OtpChallenge, OtpChannel
from gateway.domain.problem import Code, Refusal, refuse
from gateway.models.account import AccountRow
from gateway.services import account as accounts
from gateway.services import challenge, courier, limit
from gateway.services.limit import Count
from gateway.world import World

_HOUR_S = 3600


class StepUpPurpose(StrEnum):
    """What a code is asked for; a code for one purpose is none for another."""

    CHANGE_PHONE = "CHANGE_PHONE"
    CHANGE_EMAIL = "CHANGE_EMAIL"
    SUBMIT_CLAIM = "SUBMIT_CLAIM"


async def request(
    world: World, *, viewer: Viewer, purpose: StepUpPurpose, channel: OtpChannel, caller: Caller
) -> OtpChallenge:
    """Send a code to the account's own phone or address; a newer code of the same purpose ends the older.

    Raises Refusal RATE_LIMITED (60 s between codes, 5 an hour over all purposes, 15 minutes after too many wrong
    answers: assumed); Rejected UNAUTHENTICATED. Source: domain notes 8 (step-up before contacts change or money goes).
    """
    async with world.store.writing():
        account = await accounts.load_row(viewer, hold=True)
        key = world.ids.key("step_up", str(account.id))
        await limit.alone(limit.STEP_UP, key)
        sends = await limit.count(world, limit.STEP_UP, key, _HOUR_S)
        retry_at = await _retry_at(world, account, sends)
        if retry_at is not None:
            raise refuse(Code.RATE_LIMITED, retry_at=retry_at)
        target = account.phone if channel is OtpChannel.SMS else account.email
        assert target is not None, "an active account has an address"
        sent, code = await challenge.create(world, owner(account.id, purpose), channel, target, deliverable=True)
        await limit.record(world, limit.STEP_UP, key)
        minutes = world.limits.otp_ttl_s // 60
        enqueue = courier.enqueue_sms if channel is OtpChannel.SMS else courier.enqueue_mail
        await enqueue(world, MessageKind.STEP_UP, target, "step_up", caller.locale, code=code, minutes=minutes)
    world.agenda.now()
    return challenge.to_domain(world, sent, len(sends) + 1)


async def _retry_at(world: World, account: AccountRow, sends: Count) -> datetime | None:
    now = world.clock.now()
    waits = [sends.retry_at(world.limits.otp_sends_per_hour, _HOUR_S)]
    if len(sends):
        waits.append(sends.times[-1] + timedelta(seconds=world.limits.otp_resend_s))
    for purpose in StepUpPurpose:
        sent = await challenge.latest(owner(account.id, purpose))
        if sent is not None and sent.used_at is None and sent.attempts >= world.limits.otp_attempts:
            waits.append(sent.sent_at + timedelta(seconds=world.limits.otp_lock_s))
    return max((wait for wait in waits if wait is not None and wait > now), default=None)


def owner(account_id: int, purpose: StepUpPurpose) -> str:
    """The owner of an account's challenges for a purpose."""
    return f"step_up:{account_id}:{purpose}"


def check_shape(world: World, otp: str) -> None:
    """Refuse what cannot be a code, before anything is counted. Raises Refusal STEP_UP_REQUIRED, INVALID_FORMAT."""
    if not otp.strip():
        raise refuse(Code.STEP_UP_REQUIRED, "otp")
    try:
        challenge.check_shape(otp, world.limits.otp_length)
    except Refusal as refusal:
        raise _about_otp(refusal) from None


async def answer(world: World, account_id: int, purpose: StepUpPurpose, otp: str) -> Refusal | None:
    """Use up the code that was sent for a purpose, inside the open transaction; why not, if not.

    The caller raises the refusal after commit, so that the attempt stays counted: STEP_UP_REQUIRED when no code was
    asked for, else OTP_*.
    """
    sent = await challenge.latest(owner(account_id, purpose))
    if sent is None:
        return refuse(Code.STEP_UP_REQUIRED, "otp")
    refusal = (await challenge.answer(world, sent, otp)).refusal
    return _about_otp(refusal) if refusal is not None else None


def _about_otp(refusal: Refusal) -> Refusal:
    return Refusal(*(replace(problem, field=("otp",)) for problem in refusal.problems))
