"""The worker of a world: it runs what falls due, woken by events and by the world's clock, never by polling alone."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

import structlog

from gateway.services import courier, jobs
from gateway.world import World

log = structlog.get_logger(__name__)

_FIRST_RETRY_S = 0.5
_LONGEST_RETRY_S = 30.0


class Worker:
    """Implements `ports.Agenda`. One runner at a time: a pass for the clock and a pass for the outbox never overlap.

    Messages that did not go out are tried again in real time (0.5 s, doubling to 30 s), for the network does not
    follow a moved clock; whatever else happens in the world tries them again at once.
    """

    def __init__(self) -> None:
        self._world: World | None = None
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._running = asyncio.Lock()
        self._stilled_by: asyncio.Task[object] | None = None
        self._due: datetime | None = None
        self._told: datetime | None = None
        self._stale = True
        self._retry_s: float | None = None

    def start(self, world: World) -> None:
        """Begin to work for `world`, first on what a former process left behind."""
        assert self._task is None, "a worker works for one world"
        self._world = world
        self._wake.set()
        self._task = asyncio.create_task(self._run(), name=f"worker of {world.id}")

    async def stop(self) -> None:
        """End after the pass under way, or in the middle of it when it takes over half a second; nothing is lost."""
        task, self._task = self._task, None
        if task is None:
            return
        try:
            async with asyncio.timeout(0.5), self._running:
                pass
        except TimeoutError:
            log.warning("worker.stopped_in_pass", world=self._world.id if self._world else None)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def now(self) -> None:
        """There is something in the outbox."""
        self._wake.set()

    def at(self, when: datetime) -> None:
        """Something falls due then, in world time."""
        self._told = _earlier(self._told, when)
        if self._due is None or when < self._due:
            self._due = when
            self._wake.set()

    def clock_moved(self) -> None:
        """Due times are looked at again."""
        self._stale = True
        self._wake.set()

    async def settle(self) -> Sequence[str]:
        """Run what is due right now, the outbox too; answers what was done."""
        world = self._world
        assert world is not None, "start the worker first"
        if self._stilled_by is asyncio.current_task():
            done, left = await jobs.run_due(world)
        else:
            async with self._running:
                done, left = await jobs.run_due(world)
        self._note(left)
        self._stale = True
        self._wake.set()
        return done

    @asynccontextmanager
    async def still(self) -> AsyncIterator[None]:
        """Inside, nothing runs but what this task settles."""
        async with self._running:
            self._stilled_by = asyncio.current_task()
            try:
                yield
            finally:
                self._stilled_by = None

    async def _run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._patience()):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            try:
                await self._pass()
            except Exception:
                # A worker that dies would leave its world deaf; the trouble is logged and tried again.
                log.exception("worker.failed", world=self._world.id if self._world else None)
                self._stale = True
                self._note(left=True)

    async def _pass(self) -> None:
        world = self._world
        assert world is not None, "start the worker first"
        async with self._running:
            if self._stale:
                await self._look_ahead(world)
            if self._due is not None and self._due <= world.clock.now():
                _, left = await jobs.run_due(world)
                await self._look_ahead(world)
            else:
                _, left = await courier.deliver(world)
            self._note(left)

    async def _look_ahead(self, world: World) -> None:
        """Ask for the next due moment, and keep what is told while the answer is under way."""
        self._stale, self._told = False, None
        due = await jobs.next_due(world)
        self._due = _earlier(due, self._told)

    def _note(self, left: bool) -> None:
        if left:
            self._retry_s = min(self._retry_s * 2, _LONGEST_RETRY_S) if self._retry_s else _FIRST_RETRY_S
        else:
            self._retry_s = None

    def _patience(self) -> float | None:
        """Real seconds until there is something to do without being woken; None for ever."""
        world = self._world
        assert world is not None, "start the worker first"
        waits = [self._retry_s] if self._retry_s is not None else []
        if self._due is not None and (not world.clock.frozen or self._due <= world.clock.now()):
            waits.append(max((self._due - world.clock.now()).total_seconds(), 0.001))
        # A long wait is cut: asyncio counts in a clock of its own, and a laptop may sleep in between.
        return min([*waits, 3600.0]) if waits else None


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)
