"""Merging balances: a request, its way through the agency by the world's clock, and the move of the money."""

from collections.abc import Sequence
from dataclasses import replace

from gateway.domain.account import ActivityKind, Caller, Viewer
from gateway.domain.balance import Posting, PostingKind, make_balance
from gateway.domain.identity import normalise_kpj
from gateway.domain.membership_care import (
    MERGE_SLA_DAYS,
    STEP_DAYS,
    BalanceMerge,
    Link,
    MergeOutcome,
    MergeState,
    judge_merge,
)
from gateway.domain.problem import Code, Problem, Refusal, refuse
from gateway.domain.rates import load_rates
from gateway.domain.working_days import office_opens_at, sla_due_at
from gateway.domain.zone import local_date, local_instant
from gateway.models.account import AccountRow
from gateway.models.expressions import IntegrityError
from gateway.models.member import MembershipRow, PostingRow
from gateway.models.merge import MergeRow
from gateway.services import account as accounts
from gateway.services import activity, courier, member
from gateway.world import World

_MOST_KPJS = 20


async def request(world: World, *, viewer: Viewer, kpjs: Sequence[str], into: str, caller: Caller) -> BalanceMerge:
    """Ask for the balances of `kpjs` to be moved into one KPJ; the agency works on it one step a working day.

    Raises Refusal: REQUIRED, INVALID_KPJ, OUT_OF_RANGE (more than 20 KPJ), UNCHANGED (nothing besides `into`),
    KPJ_NOT_LINKED, WRONG_STEP (another merge runs; with that merge). Source: domain notes 1.2; the pace is assumed.
    """
    sources, target = _check(kpjs, into)
    try:
        async with world.store.writing():
            row = await _open(world, viewer, sources, target, caller)
    except IntegrityError:
        # Another request of the same member was committed first.
        async with world.store.reading():
            account = await accounts.load_row(viewer)
            raise _running(await MergeRow.get(live_key=account.person_id)) from None
    assert row.step_at is not None, "a new merge goes on"
    world.agenda.at(row.step_at)
    return row.to_domain()


def _check(kpjs: Sequence[str], into: str) -> tuple[list[str], str]:
    if not kpjs:
        raise refuse(Code.REQUIRED, "kpjs")
    if len(kpjs) > _MOST_KPJS:
        raise refuse(Code.OUT_OF_RANGE, "kpjs", text="error.OUT_OF_RANGE.kpjs", params={"max": _MOST_KPJS})
    target, clean = normalise_kpj(into), [normalise_kpj(kpj) for kpj in kpjs]
    problems = [
        Problem(Code.INVALID_KPJ if typed.strip() else Code.REQUIRED, ("kpjs", str(place)))
        for place, (typed, kpj) in enumerate(zip(kpjs, clean, strict=True))
        if kpj is None
    ]
    if target is None:
        problems.append(Problem(Code.INVALID_KPJ if into.strip() else Code.REQUIRED, ("into",)))
    if problems or target is None:
        raise Refusal(*problems)
    sources = [kpj for kpj in dict.fromkeys(clean) if kpj is not None and kpj != target]
    if not sources:
        raise refuse(Code.UNCHANGED, "kpjs", text="error.UNCHANGED.merge")
    return sources, target


async def _open(world: World, viewer: Viewer, sources: Sequence[str], target: str, caller: Caller) -> MergeRow:
    account = await accounts.load_row(viewer, hold=True)
    running = await MergeRow.get_or_none(live_key=account.person_id)
    if running is not None:
        raise _running(running)
    rows = MembershipRow.filter(person_id=account.person_id, link=Link.LINKED)
    linked = {str(kpj) for kpj in await rows.values_list("kpj", flat=True)}
    places = [(kpj, ("kpjs", str(place))) for place, kpj in enumerate(sources)]
    missing = [field for kpj, field in [*places, (target, ("into",))] if kpj not in linked]
    if missing:
        raise Refusal(*(Problem(Code.KPJ_NOT_LINKED, field) for field in missing))
    now = world.clock.now()
    await activity.record(world, account.id, ActivityKind.MERGE_REQUESTED, caller)
    return await MergeRow.create(
        person_id=account.person_id,
        live_key=account.person_id,
        kpjs=",".join(sources),
        into=target,
        state=MergeState.REQUESTED,
        requested_at=now,
        sla_due_at=sla_due_at(now, MERGE_SLA_DAYS),
        step_at=office_opens_at(now, STEP_DAYS),
    )


def _running(row: MergeRow) -> Refusal:
    return Refusal(Problem(Code.WRONG_STEP, state=row.state), subject=row.to_domain())


async def list_merges(world: World, *, member_id: int) -> tuple[BalanceMerge, ...]:
    """A member's merges, oldest first."""
    async with world.store.reading():
        rows = await MergeRow.filter(person_id=member_id).order_by("id")
    return tuple(row.to_domain() for row in rows)


async def find(world: World, *, member_id: int, merge_id: int) -> BalanceMerge | None:
    """One merge of that member; None for anybody else's."""
    async with world.store.reading():
        row = await MergeRow.get_or_none(id=merge_id, person_id=member_id)
    return row.to_domain() if row is not None else None


async def go_on(world: World) -> list[str]:
    """Take every merge that is due one step further: work begins, then it is decided and the holder told by mail."""
    async with world.store.writing():
        due = MergeRow.select_for_update().filter(step_at__lte=world.clock.now())
        rows = await due.order_by("step_at", "id")
        for row in rows:
            await _step(world, row)
    return [f"merge.{row.state.lower()} {row.id}" for row in rows]


async def _step(world: World, row: MergeRow) -> None:
    if row.state == MergeState.REQUESTED:
        row.state = MergeState.IN_PROGRESS
        row.step_at = office_opens_at(world.clock.now(), STEP_DAYS)
        await row.save(update_fields=["state", "step_at"])
        return
    kpjs = row.kpjs.split(",")
    outcome = judge_merge(await member.read_memberships(row.person_id), kpjs, row.into)
    merged = outcome is MergeOutcome.MERGED
    if merged:
        for kpj in kpjs:
            await _move_balance(world, kpj, row.into)
    row.state = (MergeState.MERGED if merged else MergeState.REJECTED).value
    row.outcome, row.step_at, row.live_key = outcome.value, None, None
    await row.save(update_fields=["state", "outcome", "step_at", "live_key"])
    account = await AccountRow.get_or_none(person_id=row.person_id)
    decision = row.to_domain().decision
    assert decision is not None, "the merge has just ended"
    if account is not None:
        await courier.enqueue_decision(world, account, "merge", decision)


async def _move_balance(world: World, source: str, target: str) -> None:
    """Two lines that cancel out: the whole is the same to the rupiah, and both histories stay as they were."""
    leaving, arriving = await MembershipRow.get(kpj=source), await MembershipRow.get(kpj=target)
    today = local_date(world.clock.now())
    first = today.replace(day=1)
    postings = [
        # Taken as of the first of this month: what it grows by in this month is grown where it arrives.
        replace(posting, posted_on=min(posting.posted_on, first))
        for posting in await _postings(leaving.id)
        if posting.posted_on <= today
    ]
    balance = make_balance(postings, load_rates(), local_instant(first))
    rest = balance.total - balance.employer_contributions - balance.employee_contributions
    for row, sign in ((leaving, -1), (arriving, 1)):
        await PostingRow.create(
            membership_id=row.id,
            kind=PostingKind.TRANSFER,
            posted_on=today,
            employer_amount=sign * balance.employer_contributions,
            employee_amount=sign * balance.employee_contributions,
            other_amount=sign * rest,
        )


async def _postings(membership_id: int) -> list[Posting]:
    lines = await PostingRow.filter(membership_id=membership_id).values_list(
        "kind", "posted_on", "employer_amount", "employee_amount", "other_amount"
    )
    return [Posting(PostingKind(kind), *rest) for kind, *rest in lines]
