"""The code of a sign-up: right and wrong, how often, how long, and sent again."""

import pytest

from gateway.domain.message import MessageKind
from gateway.domain.otp import OtpChannel
from gateway.domain.problem import Code
from gateway.domain.registration import RegistrationState
from gateway.services import registration
from tests.services.journey import (
    BUDI,
    CALLER,
    HOUR,
    INSTANT,
    MINUTE,
    code_in,
    last_code,
    prove,
    refused,
    refused_without_trace,
    start,
    start_and_read,
    told,
    wrong_code,
)
from tests.services.staged import START, StagedWorld, kept


async def test_right_code_opens_the_password_step(world: StagedWorld) -> None:
    token, code = await start_and_read(world)

    proved = await registration.verify_otp(world, token=token, code=f" {code} ")

    assert (proved.state, proved.otp) == (RegistrationState.AWAITING_PASSWORD, None)
    assert proved.expires_at == START + 30 * MINUTE
    assert await registration.find(world, token=token) == proved
    assert [(row["attempts"], row["used_at"]) for row in (await kept(world))["ChallengeRow"]] == [(1, START)]


async def test_wrong_codes_are_counted_exactly_and_the_fifth_locks(world: StagedWorld) -> None:
    token, code = await start_and_read(world)

    answers = [await refused(registration.verify_otp(world, token=token, code=wrong_code(code))) for _ in range(5)]

    assert [told(answer) for answer in answers] == [[(Code.OTP_INVALID, ("code",))]] * 4 + [
        [(Code.OTP_LOCKED, ("code",))]
    ]
    assert [answer.problems[0].attempts_left for answer in answers] == [4, 3, 2, 1, 0]
    assert answers[0].problems[0].params == {"attempts_left": 4}
    locked = await registration.find(world, token=token)
    assert locked is not None and (locked.state, locked.otp) == (RegistrationState.LOCKED, None)


async def test_attempts_left_are_shown(world: StagedWorld) -> None:
    token, code = await start_and_read(world)

    await refused(registration.verify_otp(world, token=token, code=wrong_code(code)))

    shown = await registration.find(world, token=token)
    assert shown is not None and shown.otp is not None
    assert (shown.otp.attempts_left, shown.otp.sends_left) == (4, 4)


async def test_right_code_is_no_use_once_locked(world: StagedWorld) -> None:
    token, code = await start_and_read(world)
    for _ in range(5):
        await refused(registration.verify_otp(world, token=token, code=wrong_code(code)))

    refusal = await refused_without_trace(world, registration.verify_otp(world, token=token, code=code))

    assert told(refusal) == [(Code.OTP_LOCKED, ("code",))]


async def test_lock_frees_the_person_after_fifteen_minutes(world: StagedWorld) -> None:
    token, code = await start_and_read(world)
    world.clock.advance(MINUTE)
    for _ in range(5):
        await refused(registration.verify_otp(world, token=token, code=wrong_code(code)))
    world.clock.advance(15 * MINUTE - INSTANT)
    refusal = await refused_without_trace(world, start(world))
    assert told(refusal) == [(Code.RATE_LIMITED, None)]
    assert refusal.problems[0].retry_at == START + 16 * MINUTE

    world.clock.advance(INSTANT)

    assert (await start(world))[0].state is RegistrationState.AWAITING_OTP


async def test_code_lives_five_minutes_bounds_included(world: StagedWorld) -> None:
    token, code = await start_and_read(world)
    world.clock.advance(5 * MINUTE)

    proved = await registration.verify_otp(world, token=token, code=code)

    assert proved.state is RegistrationState.AWAITING_PASSWORD


async def test_code_is_expired_an_instant_later(world: StagedWorld) -> None:
    token, code = await start_and_read(world)
    await refused(registration.verify_otp(world, token=token, code=wrong_code(code)))
    world.clock.advance(5 * MINUTE + INSTANT)

    refusal = await refused_without_trace(world, registration.verify_otp(world, token=token, code=code))

    assert told(refusal) == [(Code.OTP_EXPIRED, ("code",))]
    assert refusal.problems[0].attempts_left == 4


@pytest.mark.parametrize("typed", ["12345", "1234567", "12345x", "１２３４５６", "-12345", "12 456"])
async def test_what_cannot_be_a_code_is_not_counted(world: StagedWorld, typed: str) -> None:
    token, _ = await start_and_read(world)

    refusal = await refused_without_trace(world, registration.verify_otp(world, token=token, code=typed))

    assert told(refusal) == [(Code.INVALID_FORMAT, ("code",))]


async def test_empty_code_is_not_counted(world: StagedWorld) -> None:
    token, _ = await start_and_read(world)

    refusal = await refused_without_trace(world, registration.verify_otp(world, token=token, code="  "))

    assert told(refusal) == [(Code.REQUIRED, ("code",))]


async def test_right_code_a_second_time_is_told_as_such(world: StagedWorld) -> None:
    token, code = await start_and_read(world)
    await registration.verify_otp(world, token=token, code=code)

    refusal = await refused_without_trace(world, registration.verify_otp(world, token=token, code=code))

    assert told(refusal) == [(Code.OTP_ALREADY_USED, ("code",))]


async def test_wrong_code_after_the_right_one_carries_the_flow(world: StagedWorld) -> None:
    token, code = await start_and_read(world)
    proved = await registration.verify_otp(world, token=token, code=code)

    refusal = await refused_without_trace(world, registration.verify_otp(world, token=token, code=wrong_code(code)))

    assert told(refusal) == [(Code.WRONG_STEP, None)]
    assert refusal.problems[0].state == "AWAITING_PASSWORD"
    assert refusal.subject == proved


async def test_unknown_registration_token_is_refused(world: StagedWorld) -> None:
    await start_and_read(world)

    for token in ("", "A" * 22, "\x00", "\ud800"):
        verifying = await refused_without_trace(world, registration.verify_otp(world, token=token, code="123456"))
        resending = await refused_without_trace(
            world, registration.resend_otp(world, token=token, channel=OtpChannel.SMS, caller=CALLER)
        )
        cancelling = await refused_without_trace(world, registration.cancel(world, token=token))
        assert told(verifying) == told(resending) == told(cancelling) == [(Code.TOKEN_INVALID, ("registrationToken",))]
        assert await registration.find(world, token=token) is None


async def test_flow_that_expired_is_told_as_such_before_and_after_the_sweeper(world: StagedWorld) -> None:
    token, code = await start_and_read(world)
    world.clock.advance(30 * MINUTE)
    before = await refused(registration.verify_otp(world, token=token, code=code))
    await world.agenda.settle()

    after = await refused_without_trace(world, registration.verify_otp(world, token=token, code=code))
    resent = await refused_without_trace(
        world, registration.resend_otp(world, token=token, channel=OtpChannel.SMS, caller=CALLER)
    )
    cancelled = await refused_without_trace(world, registration.cancel(world, token=token))

    assert told(before) == told(after) == told(resent) == told(cancelled) == [(Code.FLOW_EXPIRED, None)]


async def test_resent_code_ends_the_older_one(world: StagedWorld) -> None:
    token, first = await start_and_read(world)
    await refused(registration.verify_otp(world, token=token, code=wrong_code(first)))
    world.clock.advance(MINUTE)

    again = await registration.resend_otp(world, token=token, channel=OtpChannel.SMS, caller=CALLER)
    await world.agenda.settle()

    assert again.otp is not None
    assert (again.otp.attempts_left, again.otp.sends_left) == (5, 3)
    assert again.otp.expires_at == START + 6 * MINUTE
    assert again.expires_at == START + 30 * MINUTE
    assert [sms.to for sms in world.sms.sent] == [BUDI.phone, BUDI.phone]
    assert told(await refused(registration.verify_otp(world, token=token, code=first))) == [
        (Code.OTP_INVALID, ("code",))
    ]
    proved = await registration.verify_otp(world, token=token, code=last_code(world))
    assert proved.state is RegistrationState.AWAITING_PASSWORD


async def test_resend_waits_for_the_cool_down(world: StagedWorld) -> None:
    token, _ = await start_and_read(world)
    world.clock.advance(MINUTE - INSTANT)

    refusal = await refused_without_trace(
        world, registration.resend_otp(world, token=token, channel=OtpChannel.EMAIL, caller=CALLER)
    )

    assert told(refusal) == [(Code.RATE_LIMITED, None)]
    assert refusal.problems[0].retry_at == START + MINUTE


async def test_resend_stops_after_five_codes_an_hour(world: StagedWorld) -> None:
    token, _ = await start_and_read(world)
    for _ in range(4):
        world.clock.advance(MINUTE)
        await registration.resend_otp(world, token=token, channel=OtpChannel.SMS, caller=CALLER)
    await world.agenda.settle()
    world.clock.advance(MINUTE)

    refusal = await refused_without_trace(
        world, registration.resend_otp(world, token=token, channel=OtpChannel.SMS, caller=CALLER)
    )

    assert told(refusal) == [(Code.RATE_LIMITED, None)]
    assert refusal.problems[0].retry_at == START + HOUR
    assert len(world.sms.sent) == 5


async def test_code_by_mail_opens_the_password_step(world: StagedWorld) -> None:
    token, _ = await start_and_read(world)
    world.clock.advance(MINUTE)

    again = await registration.resend_otp(world, token=token, channel=OtpChannel.EMAIL, caller=CALLER)
    await world.agenda.settle()

    assert again.otp is not None
    assert (again.otp.channel, again.otp.masked_target) == (OtpChannel.EMAIL, "b***@peserta.test")
    assert [(mail.to, mail.kind) for mail in world.mail.sent] == [(BUDI.email, MessageKind.OTP)]
    proved = await registration.verify_otp(world, token=token, code=code_in(world.mail.sent[0].text))
    assert proved.state is RegistrationState.AWAITING_PASSWORD


async def test_resend_after_the_code_was_answered_is_the_wrong_step(world: StagedWorld) -> None:
    token = await prove(world)
    world.clock.advance(MINUTE)

    refusal = await refused_without_trace(
        world, registration.resend_otp(world, token=token, channel=OtpChannel.SMS, caller=CALLER)
    )

    assert told(refusal) == [(Code.WRONG_STEP, None)]
    assert refusal.subject == await registration.find(world, token=token)
