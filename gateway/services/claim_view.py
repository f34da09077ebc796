"""Reading claims: one, a page of them, and the news of one."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Final

from gateway.domain.claim import ENDS, Claim, ClaimState
from gateway.domain.document import Document
from gateway.domain.page import Page, PageRequest
from gateway.domain.problem import Rejected
from gateway.models.claim import ClaimEventRow, ClaimRow
from gateway.models.document import DocumentRow
from gateway.world import World

_ENDED: Final = object()


def topic_of(claim_id: int) -> str:
    """Where news of a claim is told."""
    return f"claim:{claim_id}"


async def show(row: ClaimRow) -> Claim:
    """The claim of a row, inside the caller's open transaction or read."""
    return (await show_all([row]))[0]


async def show_all(rows: Sequence[ClaimRow]) -> list[Claim]:
    """The claims of rows, in their order; two statements however many, inside the caller's open read."""
    ids = [row.id for row in rows]
    documents: defaultdict[int, list[Document]] = defaultdict(list)
    for document in await DocumentRow.filter(claim_id__in=ids).order_by("id"):
        if document.claim_id is not None:
            documents[document.claim_id].append(document.to_domain())
    events: defaultdict[int, list[ClaimEventRow]] = defaultdict(list)
    for event in await ClaimEventRow.filter(claim_id__in=ids).order_by("id"):
        events[event.claim_id].append(event)
    return [row.to_domain(documents[row.id], events[row.id]) for row in rows]


async def find(world: World, *, member_id: int, claim_id: int) -> Claim | None:
    """One claim of that member; None for anybody else's."""
    async with world.store.reading():
        row = await ClaimRow.get_or_none(id=claim_id, person_id=member_id)
        return await show(row) if row is not None else None


async def list_claims(
    world: World, *, member_id: int, states: Collection[ClaimState] | None, request: PageRequest
) -> Page[Claim]:
    """A member's claims, newest first; with `states` only those that stand in one of them."""
    async with world.store.reading():
        rows = ClaimRow.filter(person_id=member_id)
        if states is not None:
            rows = rows.filter(state__in=[state.value for state in states])
        total = await rows.count()
        if request.after is not None:
            rows = rows.filter(id__lt=request.after)
        if request.before is not None:
            rows = rows.filter(id__gt=request.before)
        found = await rows.order_by("id" if request.backwards else "-id").limit(request.size + 1)
        more, found = len(found) > request.size, found[: request.size]
        if request.backwards:
            found.reverse()
        shown = await show_all(found)
    return Page(
        tuple((claim.id, claim) for claim in shown),
        total,
        has_next=request.before is not None if request.backwards else more,
        has_previous=more if request.backwards else request.after is not None,
    )


async def watch(world: World, *, member_id: int, claim_id: int) -> AsyncIterator[Claim]:
    """The claim's present state at once, then every change until it has ended.

    Raises Rejected NOT_FOUND for an unknown claim and for anybody else's.
    """
    if await find(world, member_id=member_id, claim_id=claim_id) is None:
        raise Rejected("NOT_FOUND", "request.not_found")
    async with world.bus.listen(topic_of(claim_id)) as news:
        # Listening comes first, so that no change falls between this read and the next news.
        current = await find(world, member_id=member_id, claim_id=claim_id)
        last: Claim | None = None
        while current is not None:
            if current != last:
                yield current
            last = current
            if current.state in ENDS:
                return
            if await anext(news, _ENDED) is _ENDED:
                return
            current = await find(world, member_id=member_id, claim_id=claim_id)
