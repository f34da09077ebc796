"""Another phone or e-mail: who may, what has to be proved, who is told."""

import pytest

from gateway.domain.account import ActivityKind
from gateway.domain.message import MessageKind
from gateway.domain.problem import Code
from gateway.models.account import AccountRow
from gateway.services import contact
from gateway.services.step_up import StepUpPurpose
from tests.services.care import NEW_EMAIL, NEW_PHONE, activities, code_for, name_email, name_phone, viewer_of
from tests.services.journey import CALLER, DAY, INSTANT, MINUTE, UCOK, refused, refused_without_trace, told
from tests.services.staged import StagedWorld


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
