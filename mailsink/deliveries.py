"""Makes rows of what was accepted: the parcel as it came in, and the columns that it is stored under. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailsink.messages import Channel, MessageKind, clean_text, normalise_recipient, recipient_keys
from mailsink.models import part_columns
from mailsink.parsing import Content, content_of_sms, parse_mail, read_sms
from mailsink.understanding import understand

MAX_HAYSTACK_CHARS = 100_000


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message as a transport handed it over: `raw` is MIME for a mail, JSON for an SMS."""

    channel: Channel
    sender: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the transport may tell its client: the id of the message, and whether it was a repeat, not stored again."""

    id: str
    repeated: bool = False


def content_of(parcel: Parcel) -> Content:
    """Read a parcel. Never raises for a mail; an SMS was checked when it was accepted."""
    if parcel.channel is Channel.SMS:
        return content_of_sms(read_sms(parcel.raw))
    return parse_mail(parcel.raw, parcel.sender)


def dedupe_key(mailbox: str, parcel: Parcel, content: Content) -> str | None:
    """Make the key that two deliveries of one message share; None where the sender gave no id to compare.

    Source: Message-ID identifies a message (RFC 5322 section 3.6.4); the recipients are part of the key because one
    message may be handed over once per recipient.
    """
    if content.message_id is None:
        return None
    recipients = sorted({normalise_recipient(recipient) for recipient in parcel.recipients})
    parts = (mailbox, parcel.channel.value, content.message_id, *recipients)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def message_columns(
    mailbox: str, parcel: Parcel, content: Content, key: str | None, received_at: datetime
) -> dict[str, Any]:  # Any: the columns of a row have several types
    """Make the columns of a stored message; the life that it states is counted from `received_at`."""
    read = understand(content.text, content.html, content.subject, content.headers)
    recipients = [clean_text(recipient) for recipient in parcel.recipients]
    words = "\n".join((content.subject or "", content.sender, *recipients, content.text))
    return {
        "mailbox": mailbox,
        "channel": parcel.channel.value,
        "kind": read.kind.value,
        "sender": content.sender,
        "recipients": recipients,
        "recipient_keys": recipient_keys(recipients),
        "subject": content.subject,
        "text": content.text,
        "html": content.html,
        "haystack": words[:MAX_HAYSTACK_CHARS].casefold(),
        "code": read.code,
        "link": read.link,
        "expires_at": None if read.life is None else received_at + read.life,
        "received_at": received_at,
        "raw_bytes": parcel.raw,
        "size": len(parcel.raw),
        "attachments": part_columns(content.parts),
        "message_id": content.message_id,
        "dedupe_key": key,
    }


def held_columns(mailbox: str, parcel: Parcel, key: str | None, due_at: datetime | None) -> dict[str, Any]:
    """Make the columns of a message that is put aside."""
    return {
        "mailbox": mailbox,
        "channel": parcel.channel.value,
        "sender": clean_text(parcel.sender),
        "recipients": [clean_text(recipient) for recipient in parcel.recipients],
        "raw_bytes": parcel.raw,
        "dedupe_key": key,
        "due_at": due_at,
    }


def describe_release(columns: Mapping[str, Any]) -> str:
    """Say in one line which held message arrived, without anything of what it says."""
    kind = MessageKind(columns["kind"]).name
    return f"{Channel(columns['channel']).name} {kind} delivered late to {', '.join(columns['recipients'][:3])}"
