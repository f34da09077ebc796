"""Members as the registry has them: who they are, where they are insured, and what they have saved."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from gateway.domain.balance import MemberBalances, Posting, PostingKind, add_balances, make_balance
from gateway.domain.member import Member, Membership, Program
from gateway.domain.membership_care import Link
from gateway.domain.rates import load_rates
from gateway.domain.statement import AnnualStatement, make_statements
from gateway.models.member import MembershipRow, PersonRow, PostingRow
from gateway.models.prepared import find_one, find_values
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
    """Every linked membership of a person, the one to sign up with first."""
    async with world.store.reading():
        return await read_memberships(member_id)


async def read_memberships(member_id: int) -> tuple[Membership, ...]:
    """As `list_memberships`, inside the caller's open transaction or read."""
    rows = MembershipRow.filter(person_id=member_id, link=Link.LINKED).order_by("id").select_related("employer")
    return tuple(row.to_domain(row.employer.to_domain() if row.employer else None) for row in await rows)


async def load_with_memberships(world: World, *, nik: str) -> tuple[Member, tuple[Membership, ...]]:
    """As `load` and `list_memberships`, in one statement. Raises LookupError."""
    async with world.store.reading():
        rows = await MembershipRow.filter(person__nik=nik).order_by("id").select_related("person", "employer")
    if not rows:
        return await load(world, nik=nik), ()
    linked = tuple(
        row.to_domain(row.employer.to_domain() if row.employer else None) for row in rows if row.link == Link.LINKED
    )
    return rows[0].person.to_domain(), linked


async def load_balances(
    world: World, *, member_id: int, memberships: Sequence[Membership] | None = None
) -> MemberBalances:
    """The JHT balance of a person at this moment, in all and by KPJ; two statements however many memberships.

    Linked memberships that are at hand save one of the two. A membership with JHT into which nothing was paid has a
    balance of 0; one without JHT has none.
    """
    now = world.clock.now()
    async with world.store.reading():
        known = memberships if memberships is not None else await read_memberships(member_id)
        ids = tuple(membership.id for membership in known)
        lines = await find_values(PostingRow, *_LINE, membership_id__in=ids)
    postings: defaultdict[int, list[Posting]] = defaultdict(list)
    for membership_id, kind, posted_on, employer, employee, other in lines:
        postings[membership_id].append(Posting(PostingKind(kind), posted_on, employer, employee, other))
    ledgers = {one.kpj: tuple(postings[one.id]) for one in known if Program.JHT in one.programs}
    by_kpj = {kpj: make_balance(lines, load_rates(), now) for kpj, lines in ledgers.items()}
    return MemberBalances(add_balances(tuple(by_kpj.values())) if by_kpj else None, by_kpj, ledgers)


def list_statements(world: World, *, balances: MemberBalances) -> tuple[AnnualStatement, ...]:
    """The annual statements over all memberships of `balances`, the latest first; a running year has none yet."""
    ledgers = ((balances.postings[kpj], balance) for kpj, balance in balances.by_kpj.items())
    return make_statements(ledgers, load_rates(), world.clock.now())
