"""Counting within a window. Keys are keyed hashes: who was counted is not kept. Called inside an open transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.models.prepared import find_values, remove
from gateway.models.registration import AttemptRow
from gateway.models.turn import take_turn
from gateway.world import World

MISMATCH = "mismatch"
CODE_SENT = "code_sent"
SIGN_IN = "sign_in"
SIGN_IN_LOCK = "sign_in_lock"
RESET = "reset"
STEP_UP = "step_up"
LINK_MISS = "link_miss"


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened within a window, oldest first."""

    times: tuple[datetime, ...]

    def __len__(self) -> int:
        return len(self.times)

    def retry_at(self, limit: int, window_s: int) -> datetime | None:
        """When one more is allowed; None if it is allowed now."""
        if len(self.times) < limit:
            return None
        return self.times[len(self.times) - limit] + timedelta(seconds=window_s)


async def alone(scope: str, key: str) -> None:
    """Let no other transaction count the same until this one ends; called before a count that decides."""
    await take_turn(f"{scope}:{key}")


async def count(world: World, scope: str, key: str, window_s: int) -> Count:
    """What was recorded for `key` in the last `window_s` seconds of world time."""
    since = world.clock.now() - timedelta(seconds=window_s)
    return Count(tuple(at for (at,) in await find_values(AttemptRow, "at", scope=scope, key=key, at__gt=since)))


async def record(world: World, scope: str, key: str) -> None:
    """Count one more, now."""
    await AttemptRow.create(scope=scope, key=key, at=world.clock.now())


async def forget(scopes: Sequence[str], keys: Sequence[str]) -> None:
    """Start over for each of `keys`."""
    await remove(AttemptRow, scope__in=tuple(scopes), key__in=tuple(keys))
