"""The benefits of a member, from what is insured and what was paid."""

from collections.abc import Sequence

from gateway.domain.balance import MemberBalances
from gateway.domain.benefit import Insured, ProgramBenefit, list_benefits
from gateway.domain.member import Member, Membership
from gateway.domain.zone import local_date
from gateway.services import contribution
from gateway.world import World


async def list_for(
    world: World, *, member: Member, memberships: Sequence[Membership], balances: MemberBalances
) -> tuple[ProgramBenefit, ...]:
    """The benefits of all five programs today; one statement beside what is handed in."""
    paid = await contribution.list_paid(world, memberships=memberships)
    return list_benefits(
        Insured(
            birth_date=member.birth_date,
            memberships=memberships,
            paid=paid,
            jht_total=balances.total.total if balances.total else None,
            today=local_date(world.clock.now()),
            jht_paid_out=balances.total.paid_out if balances.total else 0,
        )
    )
