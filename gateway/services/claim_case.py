"""All that a claim is judged by, read in one go; and the dry run of every reason."""

from collections import defaultdict
from dataclasses import replace
from datetime import date

from gateway.domain.balance import Posting, PostingKind
from gateway.domain.claim import ENDS, ClaimState
from gateway.domain.claim_document import ClaimReason
from gateway.domain.eligibility import PARTIAL_SHARES, ClaimCase, ClaimEligibility, judge_all
from gateway.domain.member import Program
from gateway.domain.membership_care import DisputeState, Link
from gateway.domain.payout import payable_on
from gateway.domain.rates import load_rates
from gateway.domain.tax import Payment
from gateway.domain.zone import local_date
from gateway.models.account import AccountRow
from gateway.models.claim import ClaimRow
from gateway.models.dispute import DisputeRow
from gateway.models.document import DocumentRow
from gateway.models.member import PersonRow, PostingRow
from gateway.models.merge import MergeRow
from gateway.models.profile import ProfileRow
from gateway.services import contact, member
from gateway.world import World


async def list_options(world: World, *, member_id: int) -> tuple[ClaimEligibility, ...]:
    """Every reason's answer for a member at this moment, with the documents that wait for a claim."""
    async with world.store.reading():
        case = await read_case(world, member_id)
        rows = await DocumentRow.filter(person_id=member_id, claim_id=None, expires_at__gt=world.clock.now()).order_by(
            "id"
        )
    return judge_all(replace(case, documents=[row.to_domain() for row in rows]))


async def read_case(world: World, member_id: int) -> ClaimCase:
    """The case without documents, inside the caller's open transaction or read; nine statements at most."""
    today = local_date(world.clock.now())
    person = await PersonRow.get(id=member_id)
    memberships = await member.read_memberships(member_id)
    postings = await _read_postings(member_id)
    claims = await ClaimRow.filter(person_id=member_id).order_by("id")
    paid = [row for row in claims if row.state == ClaimState.PAID]
    whole = [row for row in paid if ClaimReason(row.reason) not in PARTIAL_SHARES]
    payments = _payments(postings, today)
    running = next((row.number for row in claims if row.state not in ENDS), None)
    account = await AccountRow.get_or_none(person_id=member_id)
    until = await contact.read_cool_down(world, account.id) if account is not None else None
    profile = await ProfileRow.get_or_none(person_id=member_id)
    kpjs = [one.kpj for one in memberships]
    return ClaimCase(
        birth_date=person.birth_date,
        memberships=memberships,
        balances={
            one.kpj: payable_on(today, postings[one.id], load_rates())
            for one in memberships
            if Program.JHT in one.programs
        },
        today=today,
        payments=payments,
        partial_taken=_is_partial_taken(payments, whole),
        claimed_kpjs=frozenset(kpj for row in whole for kpj in row.kpjs.split(",")),
        running_number=running,
        merging=await MergeRow.filter(live_key=member_id).exists(),
        disputed=await DisputeRow.filter(person_id=member_id, kpj__in=kpjs, state=DisputeState.OPEN.value).exists(),
        profile_confirmed=profile is not None and profile.confirmed_at is not None,
        cool_down_on=local_date(until) if until is not None else None,
    )


async def _read_postings(member_id: int) -> defaultdict[int, list[Posting]]:
    """By membership, the hidden ones too: what was paid out of them counts for tax and for once in a life."""
    lines = (
        await PostingRow.filter(membership__person_id=member_id)
        .exclude(membership__link=Link.DISOWNED.value)
        .order_by("id")
        .values_list("membership_id", "kind", "posted_on", "employer_amount", "employee_amount", "other_amount")
    )
    postings: defaultdict[int, list[Posting]] = defaultdict(list)
    for membership_id, kind, *rest in lines:
        postings[membership_id].append(Posting(PostingKind(kind), *rest))
    return postings


def _payments(postings: defaultdict[int, list[Posting]], today: date) -> tuple[Payment, ...]:
    """Every payout so far; of several KPJ on one day each is its own, for they add up all the same."""
    lines = (line for ledger in postings.values() for line in ledger)
    made = [line for line in lines if line.kind is PostingKind.PAYOUT and line.posted_on <= today]
    return tuple(Payment(line.posted_on, line.other_amount) for line in sorted(made, key=lambda one: one.posted_on))


def _is_partial_taken(payments: tuple[Payment, ...], whole: list[ClaimRow]) -> bool:
    """A payout that no claim on the whole explains was a partial one, perhaps from before the sandbox's own claims."""
    explained = {local_date(row.paid_at) for row in whole if row.paid_at is not None}
    return any(payment.paid_on not in explained for payment in payments)
