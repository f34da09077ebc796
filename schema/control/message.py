"""Caught messages, mail and SMS in one shape."""

from collections.abc import AsyncGenerator
from datetime import datetime, timedelta

import strawberry

from gateway.domain import message
from gateway.domain.message import Channel, MessageKind
from gateway.services import message as messages
from schema.context import Context
from schema.control.reach import reach
from schema.scalars import URL

strawberry.enum(Channel, description="How a message travelled.")
strawberry.enum(MessageKind, description="What a message is about.")

Info = strawberry.Info[Context, None]


@strawberry.type(description="A part of a mail that is a file; `size` in bytes.")
class Attachment:
    """It is served as a download, never run."""

    id: strawberry.ID
    file_name: str
    content_type: str
    size: int
    url: URL


@strawberry.type(description="A caught message, already understood: no regular expression in a test.")
class Message:
    """`cursor` is its place: pass it as `after` to hear only of later ones."""

    id: strawberry.ID
    channel: Channel
    kind: MessageKind
    to: list[str]
    from_: str = strawberry.field(name="from")
    subject: str | None
    text: str
    html: str | None
    code: str | None = strawberry.field(description="The one-time code in it.")
    link: URL | None = strawberry.field(description="The first link in it.")
    expires_at: datetime | None = strawberry.field(description="When its code or link ends, as its text states.")
    received_at: datetime
    cursor: str
    size: int
    attachments: list[Attachment]
    raw: URL

    @staticmethod
    def of(caught: message.Message) -> "Message":
        """The message as a tester reads it."""
        return Message(
            id=strawberry.ID(caught.id),
            channel=caught.channel,
            kind=caught.kind,
            to=list(caught.to),
            from_=caught.sender,
            subject=caught.subject,
            text=caught.text,
            html=caught.html,
            code=caught.code,
            link=URL(caught.link) if caught.link else None,
            expires_at=caught.expires_at,
            received_at=caught.received_at,
            cursor=caught.cursor,
            size=caught.size,
            attachments=[
                Attachment(
                    id=strawberry.ID(part.id),
                    file_name=part.file_name,
                    content_type=part.content_type,
                    size=part.size,
                    url=URL(part.url),
                )
                for part in caught.attachments
            ],
            raw=URL(caught.raw_url),
        )


@strawberry.input(description="Which messages are meant; what is absent matches all.")
class MessageFilter:
    """`to` is normalised like input; `after` is a cursor."""

    to: str | None = None
    channel: Channel | None = None
    kind: MessageKind | None = None
    after: str | None = None
    search: str | None = None

    def to_domain(self) -> message.MessageFilter:
        """The filter as the inbox takes it."""
        return message.MessageFilter(
            to=self.to, channel=self.channel, kind=self.kind, after=self.after, search=self.search
        )


@strawberry.type
class MessageQuery:
    """Waiting for a message."""

    @strawberry.field(
        description="The message, as soon as it is there; null after `timeout` of real time. With `after`: the oldest "
        "match after it. Without: the newest match. The server waits, so there is nothing to poll."
    )
    async def await_message(
        self,
        info: Info,
        filter: MessageFilter,
        world: strawberry.ID | None = None,
        timeout: timedelta = timedelta(seconds=10),
    ) -> Message | None:
        """Thin: one service call."""
        async with reach(info.context, world) as meant:
            caught = await messages.await_message(meant, wanted=filter.to_domain(), timeout_s=timeout.total_seconds())
        return Message.of(caught) if caught is not None else None


@strawberry.type
class MessageSubscription:
    """News of the inbox."""

    @strawberry.subscription(
        description="Every match after the cursor, at once when it is there already, and each one to come."
    )
    async def message(
        self, info: Info, filter: MessageFilter, world: strawberry.ID | None = None
    ) -> AsyncGenerator[Message, None]:
        """Thin: one service call."""
        async with reach(info.context, world) as meant:
            async for caught in messages.watch(meant, wanted=filter.to_domain()):
                yield Message.of(caught)
