"""The public values of the sink: messages, filters, cursors and recipient addresses. Nothing here does I/O."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mailsink.errors import InvalidCursor

MAX_SEARCH_TERMS = 10
MAX_SEARCH_CHARS = 200

_CURSOR = re.compile(r"c([0-9]{1,18})")
_MESSAGE_ID = re.compile(r"m([0-9]{1,18})")
_PHONE_SEPARATORS = str.maketrans("", "", " \t-().\u00a0\u2010\u2011\u2013")
_PHONE = re.compile(r"\+?[0-9]{4,20}")


class Channel(StrEnum):
    """The way by which a message came."""

    EMAIL = "email"
    SMS = "sms"


class MessageKind(StrEnum):
    """What a message is for; stated by its sender or guessed from its words."""

    OTP = "otp"
    ACTIVATION = "activation"
    PASSWORD_RESET = "password_reset"
    EMAIL_CHANGE = "email_change"
    STEP_UP = "step_up"
    CLAIM_NOTICE = "claim_notice"
    SECURITY_NOTICE = "security_notice"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file inside a mail; `size` is in decoded bytes."""

    id: str
    file_name: str
    content_type: str
    size: int
    url: str


@dataclass(frozen=True, slots=True)
class Message:
    """One caught message, parsed. `size` is in bytes as received; `id` and `cursor` are opaque."""

    id: str
    channel: Channel
    kind: MessageKind
    to: tuple[str, ...]
    sender: str
    subject: str | None
    text: str
    html: str | None
    code: str | None
    link: str | None
    expires_at: datetime | None
    received_at: datetime
    cursor: str
    size: int
    attachments: tuple[Attachment, ...]
    raw_url: str


@dataclass(frozen=True, slots=True)
class MessageFilter:
    """Which messages are meant; every field that is None matches all.

    `to` is one recipient in any usual spelling, `after` a cursor, `search` words that must all occur.
    """

    to: str | None = None
    channel: Channel | None = None
    kind: MessageKind | None = None
    after: str | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """The searchable side of a stored message: what a filter looks at."""

    seq: int
    channel: Channel
    kind: MessageKind
    recipient_keys: str
    haystack: str


@dataclass(frozen=True, slots=True)
class Criteria:
    """A `MessageFilter` made ready for matching, in memory and in the database by the same rules."""

    recipient_key: str | None = None
    channel: Channel | None = None
    kind: MessageKind | None = None
    after_seq: int | None = None
    terms: tuple[str, ...] = ()

    @classmethod
    def of(cls, wanted: MessageFilter) -> "Criteria":
        """Make criteria from what a caller wrote. Raises: InvalidCursor."""
        search = (wanted.search or "")[:MAX_SEARCH_CHARS].replace("\0", " ")
        return cls(
            recipient_key=None if wanted.to is None else recipient_keys([wanted.to]),
            channel=wanted.channel,
            kind=wanted.kind,
            after_seq=None if wanted.after is None else sequence_of(wanted.after),
            terms=tuple(search.casefold().split()[:MAX_SEARCH_TERMS]),
        )

    def matches(self, arrival: Arrival) -> bool:
        """Tell whether an arrived message is meant."""
        return (
            (self.after_seq is None or arrival.seq > self.after_seq)
            and (self.recipient_key is None or self.recipient_key in arrival.recipient_keys)
            and (self.channel is None or arrival.channel is self.channel)
            and (self.kind is None or arrival.kind is self.kind)
            and all(term in arrival.haystack for term in self.terms)
        )


def cursor_of(seq: int) -> str:
    """Make the cursor that stands behind the message with arrival sequence `seq` (0: before all)."""
    return f"c{seq}"


def sequence_of(cursor: str) -> int:
    """Read the arrival sequence out of a cursor. Raises: InvalidCursor."""
    match = _CURSOR.fullmatch(cursor)
    if match is None:
        raise InvalidCursor
    return int(match[1])


def message_id_of(seq: int) -> str:
    """Make the public id of the message with arrival sequence `seq`."""
    return f"m{seq}"


def sequence_of_message(message_id: str) -> int | None:
    """Read the arrival sequence out of a message id; None if it never was one."""
    match = _MESSAGE_ID.fullmatch(message_id)
    return None if match is None else int(match[1])


def normalise_recipient(address: str) -> str:
    """Bring a recipient to one spelling, so that every usual way to write it finds the same messages.

    Phones become `+62…` (from 08…, 8…, 628…, 0062…, with blanks, dashes, dots or brackets); other countries keep
    their `+`. E-mail addresses become lower case: the local part too, although RFC 5321 section 2.4 would tell
    cases apart, because no tester does. Source: E.164 and the Indonesian trunk prefix 0; assumed for the sandbox.
    """
    address = clean_text(address).strip()
    digits = address.translate(_PHONE_SEPARATORS)
    if "@" in address or _PHONE.fullmatch(digits) is None:
        return address.casefold()
    if digits.startswith("+"):
        return digits
    if digits.startswith("00"):
        return "+" + digits[2:]
    if digits.startswith("0"):
        return "+62" + digits[1:]
    if digits.startswith("62"):
        return "+" + digits
    if digits.startswith("8") and len(digits) >= 9:
        return "+62" + digits
    return digits


def recipient_keys(addresses: Iterable[str]) -> str:
    """Join normalised recipients so that one of them can be found by its exact text: each stands on its own line."""
    keys = [normalise_recipient(address).replace("\n", " ") for address in addresses]
    return "\n" + "\n".join(dict.fromkeys(keys)) + "\n"


def clean_text(text: str) -> str:
    """Replace what a database text column cannot hold: NUL (PostgreSQL) and lone surrogates (UTF-8)."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text
