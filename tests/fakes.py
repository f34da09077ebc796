"""Fakes of the ports, named by what they do. The contract tests in tests/adapters hold them to the real adapters."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from gateway.domain.message import Channel, Message, MessageFilter, MessageKind, OutgoingMail, OutgoingSms
from gateway.domain.page import Page, PageRequest
from gateway.ports import DeliveryFailed, InvalidCursor

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


class FixedClock:
    """A clock that only a test moves; it "runs" by `advance` alone."""

    def __init__(self, at: datetime = NOON) -> None:
        self._at = at
        self._started = at
        self.frozen = False

    @property
    def offset(self) -> timedelta:
        return self._at - self._started

    def now(self) -> datetime:
        return self._at

    def real_now(self) -> datetime:
        return self._started

    def freeze(self, at: datetime | None = None) -> None:
        if at is not None and at < self._at:
            raise ValueError("world time never goes back")
        self._at = at or self._at
        self.frozen = True

    def advance(self, by: timedelta) -> None:
        if by <= timedelta(0):
            raise ValueError("the clock moves by a positive duration")
        self._at += by

    def resume(self) -> None:
        self.frozen = False


class RecordingMailSender:
    """Keeps what it is given; while `refusal` is set it keeps nothing and fails with it."""

    def __init__(self) -> None:
        self.sent: list[OutgoingMail] = []
        self.refusal: DeliveryFailed | None = None

    async def send(self, mail: OutgoingMail) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.sent.append(mail)


class RecordingSmsSender:
    """Keeps what it is given; while `refusal` is set it keeps nothing and fails with it."""

    def __init__(self) -> None:
        self.sent: list[OutgoingSms] = []
        self.refusal: DeliveryFailed | None = None

    async def send(self, sms: OutgoingSms) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.sent.append(sms)


def message(**known: object) -> Message:
    """A caught OTP message; a test names only what matters to it."""
    plain = Message(
        id="m1",
        channel=Channel.SMS,
        kind=MessageKind.OTP,
        to=("+6284000000001",),
        sender="PESERTA",
        subject=None,
        text="Kode Anda 123456",
        html=None,
        code="123456",
        link=None,
        expires_at=None,
        received_at=NOON,
        cursor="1",
        size=16,
        attachments=(),
        raw_url="http://127.0.0.1/inbox/messages/m1/raw",
    )
    return replace(plain, **known)  # type: ignore[arg-type]  # names are Message's own


class FakeInbox:
    """An inbox in memory: `receive` lets a message arrive and wakes whoever waits."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._arrived = asyncio.Condition()

    async def receive(self, arriving: Message) -> Message:
        place = len(self._messages) + 1
        caught = replace(arriving, id=f"m{place}", cursor=str(place))
        async with self._arrived:
            self._messages.append(caught)
            self._arrived.notify_all()
        return caught

    async def cursor(self) -> str:
        return str(len(self._messages))

    async def page(self, wanted: MessageFilter, request: PageRequest) -> Page[Message]:
        found = [(int(caught.cursor), caught) for caught in reversed(self._matches(wanted))]
        inside = [
            (place, caught)
            for place, caught in found
            if (request.after is None or place < request.after) and (request.before is None or place > request.before)
        ]
        size = request.size
        cut = inside[len(inside) - min(size, len(inside)) :] if request.backwards else inside[:size]
        more = len(inside) > len(cut)
        has_next = (more and not request.backwards) or request.before is not None
        has_previous = (more and request.backwards) or request.after is not None
        return Page(tuple(cut), len(found), has_next, has_previous)

    async def wait(self, wanted: MessageFilter, timeout_s: float) -> Message | None:
        self._matches(wanted)
        try:
            async with asyncio.timeout(timeout_s), self._arrived:
                await self._arrived.wait_for(lambda: bool(self._matches(wanted)))
        except TimeoutError:
            return None
        return self._matches(wanted)[0 if wanted.after is not None else -1]

    async def watch(self, wanted: MessageFilter) -> AsyncIterator[Message]:
        place = wanted.after or await self.cursor()
        while True:
            later = replace(wanted, after=place)
            async with self._arrived:
                await self._arrived.wait_for(lambda later=later: bool(self._matches(later)))  # type: ignore[misc]
            for caught in self._matches(later):
                place = caught.cursor
                yield caught

    async def next_due(self) -> datetime | None:
        return None

    async def release_due(self, now: datetime) -> list[str]:
        return []

    def _matches(self, wanted: MessageFilter) -> list[Message]:
        if wanted.after is not None and not wanted.after.isdigit():
            raise InvalidCursor(wanted.after)
        return [
            caught
            for caught in self._messages[int(wanted.after or 0) :]
            if (wanted.to is None or wanted.to in caught.to)
            and (wanted.channel is None or wanted.channel is caught.channel)
            and (wanted.kind is None or wanted.kind is caught.kind)
            and (wanted.search is None or wanted.search.lower() in f"{caught.subject} {caught.text}".lower())
        ]
