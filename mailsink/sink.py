"""The message store of all mailboxes: takes messages in, finds them, and lets callers wait for the next one."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import datetime

from mailsink import models
from mailsink.deliveries import Parcel, Receipt
from mailsink.host import Host, MailboxHost
from mailsink.intake import Intake
from mailsink.messages import Channel, Criteria, Message, MessageFilter, cursor_of, sequence_of, sequence_of_message
from mailsink.parsing import Part, Sms, attachment_of, read_sms
from mailsink.waiting import MAX_WAITERS, Waiters

WATCH_PAGE = 100


class Sink:
    """Takes messages in for every mailbox of `host` and hands them out; one per process."""

    def __init__(self, host: Host, *, max_waiters: int = MAX_WAITERS) -> None:
        self.host = host
        self.waiters = Waiters(max_waiters)
        self._intake = Intake(self.waiters)

    async def accept_mail(self, mailbox: MailboxHost, *, sender: str, recipients: list[str], raw: bytes) -> Receipt:
        """Store a mail as it came by SMTP; when this returns it is committed, and everyone who waits was woken.

        Raises: DeliveryRefused, DeliveryCut (faults; nothing stored), SinkClosed.
        """
        return await self._intake.accept(mailbox, Parcel(Channel.EMAIL, sender, tuple(recipients), raw))

    async def accept_sms(
        self,
        mailbox: MailboxHost,
        *,
        sender: str,
        to: str,
        text: str,
        message_id: str | None = None,
        kind: str | None = None,
    ) -> Receipt:
        """Store an SMS; `message_id` is the sender's own id and makes a repeat recognisable.

        Raises: InvalidSms, DeliveryRefused, DeliveryCut (faults; nothing stored), SinkClosed.
        """
        sms = read_sms(Sms(to, sender, text, kind, message_id).as_raw())
        return await self._intake.accept(mailbox, Parcel(Channel.SMS, sms.sender, (sms.to,), sms.as_raw()))

    async def find(
        self,
        mailbox: MailboxHost,
        wanted: MessageFilter,
        *,
        after_seq: int | None = None,
        before_seq: int | None = None,
        limit: int = 50,
        newest_first: bool = False,
    ) -> list[Message]:
        """List messages in the order of their arrival, strictly between two sequences. Raises: InvalidCursor."""
        criteria = Criteria.of(wanted)
        async with mailbox.reading():
            return await models.find_messages(
                mailbox.name,
                mailbox.base_url,
                criteria,
                after_seq=after_seq,
                before_seq=before_seq,
                limit=limit,
                newest_first=newest_first,
            )

    async def count(self, mailbox: MailboxHost, wanted: MessageFilter) -> int:
        """Count the messages that meet a filter. Raises: InvalidCursor."""
        criteria = Criteria.of(wanted)
        async with mailbox.reading():
            return await models.count_messages(mailbox.name, criteria)

    async def get(self, mailbox: MailboxHost, message_id: str) -> Message | None:
        """Find one message by its id; None if this mailbox has none."""
        seq = sequence_of_message(message_id)
        if seq is None:
            return None
        found = await self.find(mailbox, MessageFilter(), after_seq=seq - 1, before_seq=seq + 1, limit=1)
        return found[0] if found else None

    async def raw(self, mailbox: MailboxHost, message_id: str) -> tuple[Channel, bytes] | None:
        """Find the bytes of a message as they came: MIME for a mail, JSON for an SMS."""
        seq = sequence_of_message(message_id)
        if seq is None:
            return None
        async with mailbox.reading():
            return await models.find_raw(mailbox.name, seq)

    async def attachment(self, mailbox: MailboxHost, message_id: str, number: int) -> tuple[Part, bytes] | None:
        """Take one attachment out of a mail, counted from 1."""
        found = await self.raw(mailbox, message_id)
        if found is None or found[0] is not Channel.EMAIL:
            return None
        return await asyncio.to_thread(attachment_of, found[1], number)

    async def cursor(self, mailbox: MailboxHost) -> str:
        """Hand out a cursor that stands behind everything that arrived until now."""
        async with mailbox.reading():
            return cursor_of(await models.last_sequence(mailbox.name))

    async def wait(self, mailbox: MailboxHost, wanted: MessageFilter, timeout_s: float) -> Message | None:
        """Give the message that is meant as soon as there is one; None after `timeout_s` real seconds.

        With a cursor in the filter: the oldest match after it. Without: the newest match, else the next to arrive.
        Raises: InvalidCursor, TooManyWaiters.
        """
        deadline = asyncio.get_running_loop().time() + timeout_s
        with self.waiters.join(mailbox.name, Criteria.of(wanted)) as waiter:
            found = await self.find(mailbox, wanted, limit=1, newest_first=wanted.after is None)
            if found:
                return found[0]
            try:
                async with asyncio.timeout_at(deadline):
                    await waiter.news.wait()
            except TimeoutError:
                pass
            return waiter.first

    async def watch(self, mailbox: MailboxHost, wanted: MessageFilter) -> AsyncGenerator[Message, None]:
        """Give every match after the filter's cursor in order, then each as it arrives, until the sink closes.

        Without a cursor it starts with the newest match. Raises: InvalidCursor, TooManyWaiters.
        """
        with self.waiters.join(mailbox.name, Criteria.of(wanted)) as waiter:
            seen: int | None = None
            if wanted.after is None:
                newest = await self.find(mailbox, wanted, limit=1, newest_first=True)
                seen = sequence_of(newest[0].cursor) if newest else 0
                for message in newest:
                    yield message
            while not waiter.ended:
                waiter.news.clear()
                found = await self.find(mailbox, wanted, after_seq=seen, limit=WATCH_PAGE)
                for message in found:
                    seen = sequence_of(message.cursor)
                    yield message
                if not found and not waiter.ended:
                    await waiter.news.wait()

    async def next_due(self, mailbox: MailboxHost) -> datetime | None:
        """Tell when the next held message is due by the mailbox's clock."""
        async with mailbox.reading():
            return await models.first_due(mailbox.name)

    async def release_due(self, mailbox: MailboxHost, now: datetime) -> list[str]:
        """Let held messages that are due at `now` arrive, in due order; tells in words which ones did."""
        released: list[str] = []
        while True:
            async with mailbox.reading():
                due = await models.held_rows(mailbox.name, due_by=now)
            for row in due:
                description = await self._intake.release(mailbox, row, min(now, row.due_at or now))
                released.extend([] if description is None else [description])
            if not due:
                return released

    def forget(self, name: str) -> None:
        """Let everyone go who waits in a mailbox that was reset, restored or deleted, and drop what is known of it."""
        self.waiters.end(name)
        self._intake.forget(name)

    async def close(self) -> None:
        """Take nothing more in, finish what is under way and let every waiter go."""
        self.waiters.close()
        await self._intake.close()
