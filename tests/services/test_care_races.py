"""Sixteen at once: of whatever may happen once, one happens, on both databases."""

import asyncio
from collections.abc import Awaitable, Callable

from gateway.domain.problem import Code, Refusal
from gateway.models.account import ActivityRow
from gateway.services import contact, membership
from gateway.services.step_up import StepUpPurpose
from tests.services.care import NEW_PHONE, code_for, name_email, name_phone, viewer_of
from tests.services.journey import CALLER, LARAS, LARAS_OTHER_KPJ, told
from tests.services.staged import StagedWorld
from tests.services.test_membership import HIDDEN, STATEMENT

CALLERS = 16


async def at_once(call: Callable[[], Awaitable[object]]) -> tuple[int, set[Code]]:
    """How many of sixteen callers were let through, and what the others were told."""
    answers = await asyncio.gather(*(call() for _ in range(CALLERS)), return_exceptions=True)
    refusals = [answer for answer in answers if isinstance(answer, Refusal)]
    others = [answer for answer in answers if isinstance(answer, BaseException) and not isinstance(answer, Refusal)]
    assert others == []
    return CALLERS - len(refusals), {code for refusal in refusals for code, _ in told(refusal)}


async def happened(world: StagedWorld) -> int:
    async with world.store.reading():
        return await ActivityRow.all().count()


async def test_a_kpj_is_linked_once(world: StagedWorld) -> None:
    viewer = await viewer_of(world)

    done, refused = await at_once(lambda: membership.link(world, viewer=viewer, kpj=HIDDEN, caller=CALLER))

    assert (done, refused, await happened(world)) == (1, {Code.KPJ_ALREADY_LINKED}, 1)


async def test_a_membership_is_disputed_once(world: StagedWorld) -> None:
    viewer = await viewer_of(world, LARAS.email)

    done, refused = await at_once(
        lambda: membership.dispute(world, viewer=viewer, kpj=LARAS_OTHER_KPJ, statement=STATEMENT, caller=CALLER)
    )

    assert (done, refused, await happened(world)) == (1, {Code.WRONG_STEP}, 1)


async def test_a_step_up_code_is_used_once(world: StagedWorld) -> None:
    viewer = await viewer_of(world)
    otp = await code_for(world, viewer, StepUpPurpose.CHANGE_PHONE)
    sent = len(world.sms.sent)

    done, refused = await at_once(
        lambda: contact.change_phone(world, viewer=viewer, new_phone=NEW_PHONE, otp=otp, caller=CALLER)
    )
    await world.agenda.settle()

    assert (done, refused, len(world.sms.sent) - sent) == (1, {Code.OTP_ALREADY_USED}, 1)


async def test_a_step_up_code_is_asked_for_once(world: StagedWorld) -> None:
    viewer = await viewer_of(world)

    done, refused = await at_once(lambda: code_for(world, viewer, StepUpPurpose.CHANGE_PHONE))

    assert (done, refused, len(world.sms.sent)) == (1, {Code.RATE_LIMITED}, 1)


async def test_a_new_phone_is_confirmed_once(world: StagedWorld) -> None:
    viewer = await viewer_of(world)
    code = await name_phone(world, viewer)

    done, refused = await at_once(lambda: contact.confirm_phone(world, viewer=viewer, code=code, caller=CALLER))

    assert (done, await happened(world)) == (1, 1)
    assert refused <= {Code.WRONG_STEP, Code.OTP_ALREADY_USED}


async def test_a_link_to_a_new_address_is_used_once(world: StagedWorld) -> None:
    token = await name_email(world, await viewer_of(world))

    done, refused = await at_once(lambda: contact.confirm_email(world, token=token, caller=CALLER))

    assert (done, refused, await happened(world)) == (1, {Code.TOKEN_USED}, 1)
