"""Reading claims: one's own alone, newest first, and every change to who listens."""

import asyncio
from datetime import timedelta

import pytest

from gateway.domain.claim import ClaimState
from gateway.domain.page import page_request
from gateway.domain.problem import Rejected
from gateway.services import claim, claim_view, clock
from tests.services.claiming import confirmed, person_id, submit
from tests.services.journey import CALLER, LARAS
from tests.services.staged import StagedWorld
from tests.services.test_contact import viewer_of


async def test_a_claim_of_somebody_else_is_not_found(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    sent = await submit(world, viewer)
    other, other_id = await viewer_of(world, LARAS.email), await person_id(world, LARAS)

    assert await claim_view.find(world, member_id=other_id, claim_id=sent.id) is None
    assert (
        await claim_view.list_claims(
            world, member_id=other_id, states=None, request=page_request(None, None, None, None)
        )
    ).total == 0
    for call in (
        claim.cancel(world, viewer=other, claim_id=sent.id, caller=CALLER),
        claim.fix(world, viewer=other, claim_id=sent.id, document_ids=(), bank_account=None, caller=CALLER),
        anext(aiter(claim_view.watch(world, member_id=other_id, claim_id=sent.id))),
    ):
        with pytest.raises(Rejected) as caught:
            await call
        assert caught.value.code == "NOT_FOUND"


async def test_claims_are_listed_newest_first_and_by_state(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    first = await submit(world, viewer)
    await claim.cancel(world, viewer=viewer, claim_id=first.id, caller=CALLER)
    second = await submit(world, viewer, idempotency_key="key-2")
    member_id = await person_id(world)

    async def ids(states: list[ClaimState] | None = None, **page: object) -> tuple[list[int], bool]:
        asked = page_request(page.get("first"), page.get("after"), page.get("last"), None)  # type: ignore[arg-type]
        found = await claim_view.list_claims(world, member_id=member_id, states=states, request=asked)
        return [place for place, _ in found.items], found.has_next

    assert await ids() == ([second.id, first.id], False)
    assert await ids(first=1) == ([second.id], True)
    assert await ids(last=1) == ([first.id], False)
    assert await ids([ClaimState.CANCELLED]) == ([first.id], False)
    assert await ids([]) == ([], False)


async def test_who_listens_hears_every_state(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    sent = await submit(world, viewer)
    news = claim_view.watch(world, member_id=await person_id(world), claim_id=sent.id)

    async with asyncio.timeout(10):
        heard = [(await anext(news)).state]
        waiting = asyncio.ensure_future(anext(news))
        await asyncio.sleep(0)
        await clock.advance(world, by=timedelta(minutes=5))
        heard.append((await waiting).state)
        waiting = asyncio.ensure_future(anext(news))
        await asyncio.sleep(0)
        await claim.cancel(world, viewer=viewer, claim_id=sent.id, caller=CALLER)
        heard.append((await waiting).state)
        ended = [one async for one in news]

    assert heard == [ClaimState.SUBMITTED, ClaimState.DOCUMENT_CHECK, ClaimState.CANCELLED]
    assert ended == []
