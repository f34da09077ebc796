"""Sixteen at once on one sign-up: exactly one gets through, and nobody meets an internal error."""

import asyncio
from functools import partial

import pytest

from gateway.domain.otp import OtpChannel
from gateway.domain.registration import RegistrationState
from gateway.services import activation, registration
from tests.races.crowd import CROWD, OK, crowd
from tests.services.journey import (
    CALLER,
    DAY,
    MINUTE,
    PASSWORD,
    UCOK,
    await_activation,
    prove,
    start,
    start_and_read,
    wrong_code,
)
from tests.services.staged import StagedWorld, kept

WAIT_S = 10


@pytest.mark.postgres
@pytest.mark.parametrize("sealed", ["postgres"], indirect=True)
async def test_transactions_run_side_by_side(world: StagedWorld) -> None:
    together = asyncio.Barrier(8)

    async def meet() -> None:
        async with world.store.writing():
            await together.wait()

    await asyncio.wait_for(asyncio.gather(*(meet() for _ in range(8))), WAIT_S)


async def states(world: StagedWorld) -> list[str]:
    return [row["state"] for row in (await kept(world))["RegistrationRow"]]


async def test_sixteen_starts_open_one_flow_and_send_one_code(world: StagedWorld) -> None:
    told = await crowd(lambda: start(world))
    await world.agenda.settle()

    assert told == {OK: 1, "RATE_LIMITED": 15}
    assert await states(world) == [RegistrationState.AWAITING_OTP]
    assert len(world.sms.sent) == 1


async def test_sixteen_starts_over_open_one_flow_more(world: StagedWorld) -> None:
    await start(world)
    world.clock.advance(MINUTE)

    told = await crowd(lambda: start(world))
    await world.agenda.settle()

    assert told == {OK: 1, "RATE_LIMITED": 15}
    assert await states(world) == [RegistrationState.CANCELLED, RegistrationState.AWAITING_OTP]
    assert len(world.sms.sent) == 2


async def test_sixteen_starts_with_somebody_elses_data_send_one_notice(world: StagedWorld) -> None:
    told = await crowd(lambda: start(world, UCOK, phone="+6284099999999"))
    await world.agenda.settle()

    assert told == {OK: 1, "RATE_LIMITED": 15}
    assert (len(world.sms.sent), len(world.mail.sent)) == (1, 1)


async def test_sixteen_mismatches_are_counted_to_ten(world: StagedWorld) -> None:
    told = await crowd(lambda: start(world, birth_date="1988-03-15"))

    assert told == {"MEMBER_NOT_MATCHED": 10, "RATE_LIMITED": 6}
    assert len((await kept(world))["AttemptRow"]) == 10


async def test_sixteen_right_codes_are_taken_once(world: StagedWorld) -> None:
    token, code = await start_and_read(world)

    told = await crowd(lambda: registration.verify_otp(world, token=token, code=code))

    assert told == {OK: 1, "OTP_ALREADY_USED": 15}
    assert await states(world) == [RegistrationState.AWAITING_PASSWORD]


async def test_sixteen_wrong_codes_are_counted_to_five(world: StagedWorld) -> None:
    token, code = await start_and_read(world)

    told = await crowd(lambda: registration.verify_otp(world, token=token, code=wrong_code(code)))

    assert told == {"OTP_INVALID": 4, "OTP_LOCKED": 12}
    rows = await kept(world)
    assert [row["attempts"] for row in rows["ChallengeRow"]] == [5]
    assert await states(world) == [RegistrationState.LOCKED]


async def test_right_and_wrong_codes_at_once_never_pass_after_five(world: StagedWorld) -> None:
    token, code = await start_and_read(world)
    codes = iter([wrong_code(code)] * 8 + [code] * 8)

    told = await crowd(lambda: registration.verify_otp(world, token=token, code=next(codes)))

    attempts = (await kept(world))["ChallengeRow"][0]["attempts"]
    assert told[OK] <= 1 and attempts <= 5
    assert set(told) <= {OK, "OTP_INVALID", "OTP_LOCKED", "OTP_ALREADY_USED", "WRONG_STEP"}
    assert (await states(world) == [RegistrationState.AWAITING_PASSWORD]) == (told[OK] == 1)


async def test_sixteen_resends_send_one_code(world: StagedWorld) -> None:
    token, _ = await start_and_read(world)
    world.clock.advance(MINUTE)

    told = await crowd(lambda: registration.resend_otp(world, token=token, channel=OtpChannel.SMS, caller=CALLER))
    await world.agenda.settle()

    assert told == {OK: 1, "RATE_LIMITED": 15}
    assert len(world.sms.sent) == 2


async def test_sixteen_passwords_make_one_account(world: StagedWorld) -> None:
    token = await prove(world)

    told = await crowd(lambda: activation.set_password(world, token=token, password=PASSWORD, caller=CALLER))
    await world.agenda.settle()

    assert told == {OK: 1, "WRONG_STEP": 15}
    assert len((await kept(world))["AccountRow"]) == 4
    assert len(world.mail.sent) == 1


async def test_sixteen_uses_of_one_link_activate_once(world: StagedWorld) -> None:
    _, link = await await_activation(world)

    told = await crowd(lambda: activation.activate(world, token=link))

    assert told == {OK: 1, "TOKEN_USED": 15}


async def test_sixteen_requests_for_the_mail_send_one(world: StagedWorld) -> None:
    token, _ = await await_activation(world)
    world.clock.advance(MINUTE)

    told = await crowd(lambda: activation.resend(world, token=token, new_email=None, caller=CALLER))
    await world.agenda.settle()

    assert told == {OK: 1, "RATE_LIMITED": 15}
    assert len(world.mail.sent) == 2


async def test_cancelling_and_verifying_at_once_end_in_one_of_both(world: StagedWorld) -> None:
    token, code = await start_and_read(world)
    calls = iter(
        [
            partial(registration.cancel, world, token=token),
            partial(registration.verify_otp, world, token=token, code=code),
        ]
        * (CROWD // 2)
    )

    told = await crowd(lambda: next(calls)())

    assert set(told) <= {OK, "WRONG_STEP", "OTP_ALREADY_USED"}
    assert await states(world) == [RegistrationState.CANCELLED]


async def test_activating_and_cancelling_at_once_end_in_one_of_both(world: StagedWorld) -> None:
    token, link = await await_activation(world)
    calls = iter(
        [partial(registration.cancel, world, token=token), partial(activation.activate, world, token=link)]
        * (CROWD // 2)
    )

    told = await crowd(lambda: next(calls)())

    assert told[OK] == 1
    account_of = [row["status"] for row in (await kept(world))["AccountRow"][3:]]
    assert (await states(world), account_of) in (
        ([RegistrationState.CANCELLED], []),
        ([RegistrationState.ACTIVE], ["ACTIVE"]),
    )


async def test_sweeping_and_starting_over_at_once_leave_one_open_flow(world: StagedWorld) -> None:
    await await_activation(world)
    world.clock.advance(DAY)
    calls = iter([world.agenda.settle, partial(start, world)] + [partial(start, world)] * (CROWD - 2))

    told = await crowd(lambda: next(calls)())

    assert told == {OK: 2, "RATE_LIMITED": 14}
    assert await states(world) == [RegistrationState.EXPIRED, RegistrationState.AWAITING_OTP]
    assert len((await kept(world))["AccountRow"]) == 3
