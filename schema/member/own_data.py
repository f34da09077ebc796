"""What members tell about themselves, and the memberships that they have yet to find or to merge."""

from datetime import datetime

import strawberry

from gateway.domain import member, membership_care, profile
from gateway.services import membership as memberships
from gateway.services import merge as merges
from gateway.services import profile as profiles
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.loaders import once
from schema.member.merge import BalanceMerge
from schema.scalars import YearMonth

Info = strawberry.Info[Context, None]


@strawberry.type(description="Where a member lives.")
class Address:
    """As its owner wrote it."""

    street: str
    village: str | None
    district: str | None
    city: str
    province: str
    postal_code: str | None

    @staticmethod
    def of(known: profile.Address) -> "Address":
        """The address as its owner sees it."""
        return Address(**{name: getattr(known, name) for name in profile.Address.__slots__})


@strawberry.type(description="Whom to call in an emergency.")
class EmergencyContact:
    """`phone` is E.164."""

    name: str
    phone: str
    relation: str

    @staticmethod
    def of(known: profile.EmergencyContact) -> "EmergencyContact":
        """The contact as its owner sees it."""
        return EmergencyContact(name=known.name, phone=known.phone, relation=known.relation)


@strawberry.type(description="A membership of the same NIK that the account does not show yet; see `linkMembership`.")
class HiddenMembership:
    """Told so far that its holder can find the number."""

    masked_kpj: str
    employer_name: str | None
    last_contribution: YearMonth | None

    @staticmethod
    def of(known: membership_care.HiddenMembership) -> "HiddenMembership":
        """The membership as far as it is shown."""
        month = YearMonth(known.last_contribution) if known.last_contribution else None
        return HiddenMembership(masked_kpj=known.masked_kpj, employer_name=known.employer_name, last_contribution=month)


@strawberry.type
class OwnData:
    """Fields of a member that come from the account's side and not from the registry."""

    source: strawberry.Private[member.Member]

    @strawberry.field(description="Null until it is told.")
    async def address(self, info: Info) -> Address | None:
        """Thin: one shared read."""
        known = (await _profile(info.context, self.source.id)).address
        return Address.of(known) if known is not None else None

    @strawberry.field(description="Null until one is told.")
    async def emergency_contact(self, info: Info) -> EmergencyContact | None:
        """Thin: one shared read."""
        known = (await _profile(info.context, self.source.id)).emergency_contact
        return EmergencyContact.of(known) if known is not None else None

    @strawberry.field(description="When the member last confirmed the data (pengkinian data); null if never.")
    async def profile_confirmed_at(self, info: Info) -> datetime | None:
        """Thin: one shared read."""
        return (await _profile(info.context, self.source.id)).confirmed_at

    @strawberry.field(directives=[SemanticNonNull()], description="Memberships of the same NIK that are not linked.")
    async def hidden_memberships(self, info: Info) -> list[HiddenMembership] | None:
        """Thin: one service call."""
        found = await memberships.list_hidden(info.context.world, member_id=self.source.id)
        return [HiddenMembership.of(known) for known in found]

    @strawberry.field(directives=[SemanticNonNull()], description="Requests to merge balances, oldest first.")
    async def merges(self, info: Info) -> list[BalanceMerge] | None:
        """Thin: one service call."""
        found = await merges.list_merges(info.context.world, member_id=self.source.id)
        return [BalanceMerge.of(known, info.context) for known in found]


async def _profile(context: Context, member_id: int) -> profile.Profile:
    key = ("profile", member_id)
    return await once(context, key, lambda: profiles.load(context.world, member_id=member_id))
