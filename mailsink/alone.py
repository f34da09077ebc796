"""The sink as an application of its own: one SQLite file for all mailboxes, the real clock and no faults."""

import re
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from mailsink.access import LOCAL_NAMES, LocalOnly
from mailsink.host import DEFAULT_MAILBOX, Fault
from mailsink.messages import Channel
from mailsink.models import AloneDatabase
from mailsink.sink import Sink
from mailsink.sms import create_sms_app
from mailsink.web import create_app

FILE_NAME = "mailsink.sqlite3"
_MAILBOX = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_PREFIX = re.compile(r"/w/([a-z0-9][a-z0-9-]{0,31})(?=/|$)")


@dataclass(frozen=True, slots=True)
class AloneMailbox:
    """One mailbox of the shared file."""

    name: str
    base_url: str
    database: AloneDatabase

    def now(self) -> datetime:
        """The real time."""
        # Alone there is no world to ask; this is the one place where the machine's clock is read.
        return datetime.now(UTC)

    def writing(self) -> AbstractAsyncContextManager[object]:
        """One transaction on the shared file."""
        return self.database.writing()

    def reading(self) -> AbstractAsyncContextManager[object]:
        """A span in which statements reach the shared file."""
        return self.database.reading()

    async def fault(self, channel: Channel, recipient: str) -> Fault | None:  # noqa: ARG002 - the protocol's shape
        """Nothing goes wrong here."""
        return None

    def wake(self) -> None:
        """Nothing is ever held here."""


class AloneHost:
    """Every mailbox named [a-z0-9][a-z0-9-]{0,31} exists; "main" is at the root, the others under /w/{name}."""

    def __init__(self, database: AloneDatabase, url: str) -> None:
        self._database = database
        self._url = url

    @classmethod
    async def open(cls, folder: Path, url: str) -> "AloneHost":
        """Open the store in `folder`; `url` is the address of the web server without a slash at the end.

        Raises: StoreUnavailable (the folder is missing or the file cannot be written).
        """
        return cls(await AloneDatabase.open(folder / FILE_NAME), url)

    async def mailbox(self, name: str) -> AloneMailbox | None:
        """Find a mailbox by name."""
        if _MAILBOX.fullmatch(name) is None:
            return None
        prefix = "" if name == DEFAULT_MAILBOX else f"/w/{name}"
        return AloneMailbox(name, self._url + prefix, self._database)

    async def mailbox_of(self, scope: Scope) -> AloneMailbox | None:
        """Find the mailbox that the mount names: "/w/{name}", or the default one."""
        named = _PREFIX.match(scope.get("root_path", ""))
        return await self.mailbox(named[1] if named else DEFAULT_MAILBOX)

    async def close(self) -> None:
        """Close the file."""
        await self._database.close()


def create_alone_app(sink: Sink, host: AloneHost, *, token: str | None, names: frozenset[str] = LOCAL_NAMES) -> ASGIApp:
    """Put the inbox at `/` and the SMS gateway at `/sms`; the same under `/w/{name}` for any other mailbox."""
    inbox, sms = create_app(sink, host, token=token), create_sms_app(sink, host, token=token)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError("This application serves HTTP only.")
        named = _PREFIX.match(scope["path"])
        root = named[0] if named else ""
        is_sms = scope["path"][len(root) :] in ("/sms", "/sms/")
        await (sms if is_sms else inbox)({**scope, "root_path": f"{root}/sms" if is_sms else root}, receive, send)

    return LocalOnly(app, names)
