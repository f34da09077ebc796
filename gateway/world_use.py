"""Who is using a world while it is open, and who asks: a request that resets its own world must not wait for itself."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from gateway.models.store import WorldRecord
from gateway.world import World


@dataclass(slots=True, eq=False)
class Opening:
    """One time that a world is open, from its opening to its closing."""

    world: World
    is_over: bool = False
    _users: int = 0
    _left: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def idle(self) -> bool:
        """Whether nobody uses the world."""
        return self._users == 0

    def enter(self) -> None:
        """One user more."""
        self._users += 1

    def leave(self) -> None:
        """One user less."""
        self._users -= 1
        self._left.set()

    @contextmanager
    def at_hand(self) -> Iterator[None]:
        """Let `find_at_hand` answer this opening in here, and in tasks that are started in here."""
        token = _at_hand.set((self, *_at_hand.get()))
        try:
            yield
        finally:
            with suppress(ValueError):  # an async generator may be closed by another task, whose variables are its own
                _at_hand.reset(token)

    async def drained(self, patience_s: float) -> None:
        """Wait in real time until at most the asking task's own uses are left, or patience ends."""
        own = _at_hand.get().count(self)
        with suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while self._users > own:
                    self._left.clear()
                    await self._left.wait()


_at_hand: ContextVar[tuple[Opening, ...]] = ContextVar("gateway_worlds_at_hand", default=())


def find_at_hand(world_id: str) -> Opening | None:
    """The opening of that world which this task, or the one that started it, uses already, if it is not over."""
    return next((opening for opening in _at_hand.get() if opening.world.id == world_id and not opening.is_over), None)


@dataclass(slots=True, eq=False)
class Entry:
    """What is known of a world. Whoever opens, closes, resets or deletes it holds the lock. `stays`: it never goes."""

    id: str
    stays: bool = False
    record: WorldRecord | None = None
    last_used_at: datetime | None = None
    flushed_at: datetime | None = None
    opening: Opening | None = None
    is_gone: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def know(self, record: WorldRecord) -> None:
        """Take over what the world's own row says."""
        self.record = record
        self.flushed_at = record.last_used_at
        self.last_used_at = max(self.last_used_at or record.last_used_at, record.last_used_at)

    @property
    def is_idle(self) -> bool:
        """Whether the world is open without anybody using it, and may be closed."""
        return self.opening is not None and self.opening.idle and not self.stays

    def is_expired(self, real_now: datetime) -> bool:
        """Whether the world's life is over in real time."""
        ends_at = self.record.expires_at if self.record is not None and not self.stays else None
        return ends_at is not None and ends_at <= real_now

    def used_at(self) -> datetime:
        """When an open world was last used (real time)."""
        assert self.last_used_at is not None, "an open world was used"
        return self.last_used_at
