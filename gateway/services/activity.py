"""What happened to an account, written down for its owner. `record` is called inside an open transaction."""

from gateway.domain.account import Activity, ActivityKind, Caller
from gateway.domain.page import Page, PageRequest
from gateway.models.account import ActivityRow
from gateway.world import World


async def record(world: World, account_id: int, kind: ActivityKind, caller: Caller) -> None:
    """Write down that something happened now, and from where."""
    await ActivityRow.create(
        account_id=account_id,
        at=world.clock.now(),
        kind=kind,
        ip_address=caller.ip_address,
        user_agent=(caller.user_agent or "")[:255] or None,
    )


async def list_for(world: World, *, account_id: int, request: PageRequest) -> Page[Activity]:
    """An account's activity, newest first."""
    request = request.among_rows()
    async with world.store.reading():
        rows = ActivityRow.filter(account_id=account_id)
        total = await rows.count()
        if request.after is not None:
            rows = rows.filter(id__lt=request.after)
        if request.before is not None:
            rows = rows.filter(id__gt=request.before)
        found = await rows.order_by("id" if request.backwards else "-id").limit(request.size + 1)
    more, found = len(found) > request.size, found[: request.size]
    if request.backwards:
        found.reverse()
    items = tuple((row.id, _to_domain(row)) for row in found)
    return Page(
        items,
        total,
        has_next=request.before is not None if request.backwards else more,
        has_previous=more if request.backwards else request.after is not None,
    )


def _to_domain(row: ActivityRow) -> Activity:
    return Activity(row.id, row.at, ActivityKind(row.kind), row.ip_address, row.user_agent)
