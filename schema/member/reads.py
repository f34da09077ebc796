"""What several fields of a member need, read once per request."""

from collections.abc import Sequence

from gateway.domain import member
from gateway.domain.balance import MemberBalances
from gateway.services import member as members
from schema.context import Context
from schema.loaders import once, prime


async def load_member(context: Context, nik: str) -> member.Member:
    """The person behind a NIK; the memberships come along in the same statement."""
    found, linked = await members.load_with_memberships(context.world, nik=nik)
    prime(context, ("memberships", found.id), linked)
    return found


async def list_memberships(context: Context, member_id: int) -> Sequence[member.Membership]:
    """Every linked membership."""
    key = ("memberships", member_id)
    return await once(context, key, lambda: members.list_memberships(context.world, member_id=member_id))


async def load_balances(context: Context, member_id: int) -> MemberBalances:
    """The balances, in all and by KPJ."""

    async def load() -> MemberBalances:
        known = await list_memberships(context, member_id)
        return await members.load_balances(context.world, member_id=member_id, memberships=known)

    return await once(context, ("balances", member_id), load)
