"""The assessor: claims moved on by the world's clock, from the check of their documents to the transfer."""

from dataclasses import replace
from datetime import datetime

from gateway.domain.balance import PostingKind
from gateway.domain.channel import ClaimChannel
from gateway.domain.claim import (
    CLAIM_SLA_DAYS,
    ENDS,
    NOTICES,
    REJECTED_DOCUMENT,
    REJECTED_NO_BALANCE,
    REJECTED_NOT_FIXED,
    TRANSFER_RETRY,
    ClaimState,
    interview_at,
    next_state,
    step_at,
)
from gateway.domain.claim_document import ClaimReason, DocumentState
from gateway.domain.decision import Decision
from gateway.domain.document import FORGED_PROBLEM, check_document
from gateway.domain.eligibility import PARTIAL_SHARES, ClaimCase, quote_claim, split_gross
from gateway.domain.tax import TaxQuote, quote_tax
from gateway.domain.working_days import sla_due_at
from gateway.models.account import AccountRow
from gateway.models.claim import ClaimEventRow, ClaimRow
from gateway.models.document import DocumentRow
from gateway.models.member import MembershipRow, PostingRow
from gateway.ports import BankUnavailable
from gateway.services import claim_case, courier
from gateway.services.claim_view import topic_of
from gateway.world import World

_TOLD = frozenset({ClaimState.NEEDS_FIX, ClaimState.PAYMENT_FAILED, ClaimState.REJECTED})


async def enter(world: World, row: ClaimRow, state: ClaimState, told: str | None = None) -> None:
    """Put a claim into a state and tell its owner, inside the caller's open transaction.

    `told` names the decision where it is not the state's own. The five working days begin anew whenever a claim
    becomes complete, and rest while it waits for its owner. Source: Permenaker 4/2022 (domain notes 4.1).
    """
    now = world.clock.now()
    key = told or NOTICES[state]
    row.state, row.decision = state.value, key if state in _TOLD else None
    row.step_at = step_at(state, ClaimChannel(row.channel), now)
    row.live_key = None if state in ENDS else row.person_id
    if state in (ClaimState.NEEDS_FIX, ClaimState.PAYMENT_FAILED):
        row.sla_due_at = None
    elif row.sla_due_at is None and state not in ENDS:
        row.sla_due_at = sla_due_at(now, CLAIM_SLA_DAYS)
    if state is ClaimState.INTERVIEW_SCHEDULED:
        row.interview_at = interview_at(now)
    if state is ClaimState.PAID:
        row.paid_at = now
    await row.save()
    await ClaimEventRow.create(claim_id=row.id, at=now, state=state.value, note=key)
    account = await AccountRow.get_or_none(person_id=row.person_id)
    if account is not None:
        await courier.enqueue_claim_notice(world, account, row.number, Decision(key, {"number": row.number}))


async def go_on(world: World) -> list[str]:
    """Take every claim that is due one step further, each in a transaction of its own."""
    async with world.store.reading():
        due = await ClaimRow.filter(step_at__lte=world.clock.now()).order_by("step_at", "id")
    done: list[str] = []
    for seen in due:
        if seen.state == ClaimState.PAYMENT_PROCESS:
            moved = await _pay(world, seen)
        else:
            moved = await _step(world, seen)
        if moved is not None:
            world.bus.publish(topic_of(seen.id))
            done.append(f"claim.{moved.lower()} {seen.number}")
    return done


async def _held(seen: ClaimRow) -> ClaimRow | None:
    """The claim for changing, unless its owner has changed it since it was seen."""
    rows = ClaimRow.select_for_update().filter(id=seen.id, state=seen.state, step_at=seen.step_at)
    return await rows.first()


async def _step(world: World, seen: ClaimRow) -> ClaimState | None:
    async with world.store.writing():
        row = await _held(seen)
        if row is None:
            return None
        state, told = ClaimState(row.state), None
        following = next_state(state, ClaimChannel(row.channel))
        if state is ClaimState.NEEDS_FIX:
            following, told = ClaimState.REJECTED, REJECTED_NOT_FIXED
        if state is ClaimState.DOCUMENT_CHECK:
            found = await _check_documents(row)
            if found is not None:
                following, told = found
        assert following is not None, "only a claim that goes on has a moment to go on at"
        await enter(world, row, following, told)
    return following


async def _check_documents(row: ClaimRow) -> tuple[ClaimState, str | None] | None:
    """Judge the latest document of each kind; where the claim goes if one is not taken."""
    latest = {document.kind: document for document in await DocumentRow.filter(claim_id=row.id).order_by("id")}
    problems = []
    for document in latest.values():
        state, document.problem = check_document(document.to_domain())
        document.state = state.value
        await document.save(update_fields=["state", "problem"])
        if state is DocumentState.REJECTED:
            problems.append(document.problem)
    if FORGED_PROBLEM in problems:
        return ClaimState.REJECTED, REJECTED_DOCUMENT
    return (ClaimState.NEEDS_FIX, None) if problems else None


async def _pay(world: World, seen: ClaimRow) -> ClaimState | None:
    """Ask the bank, outside of any transaction, and write down what came of it.

    What is paid is counted on the day of payment: all that is there in a claim on the whole, the share that was
    claimed in a partial one, and the tax of that day. A bank that does not answer is asked again in an hour.
    """
    now = world.clock.now()
    async with world.store.reading():
        case = await claim_case.read_case(world, seen.person_id)
    quote = _final_quote(replace(case, has_npwp=seen.has_npwp), seen)
    arrived = False
    if quote is not None:
        try:
            arrived = await world.bank.transfer(seen.bank_account, quote.net, seen.number)
        except BankUnavailable:
            await _postpone(world, seen, now + TRANSFER_RETRY)
            return None
    async with world.store.writing():
        row = await _held(seen)
        if row is None:
            return None
        if quote is None:
            await enter(world, row, ClaimState.REJECTED, REJECTED_NO_BALANCE)
            return ClaimState.REJECTED
        row.gross, row.tax = quote.gross, quote.tax
        if arrived:
            await _book(row, case, quote.gross)
        following = ClaimState.PAID if arrived else ClaimState.PAYMENT_FAILED
        await enter(world, row, following)
    return following


def _final_quote(case: ClaimCase, row: ClaimRow) -> TaxQuote | None:
    reason = ClaimReason(row.reason)
    if reason not in PARTIAL_SHARES:
        return quote_claim(case, reason)
    gross = min(row.gross, case.total)
    return quote_tax(gross, case.today, earlier=case.payments, has_npwp=case.has_npwp) if gross > 0 else None


async def _postpone(world: World, seen: ClaimRow, until: datetime) -> None:
    async with world.store.writing():
        await ClaimRow.filter(id=seen.id, state=seen.state, step_at=seen.step_at).update(step_at=until)


async def _book(row: ClaimRow, case: ClaimCase, gross: int) -> None:
    """The payout in the ledger of every membership that it came from; their postings are the tax history, too."""
    split = split_gross(case, ClaimReason(row.reason), gross)
    row.kpjs = ",".join(split)
    for kpj, amount in split.items():
        membership = await MembershipRow.get(kpj=kpj)
        await PostingRow.create(
            membership_id=membership.id, kind=PostingKind.PAYOUT.value, posted_on=case.today, other_amount=amount
        )
