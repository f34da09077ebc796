"""The world's inbox, kept by mailsink; implements `ports.Inbox`."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime

from gateway.domain.message import Attachment, Channel, Message, MessageFilter, MessageKind
from gateway.domain.page import Page, PageRequest
from gateway.ports import InvalidCursor
from gateway.sandbox.mailboxes import WorldMailbox
from gateway.sandbox.reach import OpenWorlds
from gateway.world import World
from mailsink import errors, messages
from mailsink.sink import Sink


class SinkInbox:
    """One world's messages; every read goes to the sink's rows in that world's database."""

    def __init__(self, sink: Sink, worlds: OpenWorlds, world_id: str) -> None:
        self._sink = sink
        self._worlds = worlds
        self._id = world_id

    def _mailbox(self) -> WorldMailbox:
        world: World | None = self._worlds.find_open(self._id)
        assert world is not None, "an inbox is asked by its own open world"
        return WorldMailbox(self._worlds, world)

    async def cursor(self) -> str:
        """The place behind the newest message."""
        return await self._sink.cursor(self._mailbox())

    async def page(self, wanted: MessageFilter, request: PageRequest) -> Page[Message]:
        """A page, newest first. Raises InvalidCursor."""
        mailbox, query, request = self._mailbox(), _to_sink(wanted), request.among_rows()
        try:
            total = await self._sink.count(mailbox, query)
            found = await self._sink.find(
                mailbox,
                query,
                before_seq=request.after,
                after_seq=request.before,
                limit=request.size + 1,
                newest_first=not request.backwards,
            )
        except errors.InvalidCursor:
            raise InvalidCursor from None
        more, found = len(found) > request.size, list(found[: request.size])
        if request.backwards:
            found.reverse()
        return Page(
            tuple((messages.sequence_of(message.cursor), _to_domain(message)) for message in found),
            total,
            has_next=request.before is not None if request.backwards else more,
            has_previous=more if request.backwards else request.after is not None,
        )

    async def wait(self, wanted: MessageFilter, timeout_s: float) -> Message | None:
        """A message as soon as it is there. Raises InvalidCursor."""
        try:
            message = await self._sink.wait(self._mailbox(), _to_sink(wanted), timeout_s)
        except errors.InvalidCursor:
            raise InvalidCursor from None
        return _to_domain(message) if message is not None else None

    async def watch(self, wanted: MessageFilter) -> AsyncIterator[Message]:
        """Every match after the cursor and each one to come. Raises InvalidCursor."""
        try:
            async with aclosing(self._sink.watch(self._mailbox(), _to_sink(wanted))) as arriving:
                async for message in arriving:
                    yield _to_domain(message)
        except errors.InvalidCursor:
            raise InvalidCursor from None

    async def next_due(self) -> datetime | None:
        """When a held message is to arrive, in world time."""
        return await self._sink.next_due(self._mailbox())

    async def release_due(self, now: datetime) -> list[str]:
        """Let held messages arrive; answers what was released."""
        return await self._sink.release_due(self._mailbox(), now)


def _to_sink(wanted: MessageFilter) -> messages.MessageFilter:
    return messages.MessageFilter(
        to=wanted.to,
        channel=messages.Channel[wanted.channel.name] if wanted.channel else None,
        kind=messages.MessageKind[wanted.kind.name] if wanted.kind else None,
        after=wanted.after,
        search=wanted.search,
    )


def _to_domain(message: messages.Message) -> Message:
    return Message(
        id=message.id,
        channel=Channel[message.channel.name],
        kind=MessageKind[message.kind.name],
        to=message.to,
        sender=message.sender,
        subject=message.subject,
        text=message.text,
        html=message.html,
        code=message.code,
        link=message.link,
        expires_at=message.expires_at,
        received_at=message.received_at,
        cursor=message.cursor,
        size=message.size,
        attachments=tuple(
            Attachment(part.id, part.file_name, part.content_type, part.size, part.url) for part in message.attachments
        ),
        raw_url=message.raw_url,
    )
