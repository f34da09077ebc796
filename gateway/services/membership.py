"""Memberships of one person: the ones that the account does not show yet, linking one, and disputing one."""

from collections.abc import Mapping

from gateway.domain.account import ActivityKind, Caller, Viewer
from gateway.domain.identity import mask_kpj, normalise_kpj
from gateway.domain.member import Membership
from gateway.domain.membership_care import (
    DISPUTE_DAYS,
    DISPUTE_SLA_DAYS,
    STATEMENT_MAX,
    STATEMENT_MIN,
    Dispute,
    DisputeState,
    HiddenMembership,
    Link,
    judge_dispute,
)
from gateway.domain.message import MessageKind
from gateway.domain.problem import Code, Problem, Refusal, Service, refuse
from gateway.domain.working_days import office_opens_at, sla_due_at
from gateway.models.account import AccountRow
from gateway.models.dispute import DisputeRow
from gateway.models.member import MembershipRow, PersonRow
from gateway.ports import RegistryUnavailable
from gateway.services import account as accounts
from gateway.services import activity, courier, limit, member
from gateway.world import World

_HOUR_S = 3600


async def list_hidden(world: World, *, member_id: int) -> tuple[HiddenMembership, ...]:
    """Memberships of the same NIK that are not linked, told so far that their owner can find the number."""
    async with world.store.reading():
        rows = MembershipRow.filter(person_id=member_id, link=Link.HIDDEN).order_by("id").select_related("employer")
        found = await rows
    return tuple(
        HiddenMembership(mask_kpj(row.kpj), row.employer.name if row.employer else None, row.last_contribution)
        for row in found
    )


async def link(world: World, *, viewer: Viewer, kpj: str, caller: Caller) -> Membership:
    """Add a KPJ of the viewer's own to the account ("Tambah Kartu Peserta"); its balance counts from then on.

    Somebody else's KPJ and one that nobody has get the same answer. Raises Refusal: REQUIRED, INVALID_KPJ,
    KPJ_ALREADY_LINKED, MEMBER_NOT_MATCHED, RATE_LIMITED (ten misses an hour, assumed), SERVICE_UNAVAILABLE.
    Source: domain notes 2.1.
    """
    clean = _clean_kpj(kpj, "kpj")
    async with world.store.reading():
        account = await accounts.load_row(viewer)
        person = await PersonRow.get(id=account.person_id)
        own = await MembershipRow.get_or_none(person_id=account.person_id, kpj=clean)
    if own is not None and own.link == Link.LINKED:
        raise refuse(Code.KPJ_ALREADY_LINKED, "kpj")
    try:
        matched = await world.registry.match(kpj=clean, nik=person.nik, birth_date=person.birth_date)
    except RegistryUnavailable:
        raise refuse(Code.SERVICE_UNAVAILABLE, service=Service.REGISTRY) from None
    await _count_miss(world, account, matched=matched is not None)
    async with world.store.writing():
        account = await accounts.load_row(viewer, hold=True)
        hidden = MembershipRow.filter(person_id=account.person_id, kpj=clean, link=Link.HIDDEN)
        if not await hidden.update(link=Link.LINKED):
            # Another link of the same KPJ was committed first.
            raise refuse(Code.KPJ_ALREADY_LINKED, "kpj")
        await activity.record(world, account.id, ActivityKind.MEMBERSHIP_LINKED, caller)
        await _tell_linked(world, account, clean)
    world.agenda.now()
    return await _linked(world, account.person_id, clean)


async def _tell_linked(world: World, account: AccountRow, kpj: str) -> None:
    if account.email is not None:
        kind = MessageKind.SECURITY_NOTICE
        await courier.enqueue_mail(world, kind, account.email, "membership_linked", account.locale, kpj=mask_kpj(kpj))


async def _count_miss(world: World, account: AccountRow, *, matched: bool) -> None:
    """Count a miss; past the limit the answer is the same whether or not the KPJ is the viewer's."""
    key = world.ids.key("link", str(account.id))
    async with world.store.writing():
        await limit.alone(limit.LINK_MISS, key)
        seen = await limit.count(world, limit.LINK_MISS, key, _HOUR_S)
        retry_at = seen.retry_at(world.limits.mismatches_per_hour, _HOUR_S)
        if retry_at is None and not matched:
            await limit.record(world, limit.LINK_MISS, key)
    if retry_at is not None:
        raise refuse(Code.RATE_LIMITED, retry_at=retry_at, text="error.RATE_LIMITED.mismatch")
    if not matched:
        raise refuse(Code.MEMBER_NOT_MATCHED, "kpj", text="error.MEMBER_NOT_MATCHED.kpj")


async def dispute(world: World, *, viewer: Viewer, kpj: str, statement: str, caller: Caller) -> Membership:
    """Say of a linked membership "ini bukan saya"; the agency decides within five working days.

    Raises Refusal: REQUIRED, INVALID_KPJ, OUT_OF_RANGE (a statement of 10 to 1,000 characters), KPJ_NOT_LINKED,
    WRONG_STEP (disputed already; with the membership as it stands). Source: domain notes 2.6, row 9.
    """
    clean, said = _check_dispute(kpj, statement)
    async with world.store.writing():
        account = await accounts.load_row(viewer, hold=True)
        row = await MembershipRow.get_or_none(person_id=account.person_id, kpj=clean, link=Link.LINKED)
        if row is None:
            raise refuse(Code.KPJ_NOT_LINKED, "kpj")
        known = await DisputeRow.get_or_none(membership_id=row.id)
        if known is None:
            now = world.clock.now()
            opened = await DisputeRow.create(
                membership_id=row.id,
                kpj=clean,
                person_id=account.person_id,
                statement=said,
                state=DisputeState.OPEN,
                opened_at=now,
                sla_due_at=sla_due_at(now, DISPUTE_SLA_DAYS),
                decide_at=office_opens_at(now, DISPUTE_DAYS),
            )
            await activity.record(world, account.id, ActivityKind.MEMBERSHIP_DISPUTED, caller)
    shown = await _linked(world, account.person_id, clean)
    if known is not None:
        raise Refusal(Problem(Code.WRONG_STEP, state=known.state), subject=shown)
    assert opened.decide_at is not None, "a new dispute is to be decided"
    world.agenda.at(opened.decide_at)
    return shown


def _check_dispute(kpj: str, statement: str) -> tuple[str, str]:
    problems, clean, said = [], normalise_kpj(kpj), statement.strip()
    if clean is None:
        problems.append(Problem(Code.INVALID_KPJ if kpj.strip() else Code.REQUIRED, ("kpj",)))
    if not said:
        problems.append(Problem(Code.REQUIRED, ("statement",)))
    elif not STATEMENT_MIN <= len(said) <= STATEMENT_MAX:
        params = {"min": STATEMENT_MIN, "max": STATEMENT_MAX}
        problems.append(Problem(Code.OUT_OF_RANGE, ("statement",), text="error.OUT_OF_RANGE.statement", params=params))
    if problems or clean is None:
        raise Refusal(*problems)
    return clean, said


async def list_disputes(world: World, *, member_id: int) -> Mapping[int, Dispute]:
    """The disputes of a person's memberships, by the membership's id; one statement for all."""
    async with world.store.reading():
        rows = await DisputeRow.filter(person_id=member_id)
    return {row.membership_id: row.to_domain() for row in rows}


async def decide_disputes(world: World) -> list[str]:
    """Decide what is due: an upheld membership leaves the account, and its holder is told by mail."""
    async with world.store.writing():
        due = DisputeRow.select_for_update().filter(decide_at__lte=world.clock.now())
        rows = await due.order_by("decide_at", "id")
        for row in rows:
            await _decide(world, row)
    return [f"dispute.decided {row.id}" for row in rows]


async def _decide(world: World, row: DisputeRow) -> None:
    account = await AccountRow.get(person_id=row.person_id)
    memberships = await member.read_memberships(row.person_id)
    disputed = next((one for one in memberships if one.kpj == row.kpj), None)
    state = judge_dispute(memberships, disputed, account.kpj) if disputed is not None else DisputeState.REJECTED
    row.state, row.decide_at = state.value, None
    await row.save(update_fields=["state", "decide_at"])
    if state is DisputeState.UPHELD:
        await MembershipRow.filter(id=row.membership_id).update(link=Link.DISOWNED)
    decision = row.to_domain().decision
    assert decision is not None, "the dispute has just ended"
    await courier.enqueue_decision(world, account, "dispute", decision)


async def _linked(world: World, person_id: int, kpj: str) -> Membership:
    found = await member.list_memberships(world, member_id=person_id)
    return next(one for one in found if one.kpj == kpj)


def _clean_kpj(typed: str, *field: str) -> str:
    clean = normalise_kpj(typed)
    if clean is None:
        raise refuse(Code.INVALID_KPJ if typed.strip() else Code.REQUIRED, *field)
    return clean
