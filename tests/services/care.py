"""The steps to another phone or address, and whose session it is."""

from gateway.domain.account import Viewer
from gateway.domain.otp import OtpChannel
from gateway.models.account import AccountRow, ActivityRow
from gateway.services import contact, step_up
from gateway.services.step_up import StepUpPurpose
from tests.services.journey import CALLER, UCOK, last_code, last_link_token
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
