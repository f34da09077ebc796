"""Codes: sending one and checking one, for whatever needs a code. Called inside an open transaction."""

import hmac
from dataclasses import dataclass
from datetime import timedelta

from gateway.domain.identity import mask_email, mask_phone
from gateway.domain.otp import OtpChallenge, OtpChannel, make_code
from gateway.domain.problem import Code, Refusal, refuse
from gateway.models.prepared import Plus, change, find_one
from gateway.models.registration import ChallengeRow
from gateway.world import World


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of an answered code: None as `refusal` means it was right. `locked` says the attempts are used up."""

    refusal: Refusal | None
    locked: bool = False


async def create(world: World, owner: str, channel: str, target: str, *, deliverable: bool) -> tuple[ChallengeRow, str]:
    """A new challenge of `owner` and its code, which follows from the world's seed and the challenge's number."""
    now = world.clock.now()
    row = await ChallengeRow.create(
        owner=owner,
        channel=channel,
        target=target,
        deliverable=deliverable,
        sent_at=now,
        expires_at=now + timedelta(seconds=world.limits.otp_ttl_s),
    )
    return row, code_of(world, row)


def code_of(world: World, row: ChallengeRow) -> str:
    """The code of a challenge."""
    return make_code(world.ids.otp_secret(row.id), world.limits.otp_length)


async def latest(owner: str) -> ChallengeRow | None:
    """The challenge that counts: a newer one ends the older."""
    return await find_one(ChallengeRow, newest=True, owner=owner)


def to_domain(world: World, row: ChallengeRow, sends: int) -> OtpChallenge:
    """The challenge as its owner sees it; `sends` is this hour's number of codes."""
    limits = world.limits
    channel = OtpChannel(row.channel)
    return OtpChallenge(
        channel=channel,
        masked_target=mask_phone(row.target) if channel is OtpChannel.SMS else mask_email(row.target),
        length=limits.otp_length,
        sent_at=row.sent_at,
        expires_at=row.expires_at,
        attempts_left=max(limits.otp_attempts - row.attempts, 0),
        sends_left=max(limits.otp_sends_per_hour - sends, 0),
        resend_at=row.sent_at + timedelta(seconds=limits.otp_resend_s),
    )


def check_shape(code: str, length: int) -> None:
    """Refuse what cannot be a code, without counting it. Raises Refusal REQUIRED or INVALID_FORMAT."""
    if not code.strip():
        raise refuse(Code.REQUIRED, "code")
    if len(code.strip()) != length or not code.strip().isascii() or not code.strip().isdigit():
        raise refuse(Code.INVALID_FORMAT, "code", params={"length": length}, text="error.INVALID_FORMAT.code")


async def answer(world: World, row: ChallengeRow, code: str, *, use: bool = True) -> Verdict:
    """Count the attempt, then compare, then use the code up by a guarded update.

    Without `use` a right code stays good, and its attempt is given back. The code of a challenge that went to nobody
    is never right. The caller raises the verdict's refusal only after commit, so that the count stays. A code lives
    `otp_ttl_s` seconds, bounds included, and bears `otp_attempts` attempts. Source: RFC 4226 section 7.3; the numbers
    are assumed.
    """
    now = world.clock.now()
    limit = world.limits.otp_attempts
    if row.used_at is not None:
        return Verdict(refuse(Code.OTP_ALREADY_USED, "code", attempts_left=0))
    if now > row.expires_at:
        return Verdict(refuse(Code.OTP_EXPIRED, "code", attempts_left=max(limit - row.attempts, 0)))
    counted = await change(ChallengeRow, {"attempts": Plus(1)}, id=row.id, attempts__lt=limit, used_at=None)
    if not counted:
        used = await ChallengeRow.filter(id=row.id, used_at__not_isnull=True).exists()
        return Verdict(refuse(Code.OTP_ALREADY_USED if used else Code.OTP_LOCKED, "code", attempts_left=0))
    if not (hmac.compare_digest(code_of(world, row), code.strip()) and row.deliverable):
        # Read again: another answer may have been counted between reading the row and counting this one.
        left = limit - (await ChallengeRow.get(id=row.id)).attempts
        if left > 0:
            return Verdict(refuse(Code.OTP_INVALID, "code", attempts_left=left, params={"attempts_left": left}))
        return Verdict(refuse(Code.OTP_LOCKED, "code", attempts_left=0), locked=True)
    if not use:
        await change(ChallengeRow, {"attempts": Plus(-1)}, id=row.id)
    elif not await change(ChallengeRow, {"used_at": now}, id=row.id, used_at=None):
        return Verdict(refuse(Code.OTP_ALREADY_USED, "code", attempts_left=0))
    return Verdict(None)
