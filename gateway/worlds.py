"""All worlds of a process: made, opened on use, closed when idle, reset and deleted. World `main` is always open."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog

from gateway.domain.problem import Rejected
from gateway.models.store import Database, WorldExists, WorldRecord, load_record, touch_record
from gateway.ports import Store
from gateway.world import NewWorld, TokenTime, World, WorldInfo
from gateway.world_birth import check_new_world, make_anew, make_main, make_record, new_id
from gateway.world_use import Entry, Opening, find_at_hand

log = structlog.get_logger(__name__)

MAIN = "main"
# How long a world that is closed waits in real time for its users; the database then waits for open transactions.
# Source: assumed for the sandbox; long enough for a request, short enough for a test that resets its world.
PATIENCE_S = 0.25
SWEEP_S = 5.0  # how often idle and expired worlds are looked for, in real time; assumed for the sandbox

Hook = Callable[[World], Awaitable[None]]


class WorldRegistry:
    """Implements `gateway.world.Worlds`. Lives, idleness and last use count in real time, whatever worlds' clocks say.

    `make_world` builds a world on its open store; `on_open` and `on_close` start and stop what runs in it. While a
    world is opened or closed, newcomers wait; whoever uses it already, or was started by somebody who does, does not.
    """

    def __init__(
        self,
        database: Database,
        *,
        make_world: Callable[[WorldRecord, Store], World],
        on_open: Hook,
        on_close: Hook,
        real_now: Callable[[], datetime],
        max_worlds: int,
        max_open: int,
        idle_s: float,
        main_seed: int | None = None,
        main_starts_at: datetime | None = None,
    ) -> None:
        self._database = database
        self._make_world = make_world
        self._on_open = on_open
        self._on_close = on_close
        self._real_now = real_now
        self._max_worlds = max_worlds
        self._max_open = max_open
        self._idle = timedelta(seconds=idle_s)
        self._main_seed = main_seed
        self._main_starts_at = main_starts_at
        self._entries: dict[str, Entry] = {}
        self._being_made: set[str] = set()
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Find the worlds that are kept, make `main` if there is none, open it. Raises StorageError."""
        self._entries = {world_id: Entry(world_id) for world_id in await self._database.list_worlds()}
        if MAIN not in self._entries:
            record = make_main(MAIN, self._main_seed, self._main_starts_at, self._real_now())
            await self._database.create_world(record)
            self._entries[MAIN] = Entry(MAIN)
        self._entries[MAIN].stays = True
        async with self.using(MAIN):
            self._sweeper = asyncio.create_task(self._sweep_again_and_again(), name="sweeper of worlds")

    async def close(self) -> None:
        """Close every world; what they hold is kept. Afterwards no world is found any more."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
            self._sweeper = None
        entries, self._entries = list(self._entries.values()), {}
        await asyncio.gather(*(self._close_last(entry) for entry in entries))

    async def _close_last(self, entry: Entry) -> None:
        async with entry.lock:
            entry.is_gone = True
            await self._close(entry)

    @asynccontextmanager
    async def using(self, world_id: str) -> AsyncIterator[World]:
        """The world, opened if need be, and kept open while inside. Raises Rejected NOT_FOUND, StorageError."""
        opening = find_at_hand(world_id)
        if opening is not None:
            opening.enter()
        else:
            opening = await self._enter(world_id)
        try:
            with opening.at_hand():
                yield opening.world
        finally:
            opening.leave()
            self._note_use(world_id)

    def find_open(self, world_id: str) -> World | None:
        """The world if it is open now; for whoever is called by it and so cannot be its user."""
        entry = self._entries.get(world_id)
        return entry.opening.world if entry is not None and entry.opening is not None else None

    def info(self, world: World) -> WorldInfo:
        """Its dates in real time. Raises Rejected NOT_FOUND when it was deleted meanwhile."""
        entry = self._find(world.id)
        record = entry.record
        assert record is not None, "a world that was opened is known"
        return WorldInfo(
            id=record.id,
            created_at=record.created_at,
            last_used_at=entry.used_at(),
            expires_at=record.expires_at,
            seed=record.seed,
            token_time=TokenTime(record.token_time),
        )

    async def list_ids(self) -> Sequence[str]:
        """The names of all worlds whose life is not over."""
        now = self._real_now()
        return sorted(name for name, entry in self._entries.items() if not entry.is_expired(now))

    async def create(self, wanted: NewWorld) -> str:
        """Make a world and answer its name; nothing of it is left when that fails.

        Raises Rejected BAD_USER_INPUT, CONFLICT (the name is taken), RATE_LIMITED (no room for another one).
        """
        now = self._real_now()
        check_new_world(wanted, now)
        taken = self._entries.keys() | self._being_made
        if wanted.id in taken:
            raise Rejected("CONFLICT", "world.taken", params={"id": wanted.id})
        if len(taken) >= self._max_worlds:
            raise Rejected("RATE_LIMITED", "world.too_many", params={"max": self._max_worlds})
        world_id = wanted.id if wanted.id is not None else new_id(taken)
        self._being_made.add(world_id)
        try:
            record = make_record(wanted, world_id, now)
            await self._database.create_world(record)
        except WorldExists:  # made by another process
            raise Rejected("CONFLICT", "world.taken", params={"id": world_id}) from None
        finally:
            self._being_made.discard(world_id)
        self._entries[world_id] = Entry(world_id)
        self._entries[world_id].know(record)
        return world_id

    async def reset(self, world_id: str) -> None:
        """Make the world anew under its name: its seed and end stay, its rows, messages, keys and secret do not.

        Who uses it is given a moment to finish, then the world is gone for them. Where its clock starts:
        `gateway.world_birth.make_anew`. Raises Rejected NOT_FOUND, StorageUnavailable (then it is as it was).
        """
        entry = self._find(world_id)
        async with entry.lock:
            self._check_there(entry)
            record = entry.record or await self._look_up(entry)
            await self._close(entry)
            fresh = make_anew(record, self._main_starts_at if world_id == MAIN else None, self._real_now())
            await self._database.replace_world(fresh)
            entry.know(fresh)
        if world_id == MAIN:
            async with self.using(MAIN):
                pass  # its worker runs again

    async def delete(self, world_id: str) -> bool:
        """Throw the world away; False when there was none. Raises Rejected FORBIDDEN for `main`."""
        if world_id == MAIN:
            raise Rejected("FORBIDDEN", "world.main_stays", params={"id": MAIN})
        entry = self._entries.get(world_id)
        return entry is not None and await self._delete(entry)

    async def sweep(self) -> None:
        """Delete worlds whose life is over, close idle ones, keep when the others were last used."""
        for entry in list(self._entries.values()):
            try:
                await self._sweep_one(entry)
            except Exception:
                log.exception("world.sweep_failed", world=entry.id)
            await asyncio.sleep(0)  # on SQLite nothing above ever gives way to others
        await self._make_room(self._max_open)

    async def _sweep_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(min(SWEEP_S, self._idle.total_seconds()))
            await self.sweep()

    async def _sweep_one(self, entry: Entry) -> None:
        now = self._real_now()
        if entry.record is None:
            async with entry.lock:
                if entry.record is None and not entry.is_gone:
                    await self._look_up(entry)
        if entry.is_expired(now):
            await self._delete(entry)
        elif entry.is_idle and now - entry.used_at() >= self._idle:
            async with entry.lock:
                if entry.is_idle:
                    await self._close(entry)
        elif entry.opening is not None:
            async with entry.lock:
                await self._flush(entry)

    async def _enter(self, world_id: str) -> Opening:
        """The world's opening with one user more; whoever comes while it opens waits for it."""
        entry = self._find(world_id)
        async with entry.lock:
            self._check_there(entry)
            opening = entry.opening or await self._open(entry)
            self._check_there(entry)  # only now its end is known
            opening.enter()
            return opening

    async def _open(self, entry: Entry) -> Opening:
        await self._make_room(self._max_open - 1)
        store = await self._database.open_world(entry.id)
        opening: Opening | None = None
        try:
            record = await load_record(store)
            opening = Opening(self._make_world(record, store))
            entry.know(record)
            entry.last_used_at = self._real_now()
            entry.opening = opening
            with opening.at_hand():
                await self._on_open(opening.world)
        except BaseException:
            entry.opening = None
            if opening is not None:
                opening.is_over = True
            await self._database.close_world(entry.id)
            raise
        return opening

    async def _close(self, entry: Entry) -> None:
        """Close the world if it is open. The caller holds its lock."""
        opening = entry.opening
        if opening is None:
            return
        try:
            with opening.at_hand():
                await self._on_close(opening.world)
            await opening.drained(PATIENCE_S)
            await self._flush(entry)
        finally:
            opening.is_over = True
            entry.opening = None
            await self._database.close_world(entry.id)

    async def _delete(self, entry: Entry) -> bool:
        async with entry.lock:
            if entry.is_gone:
                return False
            await self._close(entry)
            await self._database.delete_world(entry.id)
            entry.is_gone = True
            del self._entries[entry.id]
            return True

    async def _make_room(self, most: int) -> None:
        """Close the worlds that were used least recently until `most` are open, or all others are in use."""
        is_open = [entry for entry in self._entries.values() if entry.opening is not None]
        closable = sorted((entry for entry in is_open if entry.is_idle), key=Entry.used_at)
        for entry in closable[: max(len(is_open) - most, 0)]:
            if entry.is_idle and not entry.lock.locked():
                async with entry.lock:  # free, so nothing comes between the question and this
                    await self._close(entry)

    async def _look_up(self, entry: Entry) -> WorldRecord:
        """Read the row of a world that is closed. The caller holds its lock."""
        store = await self._database.open_world(entry.id)
        try:
            record = await load_record(store)
        finally:
            await self._database.close_world(entry.id)
        entry.know(record)
        return record

    async def _flush(self, entry: Entry) -> None:
        if entry.opening is not None and entry.last_used_at is not None and entry.last_used_at != entry.flushed_at:
            await touch_record(entry.opening.world.store, entry.last_used_at)
            entry.flushed_at = entry.last_used_at

    def _note_use(self, world_id: str) -> None:
        entry = self._entries.get(world_id)
        if entry is not None:
            entry.last_used_at = self._real_now()

    def _find(self, world_id: str) -> Entry:
        entry = self._entries.get(world_id)
        if entry is None:
            raise Rejected("NOT_FOUND", "world.not_found", params={"id": world_id[:64]})
        return entry

    def _check_there(self, entry: Entry) -> None:
        if entry.is_gone or entry.is_expired(self._real_now()):
            raise Rejected("NOT_FOUND", "world.not_found", params={"id": entry.id})
