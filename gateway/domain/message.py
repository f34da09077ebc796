"""Messages as a tester reads them: mail and SMS in one shape, already understood."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    """How a message travels."""

    EMAIL = "EMAIL"
    SMS = "SMS"


class MessageKind(StrEnum):
    """What a message is about."""

    OTP = "OTP"
    ACTIVATION = "ACTIVATION"
    PASSWORD_RESET = "PASSWORD_RESET"
    EMAIL_CHANGE = "EMAIL_CHANGE"
    STEP_UP = "STEP_UP"
    CLAIM_NOTICE = "CLAIM_NOTICE"
    SECURITY_NOTICE = "SECURITY_NOTICE"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part of a mail that is a file. `size` in bytes."""

    id: str
    file_name: str
    content_type: str
    size: int
    url: str


@dataclass(frozen=True, slots=True)
class Message:
    """A caught message. `code` and `link` are read out of its text; `cursor` marks its place in the inbox."""

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
    """Which messages are meant; None means any. `after` is a cursor."""

    to: str | None = None
    channel: Channel | None = None
    kind: MessageKind | None = None
    after: str | None = None
    search: str | None = None


@dataclass(frozen=True, slots=True)
class OutgoingMail:
    """A mail on its way out. `message_id` is stable, so a repeat can be recognised."""

    message_id: str
    kind: MessageKind
    to: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class OutgoingSms:
    """A text message on its way out; `to` is E.164."""

    message_id: str
    kind: MessageKind
    to: str
    text: str
