"""The form typed with the data of somebody who has an account: nobody learns it before a code proved them."""

from dataclasses import replace

from gateway.domain.message import MessageKind
from gateway.domain.otp import OtpChannel
from gateway.domain.problem import Code
from gateway.domain.registration import RegistrationState
from gateway.models.registration import ChallengeRow
from gateway.services import challenge, registration
from tests.services.journey import (
    BUDI,
    CALLER,
    MINUTE,
    UCOK,
    code_in,
    last_code,
    refused,
    start,
    start_and_read,
    told,
    wrong_code,
)
from tests.services.staged import StagedWorld, kept

STRANGE_PHONE = "+6284099999999"
STRANGE_EMAIL = "stranger@peserta.test"


async def test_own_phone_gets_a_code(world: StagedWorld) -> None:
    await start(world, UCOK)
    await world.agenda.settle()

    assert [(sms.to, sms.kind) for sms in world.sms.sent] == [(UCOK.phone, MessageKind.OTP)]
    assert world.mail.sent == []


async def test_strange_phone_gets_nothing_and_the_owner_a_notice(world: StagedWorld) -> None:
    await start(world, UCOK, phone=STRANGE_PHONE)
    await world.agenda.settle()

    assert [(sms.to, sms.kind) for sms in world.sms.sent] == [(UCOK.phone, MessageKind.SECURITY_NOTICE)]
    assert [(mail.to, mail.kind) for mail in world.mail.sent] == [(UCOK.email, MessageKind.SECURITY_NOTICE)]


async def test_answer_is_the_same_as_for_somebody_new(world: StagedWorld) -> None:
    new, new_token = await start(world, BUDI, phone=STRANGE_PHONE, email=STRANGE_EMAIL)
    known, known_token = await start(world, UCOK, phone=STRANGE_PHONE, email=STRANGE_EMAIL)

    assert replace(known, id=new.id, kpj=new.kpj) == new
    wrong = [
        await refused(registration.verify_otp(world, token=token, code="000000")) for token in (new_token, known_token)
    ]
    assert wrong[0].problems == wrong[1].problems
    seen = [await registration.find(world, token=token) for token in (new_token, known_token)]
    assert replace(seen[1], id=new.id, kpj=new.kpj) == seen[0]  # type: ignore[type-var]


async def test_right_code_tells_that_an_account_exists_and_ends_the_flow(world: StagedWorld) -> None:
    token, code = await start_and_read(world, UCOK)

    refusal = await refused(registration.verify_otp(world, token=token, code=code))

    assert told(refusal) == [(Code.ACCOUNT_EXISTS, None)]
    ended = await registration.find(world, token=token)
    assert ended is not None and ended.state is RegistrationState.CANCELLED
    assert len((await kept(world))["AccountRow"]) == 3
    again = await refused(registration.verify_otp(world, token=token, code=code))
    assert told(again) == [(Code.OTP_ALREADY_USED, ("code",))]


async def test_wrong_code_tells_nothing(world: StagedWorld) -> None:
    token, code = await start_and_read(world, UCOK)

    refusal = await refused(registration.verify_otp(world, token=token, code=wrong_code(code)))

    assert told(refusal) == [(Code.OTP_INVALID, ("code",))]


async def test_code_that_went_to_nobody_is_never_right(world: StagedWorld) -> None:
    _, token = await start(world, UCOK, phone=STRANGE_PHONE)
    async with world.store.reading():
        code = challenge.code_of(world, await ChallengeRow.get())

    refusal = await refused(registration.verify_otp(world, token=token, code=code))

    assert told(refusal) == [(Code.OTP_INVALID, ("code",))]
    assert refusal.problems[0].attempts_left == 4


async def test_code_by_mail_goes_to_the_own_address(world: StagedWorld) -> None:
    _, token = await start(world, UCOK, phone=STRANGE_PHONE)
    await world.agenda.settle()
    world.clock.advance(MINUTE)

    await registration.resend_otp(world, token=token, channel=OtpChannel.EMAIL, caller=CALLER)
    await world.agenda.settle()

    assert [(mail.to, mail.kind) for mail in world.mail.sent[1:]] == [(UCOK.email, MessageKind.OTP)]
    refusal = await refused(registration.verify_otp(world, token=token, code=code_in(world.mail.sent[-1].text)))
    assert told(refusal) == [(Code.ACCOUNT_EXISTS, None)]


async def test_code_by_mail_to_a_strange_address_goes_to_nobody(world: StagedWorld) -> None:
    _, token = await start(world, UCOK, email=STRANGE_EMAIL)
    await world.agenda.settle()
    world.clock.advance(MINUTE)

    again = await registration.resend_otp(world, token=token, channel=OtpChannel.EMAIL, caller=CALLER)
    await world.agenda.settle()

    assert again.otp is not None and again.otp.masked_target == "s***@peserta.test"
    assert [(mail.to, mail.kind) for mail in world.mail.sent] == [(UCOK.email, MessageKind.SECURITY_NOTICE)]
    assert [sms.kind for sms in world.sms.sent] == [MessageKind.OTP, MessageKind.SECURITY_NOTICE]


async def test_limits_are_the_same_as_for_somebody_new(world: StagedWorld) -> None:
    await start(world, UCOK)

    refusal = await refused(start(world, UCOK))

    assert told(refusal) == [(Code.RATE_LIMITED, None)]


async def test_codes_of_two_people_differ(world: StagedWorld) -> None:
    await start(world, BUDI)
    await start(world, UCOK)
    await world.agenda.settle()

    assert code_in(world.sms.sent[0].text) != last_code(world)
