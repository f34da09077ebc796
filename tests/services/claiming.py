"""What a test of claims needs: a member who may claim, documents to send in, and a form filled in."""

import io
from dataclasses import replace

from gateway.domain.account import Viewer
from gateway.domain.claim import BankAccount, Claim
from gateway.domain.claim_document import ClaimReason, DocumentKind
from gateway.domain.claim_form import ClaimForm
from gateway.domain.document import Document, IncomingFile
from gateway.domain.otp import OtpChannel
from gateway.domain.profile import Address, EmergencyContact
from gateway.models.member import MembershipRow, PersonRow
from gateway.models.registration import AttemptRow
from gateway.services import claim, document, profile, step_up
from gateway.services.step_up import StepUpPurpose
from tests.domain.test_document_content import png
from tests.services.journey import CALLER, SITI, Person, last_code, sign_up
from tests.services.staged import StagedWorld
from tests.services.test_contact import viewer_of

SITI_ACCOUNT = BankAccount("991", "1234567890", "Siti Fiktif")
HOME = Address("Jalan Contoh 1", None, None, "Bandung", "Jawa Barat", None)
CONTACT = EmergencyContact("Ibu Rekaan", "+6284000000099", "Ibu")


async def confirmed(world: StagedWorld, person: Person = SITI) -> Viewer:
    """A member, signed up just now, whose data are confirmed."""
    await sign_up(world, person)
    viewer = await viewer_of(world, person.email)
    await profile.update(world, viewer=viewer, address=HOME, emergency_contact=CONTACT, confirm=True, caller=CALLER)
    await world.agenda.settle()
    return viewer


async def code_for_claim(world: StagedWorld, viewer: Viewer) -> str:
    """The step-up code, as it came by SMS."""
    async with world.store.writing():
        await AttemptRow.filter(scope="step_up").delete()  # a test sends more claims than an hour has codes
    await step_up.request(
        world, viewer=viewer, purpose=StepUpPurpose.SUBMIT_CLAIM, channel=OtpChannel.SMS, caller=CALLER
    )
    await world.agenda.settle()
    return last_code(world)


async def send_in(
    world: StagedWorld, viewer: Viewer, kind: DocumentKind, name: str = "scan.png", content: bytes | None = None
) -> Document:
    """Upload one picture."""
    data = content if content is not None else png()
    return await document.upload(world, viewer=viewer, kind=kind, file=IncomingFile(name, len(data), io.BytesIO(data)))


def form(**filled: object) -> ClaimForm:
    """Siti's form; a test names what is filled in otherwise."""
    plain = ClaimForm(ClaimReason.RESIGNED, SITI_ACCOUNT, (), "key-1")
    return replace(plain, **filled)  # type: ignore[arg-type]  # names are ClaimForm's own


async def submit(world: StagedWorld, viewer: Viewer, **filled: object) -> Claim:
    """Ask for a code and send in the form with it."""
    otp = await code_for_claim(world, viewer)
    return await claim.submit(world, viewer=viewer, form=form(**{"otp": otp, **filled}), caller=CALLER)


async def person_id(world: StagedWorld, person: Person = SITI) -> int:
    """The member's number."""
    async with world.store.reading():
        return (await PersonRow.get(nik=person.nik)).id


async def end_membership(world: StagedWorld, kpj: str, **changes: object) -> None:
    """Change a membership behind the agency's back."""
    async with world.store.writing():
        await MembershipRow.filter(kpj=kpj).update(**changes)
