"""The rows of the sink and every statement on them; the only module here that knows the ORM.

The functions run inside a `reading()` or `writing()` span of a mailbox, which decides the database they reach.
"""

import logging
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from tortoise import fields
from tortoise.context import TortoiseContext, _current_context
from tortoise.exceptions import BaseORMException, IntegrityError
from tortoise.indexes import Index
from tortoise.migrations.api import migrate
from tortoise.models import Model
from tortoise.transactions import in_transaction

from mailsink.errors import StoreUnavailable
from mailsink.messages import Arrival, Attachment, Channel, Criteria, Message, MessageKind, cursor_of, message_id_of
from mailsink.parsing import Part
from mailsink.search import Search

APP_LABEL = "mailsink"
_ALONE = "mailsink_alone"
_SHOWN = (
    "id", "channel", "kind", "sender", "recipients", "subject", "text", "html", "code", "link", "expires_at",
    "received_at", "size", "attachments",
)  # fmt: skip


class RepeatedMessage(Exception):
    """A message with the same dedupe key is stored already; the transaction must be rolled back."""


# Tortoise writes a row's docstring into CREATE TABLE as a comment and cuts the statement at each ";": use none there.
class MessageRow(Model):
    """One caught message. Its primary key is the arrival sequence, which never comes back."""

    id = fields.BigIntField(primary_key=True)
    mailbox = fields.CharField(max_length=32)
    channel = fields.CharField(max_length=8)
    kind = fields.CharField(max_length=20)
    sender = fields.TextField()
    recipients = fields.JSONField[list[str]]()
    recipient_keys = fields.TextField()
    subject = fields.TextField(null=True)
    text = fields.TextField()
    html = fields.TextField(null=True)
    haystack = fields.TextField()
    code = fields.CharField(max_length=8, null=True)
    link = fields.TextField(null=True)
    expires_at = fields.DatetimeField(null=True)
    received_at = fields.DatetimeField()
    raw_bytes = fields.BinaryField()
    size = fields.IntField()
    attachments = fields.JSONField[list[dict[str, str | int]]]()
    message_id = fields.TextField(null=True)
    dedupe_key = fields.CharField(max_length=64, null=True, unique=True)

    class Meta:
        table = "sink_messages"
        app = APP_LABEL
        indexes = [Index(fields=("mailbox", "id"), name="sink_messages_mailbox")]


class HeldRow(Model):
    """A message that was accepted but has not arrived: `due_at` set by a delay, None while it waits to be overtaken."""

    id = fields.BigIntField(primary_key=True)
    mailbox = fields.CharField(max_length=32)
    channel = fields.CharField(max_length=8)
    sender = fields.TextField()
    recipients = fields.JSONField[list[str]]()
    raw_bytes = fields.BinaryField()
    dedupe_key = fields.CharField(max_length=64, null=True, unique=True)
    due_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sink_held"
        app = APP_LABEL
        indexes = [Index(fields=("mailbox", "due_at"), name="sink_held_due")]


async def insert_message(columns: Mapping[str, Any]) -> int:
    """Store one message and return its arrival sequence. Raises: RepeatedMessage."""
    try:
        return cast(int, (await MessageRow.create(**columns)).id)
    except IntegrityError as error:
        raise RepeatedMessage from error


async def insert_held(columns: Mapping[str, Any]) -> int:
    """Put one accepted message aside and return its number. Raises: RepeatedMessage."""
    try:
        return cast(int, (await HeldRow.create(**columns)).id)
    except IntegrityError as error:
        raise RepeatedMessage from error


async def take_held(held_id: int) -> bool:
    """Remove a held message; True for the one caller that removed it."""
    return await HeldRow.filter(id=held_id).delete() == 1


async def held_rows(
    mailbox: str, *, due_by: datetime | None = None, overtaken_on: Channel | None = None, limit: int = 100
) -> list[HeldRow]:
    """List held messages of a mailbox: due by an instant, in due order, or waiting to be overtaken on a channel."""
    found = HeldRow.filter(mailbox=mailbox)
    if due_by is not None:
        return await found.filter(due_at__lte=due_by).order_by("due_at", "id").limit(limit)
    return await found.filter(due_at__isnull=True, channel=overtaken_on).order_by("id").limit(limit)


async def count_held(mailbox: str) -> int:
    """Count the held messages of a mailbox."""
    return await HeldRow.filter(mailbox=mailbox).count()


async def first_due(mailbox: str) -> datetime | None:
    """Tell when the next held message of a mailbox is due."""
    rows = await HeldRow.filter(mailbox=mailbox, due_at__isnull=False).order_by("due_at").limit(1).values_list("due_at")
    return cast(datetime, rows[0][0]) if rows else None


async def find_by_dedupe_key(dedupe_key: str) -> str | None:
    """Find the public id under which a repeat was stored or held."""
    rows = await MessageRow.filter(dedupe_key=dedupe_key).values_list("id", flat=True)
    if rows:
        return message_id_of(cast(int, rows[0]))
    held = await HeldRow.filter(dedupe_key=dedupe_key).values_list("id", flat=True)
    return f"h{held[0]}" if held else None


async def find_messages(
    mailbox: str,
    base_url: str,
    criteria: Criteria,
    *,
    after_seq: int | None = None,
    before_seq: int | None = None,
    limit: int,
    newest_first: bool,
) -> list[Message]:
    """List messages that meet `criteria` strictly between two arrival sequences."""
    client = MessageRow._meta.db
    search = Search(client.capabilities.dialect, mailbox, criteria)
    search.between(after_seq, before_seq)
    rows = await client.execute_query_dict(search.text(_SHOWN, newest_first=newest_first, limit=limit), search.values)
    return [message_of(_read(row), base_url) for row in rows]


async def count_messages(mailbox: str, criteria: Criteria) -> int:
    """Count the messages that meet `criteria`."""
    client = MessageRow._meta.db
    search = Search(client.capabilities.dialect, mailbox, criteria)
    rows = await client.execute_query_dict(search.count_text(), search.values)
    return cast(int, rows[0]["count"])


async def last_sequence(mailbox: str) -> int:
    """Tell the arrival sequence of the newest message; 0 if there is none."""
    rows = await MessageRow.filter(mailbox=mailbox).order_by("-id").limit(1).values_list("id", flat=True)
    return cast(int, rows[0]) if rows else 0


async def find_raw(mailbox: str, seq: int) -> tuple[Channel, bytes] | None:
    """Find the bytes of a message as they were received."""
    rows = await MessageRow.filter(mailbox=mailbox, id=seq).values_list("channel", "raw_bytes")
    return (Channel(rows[0][0]), bytes(rows[0][1])) if rows else None


def _read(row: dict[str, Any]) -> dict[str, Any]:  # Any: columns of a row
    """Turn what the driver gives for dates and JSON into Python's values."""
    for name in ("expires_at", "received_at"):
        if isinstance(row[name], str):  # SQLite keeps text, which Python reads faster than the ORM
            row[name] = datetime.fromisoformat(row[name])
    for name in ("recipients", "attachments"):
        row[name] = MessageRow._meta.fields_map[name].to_python_value(row[name])
    return row


def message_of(row: Mapping[str, Any], base_url: str) -> Message:
    """Make the public value of a stored row; addresses start with the mailbox's `base_url`."""
    message_id = message_id_of(row["id"])
    address = f"{base_url}/messages/{message_id}"
    return Message(
        id=message_id,
        channel=Channel(row["channel"]),
        kind=MessageKind(row["kind"]),
        to=tuple(row["recipients"]),
        sender=row["sender"],
        subject=row["subject"],
        text=row["text"],
        html=row["html"],
        code=row["code"],
        link=row["link"],
        expires_at=row["expires_at"],
        received_at=row["received_at"],
        cursor=cursor_of(row["id"]),
        size=row["size"],
        attachments=tuple(_attachment(Part(**part), address) for part in row["attachments"]),
        raw_url=f"{address}/raw",
    )


def arrival_of(row: Mapping[str, Any]) -> Arrival:
    """Make the searchable side of a stored row."""
    return Arrival(row["id"], Channel(row["channel"]), MessageKind(row["kind"]), row["recipient_keys"], row["haystack"])


def part_columns(parts: Sequence[Part]) -> list[dict[str, str | int]]:
    """Write attachment metadata as it is stored."""
    return [asdict(part) for part in parts]


def _attachment(part: Part, address: str) -> Attachment:
    number = str(part.number)
    return Attachment(number, part.file_name, part.content_type, part.size, f"{address}/attachments/{number}")


class AloneDatabase:
    """The SQLite file of a sink that runs alone, opened by Tortoise with its own context."""

    def __init__(self, context: TortoiseContext) -> None:
        self._context = context

    @classmethod
    async def open(cls, file: Path) -> "AloneDatabase":
        """Open or create the file and bring its tables up to date. Raises: StoreUnavailable."""
        # At debug level these two log every value that is written, and with it each code.
        for name in ("tortoise.db_client", "aiosqlite"):
            logging.getLogger(name).setLevel(logging.INFO)
        database = cls(TortoiseContext())
        try:
            with database._active():
                # A file that cannot be opened must fail here: inside a query Tortoise keeps its lock and hangs.
                await database._context.init(config=tortoise_config(file))
                await database._context.db(_ALONE).create_connection(with_db=True)
                await migrate(config=tortoise_config(file))
                # migrate() leaves the rows without their queries, which only a full init builds.
                await database._context.init(config=tortoise_config(file))
            # The connection must exist before the first transaction, or it would live in that transaction's copy only.
            await database._context.db(_ALONE).execute_query("SELECT 1")
        except (OSError, sqlite3.Error, BaseORMException) as error:
            # An open connection owns a thread that would keep the process from ending.
            await database.close()
            raise StoreUnavailable(str(file), str(error)) from error
        return database

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """One transaction: ORM statements inside run in it."""
        with self._active():
            async with in_transaction(_ALONE):
                yield

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """A span in which ORM statements reach this file."""
        with self._active():
            yield

    async def close(self) -> None:
        """Close the file."""
        await self._context.close_connections()

    @contextmanager
    def _active(self) -> Iterator[None]:
        # A TortoiseContext can be entered once only; many tasks use this one at the same time, so each sets the
        # context variable that it stands behind.
        token = _current_context.set(self._context)
        try:
            yield
        finally:
            _current_context.reset(token)


def tortoise_config(file: Path) -> dict[str, Any]:  # Any: the shape is Tortoise's
    """Tell Tortoise about the stand-alone file: WAL, and a commit that survives the end of the process."""
    credentials = {"file_path": str(file), "busy_timeout": 2000, "synchronous": "NORMAL"}
    app = {"models": ["mailsink.models"], "migrations": "mailsink.migrations", "default_connection": _ALONE}
    return {
        "connections": {_ALONE: {"engine": "tortoise.backends.sqlite", "credentials": credentials}},
        "apps": {APP_LABEL: app},
    }
