"""Members as the registry has them: who they are, where they are insured, and what they have saved."""

from collections import defaultdict

from gateway.domain.balance import MemberBalances, Posting, PostingKind, add_balances, make_balance
from gateway.domain.member import Member, Membership, Program
from gateway.domain.membership_care import Link
from gateway.domain.rates import load_rates
from gateway.models.member import MembershipRow, PersonRow, PostingRow
from gateway.world import World


async def load(world: World, *, nik: str) -> Member:
    """The person behind a NIK. Raises LookupError: who has an account is always in the registry."""
    async with world.store.reading():
        row = await PersonRow.get_or_none(nik=nik)
    if row is None:
        raise LookupError("no person in the registry has that NIK")
    return row.to_domain()


async def list_memberships(world: World, *, member_id: int) -> tuple[Membership, ...]:
    """Every linked membership of a person, the one to sign up with first."""
    async with world.store.reading():
        return await read_memberships(member_id)


async def read_memberships(member_id: int) -> tuple[Membership, ...]:
    """As `list_memberships`, inside the caller's open transaction or read."""
    rows = MembershipRow.filter(person_id=member_id, link=Link.LINKED).order_by("id").select_related("employer")
    return tuple(row.to_domain(row.employer.to_domain() if row.employer else None) for row in await rows)


async def load_balances(world: World, *, member_id: int) -> MemberBalances:
    """The JHT balance of a person at this moment, in all and by KPJ; two statements however many memberships.

    A membership with JHT into which nothing was paid has a balance of 0; one without JHT has none.
    """
    now = world.clock.now()
    async with world.store.reading():
        memberships = (
            await MembershipRow.filter(person_id=member_id, link=Link.LINKED)
            .order_by("id")
            .values_list("id", "kpj", "programs")
        )
        lines = await PostingRow.filter(membership__person_id=member_id, membership__link=Link.LINKED).values_list(
            "membership_id", "kind", "posted_on", "employer_amount", "employee_amount", "other_amount"
        )
    postings: defaultdict[int, list[Posting]] = defaultdict(list)
    for membership_id, kind, posted_on, employer, employee, other in lines:
        postings[membership_id].append(Posting(PostingKind(kind), posted_on, employer, employee, other))
    by_kpj = {
        kpj: make_balance(postings[row_id], load_rates(), now)
        for row_id, kpj, programs in memberships
        if Program.JHT in programs.split(",")
    }
    return MemberBalances(add_balances(tuple(by_kpj.values())) if by_kpj else None, by_kpj)
