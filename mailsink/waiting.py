"""Who waits for messages, per mailbox: arrivals wake them by event; a caller that goes away leaves nothing behind."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from mailsink.errors import TooManyWaiters
from mailsink.messages import Arrival, Criteria, Message

MAX_WAITERS = 2_000


class Waiter:
    """One waiting caller: it keeps the oldest match that arrived since it joined and an event that tells of each."""

    def __init__(self, criteria: Criteria) -> None:
        self.criteria = criteria
        self.first: Message | None = None
        self.ended = False
        self.news = asyncio.Event()

    def offer(self, arrival: Arrival, message: Message) -> None:
        """Look at a message that was just stored."""
        if self.criteria.matches(arrival):
            self.first = self.first or message
            self.news.set()

    def end(self) -> None:
        """Let the caller go without a message."""
        self.ended = True
        self.news.set()


class Waiters:
    """All callers that wait, bounded in number."""

    def __init__(self, limit: int = MAX_WAITERS) -> None:
        self._limit = limit
        self._by_mailbox: dict[str, set[Waiter]] = {}
        self._count = 0
        self._closed = False

    def __len__(self) -> int:
        return self._count

    @contextmanager
    def join(self, mailbox: str, criteria: Criteria) -> Iterator[Waiter]:
        """Wait in a mailbox for as long as the block runs. Join before reading, so that nothing falls between.

        Raises: TooManyWaiters.
        """
        if self._count >= self._limit:
            raise TooManyWaiters(self._limit)
        waiter = Waiter(criteria)
        if self._closed:
            waiter.end()
        self._by_mailbox.setdefault(mailbox, set()).add(waiter)
        self._count += 1
        try:
            yield waiter
        finally:
            self._count -= 1
            waiters = self._by_mailbox[mailbox]
            waiters.discard(waiter)
            if not waiters:
                del self._by_mailbox[mailbox]

    def offer(self, mailbox: str, arrival: Arrival, message: Message) -> None:
        """Show a stored message to everyone who waits in its mailbox."""
        for waiter in tuple(self._by_mailbox.get(mailbox, ())):
            waiter.offer(arrival, message)

    def end(self, mailbox: str) -> None:
        """Let everyone who waits in a mailbox go."""
        for waiter in tuple(self._by_mailbox.get(mailbox, ())):
            waiter.end()

    def close(self) -> None:
        """Let everyone go, now and from now on."""
        self._closed = True
        for mailbox in tuple(self._by_mailbox):
            self.end(mailbox)
