"""Faults: planned by a tester, taken by the part that misbehaves. Chance follows the world's seed."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from gateway.domain.fault import MODES_OF, Fault, FaultMode, FaultTarget
from gateway.domain.problem import Rejected
from gateway.models.expressions import F, Q
from gateway.models.fault import FaultRow
from gateway.world import World


async def inject(
    world: World,
    *,
    target: FaultTarget,
    mode: FaultMode,
    match: str | None,
    times: int | None,
    delay_s: float,
    status_code: int | None,
    probability: float,
) -> Fault:
    """Plan a fault for the next `times` matching deliveries or calls; None means without end.

    Raises Rejected BAD_USER_INPUT: a mode that the target has not, or a number out of range.
    """
    if mode not in MODES_OF[target]:
        params = {"mode": mode.value, "target": target.value}
        raise Rejected("BAD_USER_INPUT", "fault.mode_not_for_target", params=params, extensions={"field": "mode"})
    _check_ranges(times, delay_s, status_code, probability, match)
    async with world.store.writing():
        row = await FaultRow.create(
            target=target,
            mode=mode,
            match=match,
            remaining=times,
            delay_s=delay_s,
            status_code=status_code,
            probability=probability,
        )
        targets = await _live_targets()
    world.faults.replace(targets)
    return row.to_domain()


def _check_ranges(
    times: int | None, delay_s: float, status_code: int | None, probability: float, match: str | None
) -> None:
    ranges = (
        ("times", times, 1, 1_000_000),
        ("delay", delay_s, 0, 31_536_000),
        ("statusCode", status_code, 400, 599),
        ("probability", probability, 0, 1),
        ("match", len(match) if match is not None else None, 1, 254),
    )
    for field, value, low, high in ranges:
        if value is not None and not low <= value <= high:
            params = {"field": field, "min": low, "max": high}
            raise Rejected("BAD_USER_INPUT", "fault.out_of_range", params=params, extensions={"field": field})


async def _live_targets() -> Sequence[str]:
    live = FaultRow.filter(Q(remaining=None) | Q(remaining__gt=0))
    return [str(target) for target in await live.values_list("target", flat=True)]


async def load_index(world: World) -> None:
    """Learn which targets have a live fault, when a world is opened."""
    async with world.store.reading():
        targets = await _live_targets()
    world.faults.replace(targets)


async def list_faults(world: World) -> Sequence[Fault]:
    """Every fault of the world, spent ones too, in the order they were planned."""
    async with world.store.reading():
        rows = await FaultRow.all().order_by("id")
    return [row.to_domain() for row in rows]


async def clear(world: World, *, fault_id: int | None) -> int:
    """Take back one fault, or all; answers how many there were. What they held back is sent at once."""
    async with world.store.writing():
        rows = FaultRow.filter(id=fault_id) if fault_id is not None else FaultRow.all()
        cleared = await rows.delete()
        targets = await _live_targets()
    world.faults.replace(targets)
    world.agenda.now()
    return int(cleared or 0)


async def take(world: World, *, target: FaultTarget, recipient: str = "") -> Fault | None:
    """The fault that hits now, counted as fired; None if none does. Faults are asked in the order they were planned."""
    if not world.faults.any(target):
        return None
    async with world.store.writing():
        hit = None
        live = FaultRow.select_for_update().filter(Q(remaining=None) | Q(remaining__gt=0), target=target)
        for row in await live.order_by("id"):
            if row.match is not None and not fnmatchcase(recipient.lower(), row.match.lower()):
                continue
            if await _fires(world, row):
                hit = row
                break
        targets = await _live_targets() if hit is not None else None
    if targets is not None:
        world.faults.replace(targets)
    return hit.to_domain() if hit is not None else None


async def _fires(world: World, row: FaultRow) -> bool:
    row.draws += 1
    if world.ids.draw(f"fault:{row.id}", row.draws) >= row.probability:
        await FaultRow.filter(id=row.id).update(draws=row.draws)
        return False
    changes: dict[str, object] = {"draws": row.draws, "fired": F("fired") + 1}
    rows = FaultRow.filter(id=row.id)
    if row.remaining is not None:
        changes["remaining"] = F("remaining") - 1
        rows = rows.filter(remaining__gt=0)
    return bool(await rows.update(**changes))
