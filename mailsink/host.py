"""What mailsink needs from the application that embeds it, as protocols, and the faults that such a host hands out."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from starlette.types import Scope

from mailsink.messages import Channel

DEFAULT_MAILBOX = "main"


class FaultMode(StrEnum):
    """What goes wrong with one message."""

    DELAY = "delay"
    DROP = "drop"
    DUPLICATE = "duplicate"
    REORDER = "reorder"
    REJECT = "reject"
    ERROR = "error"
    TIMEOUT = "timeout"
    DISCONNECT = "disconnect"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, taken for one message: `delay_s` in the mailbox's own time, `status_code` None for the default."""

    mode: FaultMode
    delay_s: float
    status_code: int | None


class MailboxHost(Protocol):
    """One mailbox: its database, clock and faults. A mailbox is a world of the host."""

    @property
    def name(self) -> str:
        """The mailbox's id; "main" is the default one."""

    @property
    def base_url(self) -> str:
        """Address of this mailbox's inbox page without a slash at the end: "http://127.0.0.1:8400/inbox"."""

    def now(self) -> datetime:
        """The mailbox's own time, aware UTC."""

    def writing(self) -> AbstractAsyncContextManager[object]:
        """One transaction on this mailbox's database: every ORM statement inside runs in it."""

    def reading(self) -> AbstractAsyncContextManager[object]:
        """A span in which ORM statements read this mailbox's database."""

    async def fault(self, channel: Channel, recipient: str) -> Fault | None:
        """Take (and count) the fault that is due for this recipient, or None. Called outside of any transaction."""

    def wake(self) -> None:
        """Told when a held message got a due time, so that the host's worker looks again."""


class Host(Protocol):
    """All mailboxes of the application."""

    async def mailbox(self, name: str) -> MailboxHost | None:
        """Find a mailbox by the user name that a client gave; None: unknown (SMTP 535, HTTP 401)."""

    async def mailbox_of(self, scope: Scope) -> MailboxHost | None:
        """Find the mailbox that an HTTP request addresses by its path; None: unknown (404)."""
