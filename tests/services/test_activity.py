"""An account's activity in pages, newest first."""

import pytest

from gateway.domain.account import Activity, ActivityKind, Caller
from gateway.domain.page import Page, encode_cursor, page_request
from gateway.services import activity
from tests.services.journey import MINUTE
from tests.services.staged import START, StagedWorld


@pytest.fixture
async def active(world: StagedWorld) -> StagedWorld:
    """A world in which account 1 did five things, one a minute, and account 2 one."""
    for number in range(6):
        async with world.store.writing():
            kind = ActivityKind.SIGNED_IN
            await activity.record(world, 1 + number // 5, kind, Caller("id", f"10.0.0.{number}", f"agent {number}"))
        world.clock.advance(MINUTE)
    return world


async def page(world: StagedWorld, account_id: int = 1, **where: int | None) -> Page[Activity]:
    cursors = {name: encode_cursor(place) for name in ("after", "before") if (place := where.get(name)) is not None}
    request = page_request(where.get("first"), cursors.get("after"), where.get("last"), cursors.get("before"))
    return await activity.list_for(world, account_id=account_id, request=request)


async def test_newest_comes_first_and_nobody_elses(active: StagedWorld) -> None:
    whole = await page(active)

    assert [place for place, _ in whole.items] == [5, 4, 3, 2, 1]
    newest = whole.items[0][1]
    assert newest == Activity(5, START + 4 * MINUTE, ActivityKind.SIGNED_IN, "10.0.0.4", "agent 4")
    assert (whole.total, whole.has_next, whole.has_previous) == (5, False, False)
    assert [place for place, _ in (await page(active, 2)).items] == [6]


@pytest.mark.parametrize(
    ("where", "places", "has_next", "has_previous"),
    [
        ({"first": 2}, [5, 4], True, False),
        ({"first": 2, "after": 4}, [3, 2], True, True),
        ({"first": 2, "after": 3}, [2, 1], False, True),
        ({"first": 5}, [5, 4, 3, 2, 1], False, False),
        ({"first": 0}, [], True, False),
        ({"last": 2}, [2, 1], False, True),
        ({"last": 2, "before": 2}, [4, 3], True, True),
        ({"last": 2, "before": 3}, [5, 4], True, False),
        ({"first": 10, "after": 5, "before": 2}, [4, 3], False, True),
        ({"first": 2, "after": 1}, [], False, True),
    ],
)
async def test_pages_go_both_ways(
    active: StagedWorld, where: dict[str, int], places: list[int], has_next: bool, has_previous: bool
) -> None:
    found = await page(active, **where)

    assert [place for place, _ in found.items] == places
    assert (found.total, found.has_next, found.has_previous) == (5, has_next, has_previous)


async def test_nothing_happened_is_an_empty_page(active: StagedWorld) -> None:
    assert await page(active, 3) == Page((), 0, has_next=False, has_previous=False)


async def test_long_user_agent_is_cut(world: StagedWorld) -> None:
    async with world.store.writing():
        await activity.record(world, 1, ActivityKind.SIGNED_OUT, Caller("id", None, "x" * 300))

    ((_, only),) = (await page(world)).items
    assert (only.user_agent, only.ip_address) == ("x" * 255, None)
