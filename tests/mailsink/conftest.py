"""Fakes of a host for mailsink, on a SQLite file: mailboxes whose clock tests move and whose faults they inject."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest
from starlette.types import Scope

from mailsink.host import Fault, FaultMode
from mailsink.messages import Channel
from mailsink.models import AloneDatabase
from mailsink.sink import Sink
from mailsink.smtp import SmtpServer, serve

START = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@dataclass
class FakeMailbox:
    """A mailbox whose time and faults are in the test's hand."""

    name: str
    database: AloneDatabase
    base_url: str = "http://127.0.0.1:8400/inbox"
    time: datetime = START
    faults: list[Fault] = field(default_factory=list)
    asked: list[tuple[Channel, str]] = field(default_factory=list)
    wakes: int = 0
    delivering: asyncio.Event = field(default_factory=asyncio.Event)

    def now(self) -> datetime:
        return self.time

    def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def inject(self, mode: FaultMode, *, delay_s: float = 0, status_code: int | None = None) -> None:
        self.faults.append(Fault(mode, delay_s, status_code))

    def writing(self) -> AbstractAsyncContextManager[object]:
        return self.database.writing()

    def reading(self) -> AbstractAsyncContextManager[object]:
        return self.database.reading()

    async def fault(self, channel: Channel, recipient: str) -> Fault | None:
        self.asked.append((channel, recipient))
        self.delivering.set()
        return self.faults.pop(0) if self.faults else None

    def wake(self) -> None:
        self.wakes += 1


@dataclass
class FakeHost:
    """A host with the mailboxes "main" and "other"; the first path segment "/w/{name}" addresses one."""

    mailboxes: dict[str, FakeMailbox]

    async def mailbox(self, name: str) -> FakeMailbox | None:
        return self.mailboxes.get(name)

    async def mailbox_of(self, scope: Scope) -> FakeMailbox | None:
        return self.mailboxes.get(scope.get("root_path", "").removeprefix("/w/").split("/")[0] or "main")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[AloneDatabase]:
    opened = await AloneDatabase.open(tmp_path / "sink.sqlite3")
    yield opened
    await opened.close()


@pytest.fixture
def host(database: AloneDatabase) -> FakeHost:
    other = FakeMailbox("other", database, base_url="http://127.0.0.1:8400/w/other/inbox")
    return FakeHost({"main": FakeMailbox("main", database), "other": other})


@pytest.fixture
def main(host: FakeHost) -> FakeMailbox:
    return host.mailboxes["main"]


@pytest.fixture
async def sink(host: FakeHost) -> AsyncIterator[Sink]:
    made = Sink(host, max_waiters=300)
    yield made
    await made.close()


@pytest.fixture
async def smtp(sink: Sink) -> AsyncIterator[SmtpServer]:
    server = await serve(sink, port=0)
    yield server
    await server.close()


def make_mail(
    *,
    to: str = "siti@peserta.test",
    subject: str = "Aktivasi akun",
    text: str = "Buka http://127.0.0.1:8400/activate?token=abc untuk aktivasi. Berlaku 24 jam.",
    html: str | None = None,
    message_id: str | None = None,
    kind: str | None = None,
) -> bytes:
    """A mail as it goes over the wire."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Peserta <no-reply@peserta.test>", to, subject
    if message_id is not None:
        mail["Message-ID"] = message_id
    if kind is not None:
        mail["X-Peserta-Kind"] = kind
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    return mail.as_bytes(policy=SMTP)


async def deliver(sink: Sink, mailbox: FakeMailbox, raw: bytes | None = None, to: str = "siti@peserta.test") -> str:
    """Hand one mail to the sink and tell the id that it got."""
    receipt = await sink.accept_mail(
        mailbox, sender="no-reply@peserta.test", recipients=[to], raw=make_mail(to=to) if raw is None else raw
    )
    return receipt.id


async def text_to(
    sink: Sink, mailbox: FakeMailbox, text: str = "Kode OTP Anda 123456.", to: str = "+62840000001", **more: str
) -> str:
    """Hand one SMS to the sink and tell the id that it got."""
    return (await sink.accept_sms(mailbox, sender="PESERTA", to=to, text=text, **more)).id
