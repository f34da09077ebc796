"""Another phone or e-mail: who may, what has to be proved, who is told."""

from datetime import timedelta

import pytest

from gateway.domain.account import ActivityKind, Viewer
from gateway.domain.message import MessageKind
from gateway.domain.otp import OtpChannel
from gateway.domain.problem import Code, Rejected
from gateway.models.account import AccountRow, ActivityRow
from gateway.services import contact, step_up
from gateway.services.step_up import StepUpPurpose
from tests.services.journey import (
    CALLER,
    DAY,
    INSTANT,
    MINUTE,
    UCOK,
    await_activation,
    code_in,
    last_code,
    last_link_token,
    refused,
    refused_without_trace,
    told,
    wrong_code,
)
from tests.services.staged import StagedWorld

NEW_PHONE = "+6284000000088"
NEW_EMAIL = "ucok.baru@peserta.test"


async def viewer_of(world: StagedWorld, email: str = UCOK.email) -> Viewer:
    """The session of an account."""
    async with world.store.reading():
        return Viewer((await AccountRow.get(email=email)).subject, "s1")


async def code_for(world: StagedWorld, viewer: Viewer, purpose: StepUpPurpose) -> str:
    """Ask for a code and read it from the phone."""
    await step_up.request(world, viewer=viewer, purpose=purpose, channel=OtpChannel.SMS, caller=CALLER)
    await world.agenda.settle()
    return last_code(world)


async def name_phone(world: StagedWorld, viewer: Viewer) -> str:
    """Go on until the new phone has its code; answers it."""
    otp = await code_for(world, viewer, StepUpPurpose.CHANGE_PHONE)
    await contact.change_phone(world, viewer=viewer, new_phone=NEW_PHONE, otp=otp, caller=CALLER)
    await world.agenda.settle()
    return last_code(world)


async def name_email(world: StagedWorld, viewer: Viewer, email: str = NEW_EMAIL) -> str:
    """Go on until the new address has its link; answers its token."""
    otp = await code_for(world, viewer, StepUpPurpose.CHANGE_EMAIL)
    await contact.change_email(world, viewer=viewer, new_email=email, otp=otp, caller=CALLER)
    await world.agenda.settle()
    return last_link_token(world)


async def activities(world: StagedWorld) -> list[str]:
    async with world.store.reading():
        return [str(kind) for kind in await ActivityRow.all().order_by("id").values_list("kind", flat=True)]


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


@pytest.mark.parametrize(
    ("phone", "otp", "problem"),
    [
        ("", "123456", (Code.REQUIRED, ("newPhone",))),
        ("021 555", "123456", (Code.INVALID_PHONE, ("newPhone",))),
        ("0840 0000 0008", "123456", (Code.UNCHANGED, ("newPhone",))),
        (NEW_PHONE, "", (Code.STEP_UP_REQUIRED, ("otp",))),
        (NEW_PHONE, "12ab", (Code.INVALID_FORMAT, ("otp",))),
        (NEW_PHONE, "123456", (Code.STEP_UP_REQUIRED, ("otp",))),
    ],
)
async def test_a_phone_is_not_changed_without_all_it_takes(
    world: StagedWorld, phone: str, otp: str, problem: tuple[Code, tuple[str, ...]]
) -> None:
    viewer = await viewer_of(world)

    refusal = await refused_without_trace(
        world, contact.change_phone(world, viewer=viewer, new_phone=phone, otp=otp, caller=CALLER)
    )

    assert told(refusal) == [problem]


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


async def test_the_new_phone_proves_itself_and_the_old_one_is_told(world: StagedWorld) -> None:
    viewer = await viewer_of(world)
    code = await name_phone(world, viewer)
    assert world.sms.sent[-1].to == NEW_PHONE
    async with world.store.reading():
        assert (await AccountRow.get(email=UCOK.email)).phone == UCOK.phone

    changed = await contact.confirm_phone(world, viewer=viewer, code=code, caller=CALLER)
    await world.agenda.settle()

    assert changed.phone == NEW_PHONE
    assert (world.sms.sent[-1].to, world.sms.sent[-1].kind) == (UCOK.phone, MessageKind.SECURITY_NOTICE)
    assert [(mail.to, mail.kind) for mail in world.mail.sent] == [(UCOK.email, MessageKind.SECURITY_NOTICE)]
    assert await activities(world) == [ActivityKind.PHONE_CHANGED]
    async with world.store.reading():
        account = await AccountRow.get(email=UCOK.email)
    assert account.phone == NEW_PHONE
    assert (await contact.find_pending(world, account_id=account.id)).phone is None


async def test_without_a_new_phone_there_is_nothing_to_confirm(world: StagedWorld) -> None:
    viewer = await viewer_of(world)

    refusal = await refused_without_trace(
        world, contact.confirm_phone(world, viewer=viewer, code="123456", caller=CALLER)
    )

    assert told(refusal) == [(Code.WRONG_STEP, None)]
    assert refusal.problems[0].state == "ACTIVE"
    assert refusal.subject.phone == UCOK.phone  # type: ignore[union-attr]  # the account as it stands


@pytest.mark.parametrize(("typed", "code"), [("", Code.REQUIRED), ("12ab56", Code.INVALID_FORMAT)])
async def test_what_is_no_code_confirms_no_phone(world: StagedWorld, typed: str, code: Code) -> None:
    viewer = await viewer_of(world)
    await name_phone(world, viewer)

    refusal = await refused_without_trace(world, contact.confirm_phone(world, viewer=viewer, code=typed, caller=CALLER))

    assert told(refusal) == [(code, ("code",))]


async def test_a_newer_phone_ends_the_older_ones_code(world: StagedWorld) -> None:
    viewer = await viewer_of(world)
    older = await name_phone(world, viewer)
    world.clock.advance(MINUTE)
    newer = await name_phone(world, viewer)

    refusal = await refused(contact.confirm_phone(world, viewer=viewer, code=older, caller=CALLER))
    assert told(refusal) == [(Code.OTP_INVALID, ("code",))]
    assert (await contact.confirm_phone(world, viewer=viewer, code=newer, caller=CALLER)).phone == NEW_PHONE


async def test_the_new_address_proves_itself_and_the_old_one_is_told(world: StagedWorld) -> None:
    viewer = await viewer_of(world)
    token = await name_email(world, viewer)
    assert (world.mail.sent[-1].to, world.mail.sent[-1].kind) == (NEW_EMAIL, MessageKind.EMAIL_CHANGE)
    async with world.store.reading():
        account = await AccountRow.get(email=UCOK.email)
    pending = (await contact.find_pending(world, account_id=account.id)).email
    assert pending is not None
    assert (pending.masked_target, pending.expires_at - pending.sent_at) == ("u***@peserta.test", DAY)

    await contact.confirm_email(world, token=token, caller=CALLER)
    await world.agenda.settle()

    async with world.store.reading():
        assert (await AccountRow.get(id=account.id)).email == NEW_EMAIL
    assert (world.mail.sent[-1].to, world.mail.sent[-1].kind) == (UCOK.email, MessageKind.SECURITY_NOTICE)
    assert (world.sms.sent[-1].to, world.sms.sent[-1].kind) == (UCOK.phone, MessageKind.SECURITY_NOTICE)
    assert await activities(world) == [ActivityKind.EMAIL_CHANGED]
    assert (await contact.find_pending(world, account_id=account.id)).email is None


@pytest.mark.parametrize(
    ("email", "otp", "problem"),
    [
        ("", "123456", (Code.REQUIRED, ("newEmail",))),
        ("ucok@", "123456", (Code.INVALID_EMAIL, ("newEmail",))),
        ("UCOK@peserta.test", "123456", (Code.UNCHANGED, ("newEmail",))),
        (NEW_EMAIL, " ", (Code.STEP_UP_REQUIRED, ("otp",))),
    ],
)
async def test_an_address_is_not_changed_without_all_it_takes(
    world: StagedWorld, email: str, otp: str, problem: tuple[Code, tuple[str, ...]]
) -> None:
    viewer = await viewer_of(world)

    refusal = await refused_without_trace(
        world, contact.change_email(world, viewer=viewer, new_email=email, otp=otp, caller=CALLER)
    )

    assert told(refusal) == [problem]


async def test_an_address_of_another_account_gets_a_notice_and_no_link(world: StagedWorld) -> None:
    viewer = await viewer_of(world)
    otp = await code_for(world, viewer, StepUpPurpose.CHANGE_EMAIL)

    await contact.change_email(world, viewer=viewer, new_email="laras@peserta.test", otp=otp, caller=CALLER)
    await world.agenda.settle()

    assert [(mail.to, mail.kind) for mail in world.mail.sent] == [("laras@peserta.test", MessageKind.SECURITY_NOTICE)]
    assert "token=" not in world.mail.sent[0].text


async def test_a_link_works_once_and_a_newer_one_ends_it(world: StagedWorld) -> None:
    viewer = await viewer_of(world)
    older = await name_email(world, viewer, "lama@peserta.test")
    world.clock.advance(MINUTE)
    newer = await name_email(world, viewer)

    ended = await refused_without_trace(world, contact.confirm_email(world, token=older, caller=CALLER))
    await contact.confirm_email(world, token=newer, caller=CALLER)
    await world.agenda.settle()
    again = await refused_without_trace(world, contact.confirm_email(world, token=newer, caller=CALLER))

    assert told(ended) == [(Code.TOKEN_INVALID, ("token",))]
    assert told(again) == [(Code.TOKEN_USED, ("token",))]


async def test_a_link_is_over_after_a_day(world: StagedWorld) -> None:
    viewer = await viewer_of(world)
    token = await name_email(world, viewer)
    world.clock.advance(DAY + INSTANT)

    refusal = await refused_without_trace(world, contact.confirm_email(world, token=token, caller=CALLER))

    assert told(refusal) == [(Code.TOKEN_EXPIRED, ("token",))]


@pytest.mark.parametrize(("token", "code"), [("", Code.REQUIRED), ("x.y.z", Code.TOKEN_INVALID)])
async def test_what_is_no_link_changes_nothing(world: StagedWorld, token: str, code: Code) -> None:
    refusal = await refused_without_trace(world, contact.confirm_email(world, token=token, caller=CALLER))

    assert told(refusal) == [(code, ("token",))]


async def test_an_address_taken_meanwhile_stays_with_who_took_it(world: StagedWorld) -> None:
    viewer, laras = await viewer_of(world), await viewer_of(world, "laras@peserta.test")
    first, second = await name_email(world, viewer), await name_email(world, laras)
    await contact.confirm_email(world, token=second, caller=CALLER)
    await world.agenda.settle()

    refusal = await refused_without_trace(world, contact.confirm_email(world, token=first, caller=CALLER))

    assert told(refusal) == [(Code.ACCOUNT_EXISTS, None)]


async def test_a_changed_contact_cools_down_for_a_day(world: StagedWorld) -> None:
    viewer = await viewer_of(world)
    async with world.store.reading():
        account_id = (await AccountRow.get(email=UCOK.email)).id
    code = await name_phone(world, viewer)
    assert await contact.find_cool_down(world, account_id=account_id) is None
    changed_at = world.clock.now()

    await contact.confirm_phone(world, viewer=viewer, code=code, caller=CALLER)

    assert await contact.find_cool_down(world, account_id=account_id) == changed_at + DAY
    world.clock.advance(DAY)
    assert await contact.find_cool_down(world, account_id=account_id) is None


async def test_an_account_that_is_not_active_yet_changes_nothing(world: StagedWorld) -> None:
    await await_activation(world)
    async with world.store.reading():
        pending = Viewer((await AccountRow.get(kpj="99260000001")).subject, "s1")

    with pytest.raises(Rejected) as caught:
        await step_up.request(
            world, viewer=pending, purpose=StepUpPurpose.CHANGE_PHONE, channel=OtpChannel.SMS, caller=CALLER
        )

    assert (caught.value.code, caught.value.extensions["reason"]) == ("UNAUTHENTICATED", "REVOKED")
