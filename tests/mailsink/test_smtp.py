"""SMTP over real sockets: mailboxes by sign-in, limits, faults and the stop."""

import asyncio
import base64
import logging
import smtplib

import aiosmtplib
import pytest

from mailsink.host import FaultMode
from mailsink.messages import MessageFilter
from mailsink.sink import Sink
from mailsink.smtp import SmtpServer, serve
from tests.mailsink.conftest import FakeHost, FakeMailbox, make_mail

EVERYTHING = MessageFilter()
SOON_S = 5.0


def client(server: SmtpServer, user: str | None = None, password: str = "x") -> aiosmtplib.SMTP:
    host, port = server.address.rsplit(":", 1)
    return aiosmtplib.SMTP(
        hostname=host,
        port=int(port),
        username=user,
        password=None if user is None else password,
        start_tls=False,
        timeout=SOON_S,
    )


async def send(server: SmtpServer, raw: bytes, *, user: str | None = None, password: str = "x") -> str:
    """Send one mail and tell what the server answered."""
    async with client(server, user, password) as connection:
        _, answer = await connection.sendmail("no-reply@peserta.test", ["siti@peserta.test"], raw)
    return answer


async def talk(server: SmtpServer, *lines: bytes) -> list[bytes]:
    """Send raw lines one after another and tell the first line of each answer, the greeting first."""
    host, port = server.address.rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    answers = [await reader.readline()]
    for line in lines:
        writer.write(line + b"\r\n")
        answer = first = await reader.readline()
        while answer[3:4] == b"-":
            answer = await reader.readline()
        answers.append(first)
    writer.close()
    await writer.wait_closed()
    return answers


async def test_mail_without_sign_in_arrives_in_main(sink: Sink, smtp: SmtpServer, main: FakeMailbox) -> None:
    answer = await send(smtp, make_mail(html="<p>Halo</p>"))

    found = await sink.find(main, EVERYTHING)
    assert [message.id for message in found] == [answer.removeprefix("2.0.0 Ok: ")]
    assert found[0].to == ("siti@peserta.test",)
    assert found[0].link == "http://127.0.0.1:8400/activate?token=abc"
    assert found[0].raw_url == f"http://127.0.0.1:8400/inbox/messages/{found[0].id}/raw"


async def test_extensions_are_announced(smtp: SmtpServer) -> None:
    async with client(smtp) as connection:
        await connection.ehlo()

        assert connection.esmtp_extensions == {
            "size": "26214400",
            "8bitmime": "",
            "smtputf8": "",
            "auth": "LOGIN PLAIN",
            "help": "",
        }


@pytest.mark.parametrize("mechanism", ["plain", "login"])
async def test_user_name_names_the_mailbox(
    sink: Sink, smtp: SmtpServer, host: FakeHost, main: FakeMailbox, mechanism: str
) -> None:
    async with client(smtp) as connection:
        await connection.ehlo()
        await getattr(connection, f"auth_{mechanism}")("other", "anything")
        await connection.sendmail("a@peserta.test", ["siti@peserta.test"], make_mail())

    assert await sink.count(host.mailboxes["other"], EVERYTHING) == 1
    assert await sink.count(main, EVERYTHING) == 0


async def test_unknown_mailbox_is_535_and_takes_nothing(sink: Sink, smtp: SmtpServer, main: FakeMailbox) -> None:
    with pytest.raises(aiosmtplib.SMTPAuthenticationError) as refusal:
        await send(smtp, make_mail(), user="nobody")

    assert refusal.value.code == 535
    assert await sink.count(main, EVERYTHING) == 0


async def test_blocking_client_of_the_standard_library_works(sink: Sink, smtp: SmtpServer, main: FakeMailbox) -> None:
    def run() -> None:
        host, port = smtp.address.rsplit(":", 1)
        with smtplib.SMTP(host, int(port), timeout=SOON_S) as connection:
            connection.login("main", "anything")
            connection.sendmail("a@peserta.test", ["siti@peserta.test", "budi@peserta.test"], make_mail())

    await asyncio.to_thread(run)

    found = await sink.find(main, MessageFilter(to="budi@peserta.test"))
    assert [message.to for message in found] == [("siti@peserta.test", "budi@peserta.test")]


async def test_token_makes_sign_in_with_it_necessary(sink: Sink, main: FakeMailbox) -> None:
    server = await serve(sink, port=0, token="rahasia")

    answers = await talk(server, b"EHLO x", b"MAIL FROM:<a@peserta.test>")
    with pytest.raises(aiosmtplib.SMTPAuthenticationError) as refusal:
        await send(server, make_mail(), user="main", password="salah")
    assert await sink.count(main, EVERYTHING) == 0
    await send(server, make_mail(), user="main", password="rahasia")

    assert answers[2].startswith(b"530 ")
    assert refusal.value.code == 535
    assert await sink.count(main, EVERYTHING) == 1
    await server.close()


@pytest.mark.parametrize("announced", [True, False])
async def test_mail_over_the_size_limit_is_552(sink: Sink, main: FakeMailbox, announced: bool) -> None:
    server = await serve(sink, port=0, max_mail_bytes=10_000)
    raw = make_mail(text="x" * 70 + "\n" + ("y" * 70 + "\n") * 200)

    async with client(server) as connection:
        await connection.ehlo()
        with pytest.raises(aiosmtplib.SMTPResponseException) as refusal:
            await connection.mail("a@peserta.test", options=[f"size={len(raw)}"] if announced else [])
            await connection.rcpt("siti@peserta.test")
            await connection.data(raw)

    assert refusal.value.code == 552
    assert await sink.count(main, EVERYTHING) == 0
    await server.close()


async def test_recipient_101_is_refused(smtp: SmtpServer) -> None:
    recipients = [b"RCPT TO:<p%d@peserta.test>" % number for number in range(101)]

    answers = await talk(smtp, b"EHLO x", b"MAIL FROM:<a@peserta.test>", *recipients)

    assert answers[-2].startswith(b"250 ")
    assert answers[-1].startswith(b"452 ")


async def test_one_connection_too_many_is_421(sink: Sink) -> None:
    server = await serve(sink, port=0, max_connections=2)

    async with client(server), client(server):
        assert (await talk(server))[0].startswith(b"421 ")
    await server.close()


async def test_idle_connection_is_closed(sink: Sink) -> None:
    server = await serve(sink, port=0, idle_s=0.05)
    host, port = server.address.rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))

    async with asyncio.timeout(SOON_S):
        assert (await reader.read()).startswith(b"220 ")
    writer.close()
    await server.close()


@pytest.mark.parametrize(("status_code", "answered"), [(None, 451), (550, 550), (200, 451)])
async def test_refused_mail_gets_the_code_of_the_fault(
    sink: Sink, smtp: SmtpServer, main: FakeMailbox, status_code: int | None, answered: int
) -> None:
    main.inject(FaultMode.REJECT, status_code=status_code)

    with pytest.raises(aiosmtplib.SMTPDataError) as refusal:
        await send(smtp, make_mail())

    assert refusal.value.code == answered
    assert await sink.count(main, EVERYTHING) == 0


@pytest.mark.parametrize("mode", [FaultMode.DISCONNECT, FaultMode.TIMEOUT])
async def test_cut_mail_loses_its_connection_and_the_next_one_arrives(
    sink: Sink, smtp: SmtpServer, main: FakeMailbox, mode: FaultMode
) -> None:
    main.inject(mode)

    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await send(smtp, make_mail())
    assert await sink.count(main, EVERYTHING) == 0
    await send(smtp, make_mail())

    assert await sink.count(main, EVERYTHING) == 1


async def test_failing_store_is_451_without_the_reason(
    sink: Sink, smtp: SmtpServer, main: FakeMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError("kode 123456")

    monkeypatch.setattr(main, "now", broken)

    with pytest.raises(aiosmtplib.SMTPDataError) as refusal:
        await send(smtp, make_mail())

    assert (refusal.value.code, refusal.value.message) == (451, "4.3.0 The mail could not be stored, try again")


async def test_no_log_line_holds_mail_or_password(smtp: SmtpServer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        await send(smtp, make_mail(text="Kode OTP Anda 123456."), user="main", password="rahasia")

    assert "123456" not in caplog.text
    assert "rahasia" not in caplog.text
    assert base64.b64encode(b"rahasia").decode() not in caplog.text


async def test_stop_ends_idle_clients_and_finishes_mail_under_way(sink: Sink, main: FakeMailbox) -> None:
    server = await serve(sink, port=0)
    idle, busy = client(server), client(server)
    await idle.connect()
    await busy.connect()
    await busy.ehlo()
    await busy.mail("a@peserta.test")
    await busy.rcpt("siti@peserta.test")
    sending = asyncio.create_task(busy.data(make_mail()))
    await asyncio.wait_for(main.delivering.wait(), SOON_S)
    clock = asyncio.get_running_loop().time

    started = clock()
    await server.close()

    assert clock() - started < 0.5
    assert (await sending)[0] == 250
    assert await sink.count(main, EVERYTHING) == 1
    with pytest.raises((aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPResponseException)):
        await idle.noop()
    idle.close()
    busy.close()


async def test_client_stuck_in_data_does_not_hold_the_stop(sink: Sink, main: FakeMailbox) -> None:
    server = await serve(sink, port=0)
    host, port = server.address.rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    for line in (b"EHLO x", b"MAIL FROM:<a@peserta.test>", b"RCPT TO:<b@peserta.test>", b"DATA"):
        writer.write(line + b"\r\n")
    async with asyncio.timeout(SOON_S):
        while not (await reader.readline()).startswith(b"354 "):
            pass
    clock = asyncio.get_running_loop().time

    started = clock()
    await server.close()

    assert clock() - started < 0.5
    assert await sink.count(main, EVERYTHING) == 0
    writer.close()
