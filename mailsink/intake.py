"""Takes messages in: faults first, then dedupe, then one transaction, then the waking of everyone who waits."""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from mailsink import models
from mailsink.deliveries import Parcel, Receipt, content_of, dedupe_key, describe_release, held_columns, message_columns
from mailsink.errors import DeliveryCut, DeliveryRefused, SinkClosed
from mailsink.host import Fault, FaultMode, MailboxHost
from mailsink.messages import Channel, message_id_of
from mailsink.parsing import Content
from mailsink.waiting import Waiters

INLINE_PARSE_BYTES = 262_144
MAX_IDLE_DOORS = 1_024
_REFUSALS = (FaultMode.REJECT, FaultMode.ERROR)
_CUTS = (FaultMode.TIMEOUT, FaultMode.DISCONNECT)

T = TypeVar("T")


class _Door:
    """Orders the arrivals of one mailbox and remembers how many are held, to spare a statement per arrival."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.held: int | None = None


class Intake:
    """The way in for the messages of all mailboxes."""

    def __init__(self, waiters: Waiters) -> None:
        self._waiters = waiters
        self._doors: OrderedDict[str, _Door] = OrderedDict()
        self._under_way: set[asyncio.Task[Any]] = set()  # Any: deliveries have several result types
        self._closed = False

    async def accept(self, mailbox: MailboxHost, parcel: Parcel) -> Receipt:
        """Take one message in; when this returns it is committed, and everyone who waits for it was woken.

        Raises: DeliveryRefused, DeliveryCut (faults; nothing stored), SinkClosed.
        """
        return await self._finish(self._accept(mailbox, parcel))

    async def release(self, mailbox: MailboxHost, row: models.HeldRow, received_at: datetime) -> str | None:
        """Let a held message arrive; says which one in words, or None if it is not held any more."""
        return await self._finish(self._release(mailbox, row, received_at))

    def forget(self, name: str) -> None:
        """Drop what is remembered of a mailbox."""
        self._doors.pop(name, None)

    async def close(self) -> None:
        """Take nothing more in and finish what is under way."""
        self._closed = True
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _finish(self, delivery: Coroutine[Any, Any, T]) -> T:  # Any: what it yields and is sent stays unused
        # A client that hangs up cancels its handler. The delivery goes on in a task of its own, because between the
        # commit and the waking of waiters nothing may stop it.
        task = asyncio.ensure_future(delivery)
        self._under_way.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # Marks it as seen: the caller got it, unless the caller hung up.

    async def _accept(self, mailbox: MailboxHost, parcel: Parcel) -> Receipt:
        if self._closed:
            raise SinkClosed
        fault = await _take_fault(mailbox, parcel)
        mode = None if fault is None else fault.mode
        if fault is not None and mode in _REFUSALS:
            raise DeliveryRefused(fault.status_code)
        if mode in _CUTS:
            raise DeliveryCut
        if mode is FaultMode.DROP:
            return Receipt(f"d{secrets.token_hex(8)}")
        content = await _read(parcel)
        key = dedupe_key(mailbox.name, parcel, content)
        door = self._door(mailbox.name)
        async with door.lock:
            try:
                await _learn_held(door, mailbox)
                if fault is not None and mode in (FaultMode.DELAY, FaultMode.REORDER):
                    return await _hold(door, mailbox, parcel, key, fault)
                if door.held:
                    await _refuse_repeat(mailbox, key)
                return await self._store(door, mailbox, parcel, content, key, twice=mode is FaultMode.DUPLICATE)
            except models.RepeatedMessage as repeat:
                return await _receipt_of_repeat(mailbox, key, repeat)
            except BaseException:
                # Nobody knows what was committed, so it is counted anew.
                door.held = None
                raise

    async def _store(
        self, door: _Door, mailbox: MailboxHost, parcel: Parcel, content: Content, key: str | None, *, twice: bool
    ) -> Receipt:
        columns = message_columns(mailbox.name, parcel, content, key, mailbox.now())
        arrived = [columns, {**columns, "dedupe_key": None}] if twice else [columns]
        copies = len(arrived)
        async with mailbox.writing():
            if door.held:
                waiting = await models.held_rows(mailbox.name, overtaken_on=parcel.channel)
                overtaken = [row for row in waiting if await models.take_held(row.id)]
                arrived += [await _columns_of_held(row, columns["received_at"]) for row in overtaken]
            for each in arrived:
                each["id"] = await models.insert_message(each)
        door.held = (door.held or 0) - (len(arrived) - copies)
        self._publish(mailbox, arrived)
        return Receipt(message_id_of(columns["id"]))

    async def _release(self, mailbox: MailboxHost, row: models.HeldRow, received_at: datetime) -> str | None:
        door = self._door(mailbox.name)
        async with door.lock:
            await _learn_held(door, mailbox)
            columns = await _columns_of_held(row, received_at)
            async with mailbox.writing():
                if not await models.take_held(row.id):
                    return None
                columns["id"] = await models.insert_message(columns)
            door.held = (door.held or 0) - 1
            self._publish(mailbox, [columns])
        return describe_release(columns)

    def _publish(self, mailbox: MailboxHost, arrived: list[dict[str, Any]]) -> None:  # Any: columns of a row
        for columns in arrived:
            arrival = models.arrival_of(columns)
            self._waiters.offer(mailbox.name, arrival, models.message_of(columns, mailbox.base_url))

    def _door(self, name: str) -> _Door:
        door = self._doors.get(name)
        if door is None:
            door = self._doors[name] = _Door()
            for idle in [n for n, d in self._doors.items() if not d.lock.locked() and n != name][:-MAX_IDLE_DOORS]:
                del self._doors[idle]
        self._doors.move_to_end(name)
        return door


async def _take_fault(mailbox: MailboxHost, parcel: Parcel) -> Fault | None:
    for recipient in parcel.recipients:
        fault = await mailbox.fault(parcel.channel, recipient)
        if fault is not None:
            return fault
    return None


async def _read(parcel: Parcel) -> Content:
    # A large mail would hold the event loop for its whole parse.
    if len(parcel.raw) > INLINE_PARSE_BYTES:
        return await asyncio.to_thread(content_of, parcel)
    return content_of(parcel)


async def _learn_held(door: _Door, mailbox: MailboxHost) -> None:
    if door.held is None:
        async with mailbox.reading():
            door.held = await models.count_held(mailbox.name)


async def _hold(door: _Door, mailbox: MailboxHost, parcel: Parcel, key: str | None, fault: Fault) -> Receipt:
    await _refuse_repeat(mailbox, key)
    delayed = fault.mode is FaultMode.DELAY
    due_at = mailbox.now() + timedelta(seconds=fault.delay_s) if delayed else None
    async with mailbox.writing():
        held_id = await models.insert_held(held_columns(mailbox.name, parcel, key, due_at))
    door.held = (door.held or 0) + 1
    if delayed:
        mailbox.wake()
    return Receipt(f"h{held_id}")


async def _refuse_repeat(mailbox: MailboxHost, key: str | None) -> None:
    if key is not None:
        async with mailbox.reading():
            if await models.find_by_dedupe_key(key) is not None:
                raise models.RepeatedMessage


async def _receipt_of_repeat(mailbox: MailboxHost, key: str | None, repeat: Exception) -> Receipt:
    async with mailbox.reading():
        known = None if key is None else await models.find_by_dedupe_key(key)
    if known is None:
        # Some other constraint failed: that is a defect, not a repeat.
        raise repeat
    return Receipt(known, repeated=True)


async def _columns_of_held(row: models.HeldRow, received_at: datetime) -> dict[str, Any]:  # Any: columns of a row
    parcel = Parcel(Channel(row.channel), row.sender, tuple(row.recipients), bytes(row.raw_bytes))
    return message_columns(row.mailbox, parcel, await _read(parcel), row.dedupe_key, received_at)
