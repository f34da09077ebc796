"""Sixteen at once on one account: wrong passwords, resets, faults."""

from functools import partial

import pytest

from gateway.domain.account import ActivityKind
from gateway.domain.fault import FaultMode, FaultTarget
from gateway.domain.otp import OtpChannel
from gateway.services import fault, password, session
from tests.races.crowd import CROWD, OK, crowd
from tests.services.journey import CALLER, NOBODY_KPJ, PASSWORD, UCOK, WRONG, last_code, last_link_token
from tests.services.staged import StagedWorld, kept


@pytest.mark.parametrize(("login", "notices"), [(UCOK.kpj, 1), (NOBODY_KPJ, 0)])
async def test_sixteen_wrong_passwords_lock_once(world: StagedWorld, login: str, notices: int) -> None:
    told = await crowd(lambda: session.authenticate(world, login=login, password=WRONG, caller=CALLER))
    await world.agenda.settle()

    assert told == {"INVALID_CREDENTIALS": 4, "ACCOUNT_LOCKED": 12}
    assert len(world.mail.sent) == notices
    kinds = [row["kind"] for row in (await kept(world))["ActivityRow"]]
    assert kinds.count(ActivityKind.SIGN_IN_FAILED) == 5 * notices
    assert kinds.count(ActivityKind.ACCOUNT_LOCKED) == notices


async def test_sixteen_right_passwords_all_sign_in(world: StagedWorld) -> None:
    told = await crowd(lambda: session.sign_in(world, login=UCOK.kpj, password=UCOK.password, caller=CALLER))

    assert told == {OK: 16}
    assert len(world.sessions.live) == 16


async def ask(world: StagedWorld, channel: OtpChannel) -> str | None:
    return await password.request_reset(world, kpj=UCOK.kpj, email=None, nik=UCOK.nik, channel=channel)


async def test_sixteen_requests_for_a_reset_send_one_mail(world: StagedWorld) -> None:
    told = await crowd(lambda: ask(world, OtpChannel.EMAIL))
    await world.agenda.settle()

    assert told == {OK: 1, "RATE_LIMITED": 15}
    assert len(world.mail.sent) == 1


async def test_sixteen_resets_with_one_link_change_the_password_once(world: StagedWorld) -> None:
    await ask(world, OtpChannel.EMAIL)
    await world.agenda.settle()
    link = last_link_token(world)

    told = await crowd(lambda: password.reset(world, token=link, code=None, password=PASSWORD, caller=CALLER))
    await world.agenda.settle()

    assert told[OK] == 1
    # Who comes late enough to see the new password is told that it is the same one.
    assert told["TOKEN_USED"] + told["PASSWORD_REUSED"] == 15
    assert len(world.mail.sent) == 2


async def test_sixteen_resets_with_one_code_change_the_password_once(world: StagedWorld) -> None:
    token = await ask(world, OtpChannel.SMS)
    assert token is not None
    await world.agenda.settle()
    code = last_code(world)

    told = await crowd(lambda: password.reset(world, token=token, code=code, password=PASSWORD, caller=CALLER))
    await world.agenda.settle()

    assert told[OK] == 1
    assert told["OTP_ALREADY_USED"] + told["TOKEN_USED"] + told["PASSWORD_REUSED"] == 15
    assert len(world.mail.sent) == 1
    kinds = [row["kind"] for row in (await kept(world))["ActivityRow"]]
    assert kinds == [ActivityKind.PASSWORD_RESET]


async def test_sixteen_wrong_codes_of_a_reset_are_counted_to_five(world: StagedWorld) -> None:
    token = await ask(world, OtpChannel.SMS)
    assert token is not None
    await world.agenda.settle()
    wrong = f"{(int(last_code(world)) + 1) % 1_000_000:06d}"

    told = await crowd(lambda: password.reset(world, token=token, code=wrong, password=PASSWORD, caller=CALLER))

    assert told == {"OTP_INVALID": 4, "OTP_LOCKED": 12}


async def test_resetting_and_failing_at_once_never_block_each_other(world: StagedWorld) -> None:
    await ask(world, OtpChannel.EMAIL)
    await world.agenda.settle()
    link = last_link_token(world)
    failing = partial(session.authenticate, world, login=UCOK.kpj, password=WRONG, caller=CALLER)
    resetting = partial(password.reset, world, token=link, code=None, password=PASSWORD, caller=CALLER)
    calls = iter([failing] * 5 + [resetting] + [failing] * (CROWD - 6))

    told = await crowd(lambda: next(calls)())

    assert told[OK] == 1
    assert set(told) <= {OK, "INVALID_CREDENTIALS", "ACCOUNT_LOCKED"}


async def test_fault_hits_as_often_as_planned_however_many_ask(world: StagedWorld) -> None:
    await fault.inject(
        world,
        target=FaultTarget.SMS,
        mode=FaultMode.ERROR,
        match=None,
        times=5,
        delay_s=0,
        status_code=None,
        probability=0.5,
    )
    hits = []

    async def take() -> None:
        hits.append(await fault.take(world, target=FaultTarget.SMS))

    await crowd(take)

    expected = sum(world.ids.draw("fault:1", number) < 0.5 for number in range(1, CROWD + 1))
    assert sum(hit is not None for hit in hits) == min(expected, 5)
