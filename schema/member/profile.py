"""Changing one's own data and confirming that it still holds."""

import strawberry

from gateway.domain import profile
from gateway.services import account as accounts
from gateway.services import member as members
from gateway.services import profile as profiles
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.errors import RefusalsAsData, UserError
from schema.member.member import Member

Info = strawberry.Info[Context, None]


@strawberry.input(description="An address; street, city and province are needed.")
class AddressInput:
    """It replaces the address as a whole."""

    street: str
    village: str | None = None
    district: str | None = None
    city: str
    province: str
    postal_code: str | None = strawberry.field(default=None, description="Five digits.")


@strawberry.input(description="Whom to call in an emergency.")
class EmergencyContactInput:
    """It replaces the contact as a whole."""

    name: str
    phone: str = strawberry.field(description="An Indonesian mobile number: 08…, 628… or +628….")
    relation: str


@strawberry.input(description="What to change; what is absent stays. `confirm` is pengkinian data.")
class UpdateProfileInput:
    """A confirmation needs an address and an emergency contact, given now or before."""

    address: AddressInput | None = None
    emergency_contact: EmergencyContactInput | None = None
    confirm: bool = False


@strawberry.type(description="The member after the change.")
class MemberPayload:
    """The member, or why nothing was changed."""

    member: Member | None = None
    errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ProfileMutation:
    """One's own data."""

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(MemberPayload)],
        description="Change address and emergency contact, and confirm that the data still hold.",
    )
    async def update_profile(self, info: Info, input: UpdateProfileInput) -> MemberPayload | None:
        """Thin: one change, and the member as it is then."""
        context = info.context
        viewer = await context.require_viewer()
        address, contact = input.address, input.emergency_contact
        await profiles.update(
            context.world,
            viewer=viewer,
            address=profile.Address(**vars(address)) if address else None,
            emergency_contact=profile.EmergencyContact(**vars(contact)) if contact else None,
            confirm=input.confirm,
            caller=context.caller,
        )
        account = await accounts.load(context.world, viewer=viewer)
        return MemberPayload(member=Member.of(await members.load(context.world, nik=account.nik)))
