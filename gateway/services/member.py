"""Members as the registry has them: who they are, where they are insured, and what they have saved."""

from collections import defaultdict
from typing import Final

from gateway.domain.balance import MemberBalances, Posting, PostingKind, add_balances, make_balance
from gateway.domain.member import Member, Membership, Program
from gateway.domain.rates import load_rates
from gateway.models.member import EmployerRow, MembershipRow, PersonRow, PostingRow
from gateway.models.prepared import find_all, find_one, find_values
from gateway.world import World

_LINE: Final = ("membership_id", "kind", "posted_on", "employer_amount", "employee_amount", "other_amount")


async def load(world: World, *, nik: str) -> Member:
    """The person behind a NIK. Raises LookupError: who has an account is always in the registry."""
    async with world.store.reading():
        row = await find_one(PersonRow, nik=nik)
    if row is None:
        raise LookupError("no person in the registry has that NIK")
    return row.to_domain()


async def list_memberships(world: World, *, member_id: int) -> tuple[Membership, ...]:
    """Every membership of a person, the one to sign up with first."""
    async with world.store.reading():
        rows = await find_all(MembershipRow, person_id=member_id)
        ids = tuple({row.employer_id for row in rows if row.employer_id is not None})
        employers = {row.id: row.to_domain() for row in await find_all(EmployerRow, id__in=ids)}
    return tuple(row.to_domain(employers[row.employer_id] if row.employer_id else None) for row in rows)


async def load_balances(world: World, *, member_id: int) -> MemberBalances:
    """The JHT balance of a person at this moment, in all and by KPJ; two statements however many memberships.

    A membership with JHT into which nothing was paid has a balance of 0; one without JHT has none.
    """
    now = world.clock.now()
    async with world.store.reading():
        memberships = await find_values(MembershipRow, "id", "kpj", "programs", person_id=member_id)
        ids = tuple(row_id for row_id, *_ in memberships)
        lines = await find_values(PostingRow, *_LINE, membership_id__in=ids)
    postings: defaultdict[int, list[Posting]] = defaultdict(list)
    for membership_id, kind, posted_on, employer, employee, other in lines:
        postings[membership_id].append(Posting(PostingKind(kind), posted_on, employer, employee, other))
    by_kpj = {
        kpj: make_balance(postings[row_id], load_rates(), now)
        for row_id, kpj, programs in memberships
        if Program.JHT in programs.split(",")
    }
    return MemberBalances(add_balances(tuple(by_kpj.values())) if by_kpj else None, by_kpj)
