"""Step-up codes: where they go, how often, how long, and for what."""

from datetime import timedelta

import pytest

from gateway.domain.account import Viewer
from gateway.domain.message import MessageKind
from gateway.domain.otp import OtpChannel
from gateway.domain.problem import Code, Rejected
from gateway.models.account import AccountRow
from gateway.services import contact, step_up
from gateway.services.step_up import StepUpPurpose
from tests.services.care import NEW_PHONE, code_for, viewer_of
from tests.services.journey import (
    CALLER,
    INSTANT,
    MINUTE,
    UCOK,
    await_activation,
    code_in,
    refused,
    refused_without_trace,
    told,
    wrong_code,
)
from tests.services.staged import StagedWorld


async def test_a_step_up_code_goes_to_the_accounts_own_phone(world: StagedWorld) -> None:
    viewer = await viewer_of(world)

    sent = await step_up.request(
        world, viewer=viewer, purpose=StepUpPurpose.CHANGE_PHONE, channel=OtpChannel.SMS, caller=CALLER
    )
    await world.agenda.settle()

    assert (sent.masked_target, sent.length, sent.attempts_left, sent.sends_left) == ("+62840*****008", 6, 5, 4)
    assert (sent.expires_at - sent.sent_at, sent.resend_at - sent.sent_at) == (timedelta(minutes=5), MINUTE)
    assert [(sms.to, sms.kind) for sms in world.sms.sent] == [(UCOK.phone, MessageKind.STEP_UP)]
    assert world.mail.sent == []


async def test_a_step_up_code_may_come_by_mail(world: StagedWorld) -> None:
    viewer = await viewer_of(world)

    await step_up.request(
        world, viewer=viewer, purpose=StepUpPurpose.CHANGE_EMAIL, channel=OtpChannel.EMAIL, caller=CALLER
    )
    await world.agenda.settle()

    assert [(mail.to, mail.kind) for mail in world.mail.sent] == [(UCOK.email, MessageKind.STEP_UP)]
    assert len(code_in(world.mail.sent[0].text)) == 6


async def test_a_second_code_within_a_minute_is_too_soon_whatever_its_purpose(world: StagedWorld) -> None:
    viewer = await viewer_of(world)
    await code_for(world, viewer, StepUpPurpose.CHANGE_PHONE)
    world.clock.advance(MINUTE - INSTANT)

    refusal = await refused_without_trace(
        world,
        step_up.request(
            world, viewer=viewer, purpose=StepUpPurpose.CHANGE_EMAIL, channel=OtpChannel.SMS, caller=CALLER
        ),
    )

    assert told(refusal) == [(Code.RATE_LIMITED, None)]
    assert refusal.problems[0].retry_at == world.clock.now() + INSTANT


async def test_a_sixth_code_within_the_hour_has_to_wait(world: StagedWorld) -> None:
    viewer = await viewer_of(world)
    first = world.clock.now()
    for _ in range(5):
        await code_for(world, viewer, StepUpPurpose.CHANGE_PHONE)
        world.clock.advance(MINUTE)

    refusal = await refused_without_trace(
        world,
        step_up.request(
            world, viewer=viewer, purpose=StepUpPurpose.CHANGE_PHONE, channel=OtpChannel.SMS, caller=CALLER
        ),
    )

    assert refusal.problems[0].retry_at == first + timedelta(hours=1)


async def test_after_five_wrong_answers_the_next_code_takes_a_quarter_of_an_hour(world: StagedWorld) -> None:
    viewer = await viewer_of(world)
    sent_at = world.clock.now()
    otp = await code_for(world, viewer, StepUpPurpose.CHANGE_PHONE)
    for left in (4, 3, 2, 1, 0):
        refusal = await refused(
            contact.change_phone(world, viewer=viewer, new_phone=NEW_PHONE, otp=wrong_code(otp), caller=CALLER)
        )
        code = Code.OTP_INVALID if left else Code.OTP_LOCKED
        assert told(refusal) == [(code, ("otp",))]
        assert refusal.problems[0].attempts_left == left
    world.clock.advance(2 * MINUTE)

    again = await refused_without_trace(
        world,
        step_up.request(
            world, viewer=viewer, purpose=StepUpPurpose.CHANGE_PHONE, channel=OtpChannel.SMS, caller=CALLER
        ),
    )

    assert again.problems[0].retry_at == sent_at + timedelta(minutes=15)


async def test_a_code_for_one_purpose_is_none_for_another(world: StagedWorld) -> None:
    viewer = await viewer_of(world)
    otp = await code_for(world, viewer, StepUpPurpose.CHANGE_EMAIL)

    refusal = await refused_without_trace(
        world, contact.change_phone(world, viewer=viewer, new_phone=NEW_PHONE, otp=otp, caller=CALLER)
    )

    assert told(refusal) == [(Code.STEP_UP_REQUIRED, ("otp",))]


async def test_a_code_of_somebody_else_is_wrong(world: StagedWorld) -> None:
    viewer, laras = await viewer_of(world), await viewer_of(world, "laras@peserta.test")
    own = await code_for(world, viewer, StepUpPurpose.CHANGE_PHONE)
    other = await code_for(world, laras, StepUpPurpose.CHANGE_PHONE)

    refusal = await refused(contact.change_phone(world, viewer=viewer, new_phone=NEW_PHONE, otp=other, caller=CALLER))

    assert own != other
    assert told(refusal) == [(Code.OTP_INVALID, ("otp",))]


@pytest.mark.parametrize(
    ("passed", "code"), [(timedelta(minutes=5), None), (timedelta(minutes=5) + INSTANT, Code.OTP_EXPIRED)]
)
async def test_a_step_up_code_lives_five_minutes(world: StagedWorld, passed: timedelta, code: Code | None) -> None:
    viewer = await viewer_of(world)
    otp = await code_for(world, viewer, StepUpPurpose.CHANGE_PHONE)
    world.clock.advance(passed)
    change = contact.change_phone(world, viewer=viewer, new_phone=NEW_PHONE, otp=otp, caller=CALLER)

    if code is None:
        assert (await change).masked_target == "+62840*****088"
    else:
        assert told(await refused(change)) == [(code, ("otp",))]


async def test_a_step_up_code_works_once(world: StagedWorld) -> None:
    viewer = await viewer_of(world)
    otp = await code_for(world, viewer, StepUpPurpose.CHANGE_PHONE)
    await contact.change_phone(world, viewer=viewer, new_phone=NEW_PHONE, otp=otp, caller=CALLER)
    await world.agenda.settle()

    refusal = await refused_without_trace(
        world, contact.change_phone(world, viewer=viewer, new_phone="+6284000000077", otp=otp, caller=CALLER)
    )

    assert told(refusal) == [(Code.OTP_ALREADY_USED, ("otp",))]


async def test_an_account_that_is_not_active_yet_changes_nothing(world: StagedWorld) -> None:
    await await_activation(world)
    async with world.store.reading():
        pending = Viewer((await AccountRow.get(kpj="99260000001")).subject, "s1")

    with pytest.raises(Rejected) as caught:
        await step_up.request(
            world, viewer=pending, purpose=StepUpPurpose.CHANGE_PHONE, channel=OtpChannel.SMS, caller=CALLER
        )

    assert (caught.value.code, caught.value.extensions["reason"]) == ("UNAUTHENTICATED", "REVOKED")
