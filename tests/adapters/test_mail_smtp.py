"""Mail over a real socket: what goes over the wire, what a refusal means, how long a connection is kept."""

import asyncio
import email
import email.policy
from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import EmailMessage, Message
from typing import cast

import pytest

from gateway.adapters.mail_smtp import SmtpMailSender
from gateway.domain.message import MessageKind, OutgoingMail
from gateway.ports import DeliveryFailed, MailSender
from tests.adapters.smtp_server import ScriptedSmtp, scripted_smtp
from tests.fakes import FixedClock, RecordingMailSender

MAIL = OutgoingMail(
    message_id="outbox-7.a",
    kind=MessageKind.ACTIVATION,
    to="budi@peserta.test",
    subject="Aktifkan akun — Peserta",
    text="Halo Budi,\n.\nTautan berlaku 24 jam: http://127.0.0.1:8400/activate?token=abc=def\n",
    html="<p>Halo Budi — <a href='http://127.0.0.1:8400/activate?token=abc=def'>aktifkan</a></p>\n",
)


@pytest.fixture
async def server() -> AsyncIterator[ScriptedSmtp]:
    async with scripted_smtp() as script:
        yield script


def sender_to(server: ScriptedSmtp, **settings: float) -> SmtpMailSender:
    return SmtpMailSender(
        host="127.0.0.1",
        port=server.port,
        world_id="w7",
        sender="Peserta <no-reply@peserta.test>",
        clock=FixedClock(),
        **settings,  # type: ignore[arg-type]  # only numbers are given
    )


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=email.policy.default)


def lines(part: Message) -> str:
    return str(cast(EmailMessage, part).get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("kind", ["fake", "real"])
async def test_sent_mail_is_taken_once_and_a_refusal_keeps_nothing(server: ScriptedSmtp, kind: str) -> None:
    fake = RecordingMailSender()
    real = sender_to(server)
    mailer: MailSender = fake if kind == "fake" else real

    await mailer.send(MAIL)
    fake.refusal, server.replies["RCPT"] = DeliveryFailed("full", permanent=False), "452 full"
    with pytest.raises(DeliveryFailed) as caught:
        await mailer.send(MAIL)
    await real.close()

    assert not caught.value.permanent
    assert len(fake.sent if kind == "fake" else server.mails) == 1


async def test_mail_arrives_as_it_was_written(server: ScriptedSmtp) -> None:
    sender = sender_to(server)

    await sender.send(MAIL)
    await sender.close()

    mail = read(server.mails[0].replace(b"\r\n..", b"\r\n."))
    assert mail["To"] == "budi@peserta.test"
    assert mail["From"] == "Peserta <no-reply@peserta.test>"
    assert mail["Subject"] == "Aktifkan akun — Peserta"
    assert mail["Message-ID"] == "<outbox-7.a@peserta.test>"
    assert mail["Date"] == "Mon, 02 Mar 2026 05:00:00 +0000"
    assert mail["X-Peserta-World"] == "w7"
    assert mail["X-Peserta-Kind"] == "ACTIVATION"
    assert mail.get_content_type() == "multipart/alternative"
    text, html = mail.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert lines(text) == MAIL.text
    assert lines(html) == MAIL.html
    assert mail.defects == []
    assert max(len(line) for line in server.mails[0].split(b"\r\n")) <= 998


async def test_login_names_the_world(server: ScriptedSmtp) -> None:
    sender = sender_to(server)

    await sender.send(MAIL)
    await sender.close()

    assert server.commands[:5] == [
        "EHLO localhost",
        "AUTH PLAIN AHc3AHc3",
        "MAIL FROM:<no-reply@peserta.test>",
        "RCPT TO:<budi@peserta.test>",
        "DATA",
    ]


async def test_server_without_auth_gets_none(server: ScriptedSmtp) -> None:
    server.greeting_auth = ""
    sender = sender_to(server)

    await sender.send(MAIL)
    await sender.close()

    assert len(server.mails) == 1
    assert not [command for command in server.commands if command.startswith("AUTH")]


async def test_address_beyond_ascii_asks_for_smtputf8(server: ScriptedSmtp) -> None:
    sender = sender_to(server)

    await sender.send(replace(MAIL, to="bëdi@peserta.test"))
    await sender.close()

    assert "MAIL FROM:<no-reply@peserta.test> SMTPUTF8" in server.commands
    assert "RCPT TO:<bëdi@peserta.test>" in server.commands


async def test_line_breaks_add_no_header_and_no_command(server: ScriptedSmtp) -> None:
    sender = sender_to(server)

    await sender.send(replace(MAIL, subject="Halo\r\nBcc: a@b.test\r\n\r\nisi"))
    with pytest.raises(DeliveryFailed) as caught:
        await sender.send(replace(MAIL, to="budi@peserta.test>\r\nRCPT TO:<a@b.test"))
    await sender.close()

    assert read(server.mails[0])["Subject"] == "Halo Bcc: a@b.test isi"
    assert read(server.mails[0])["Bcc"] is None
    assert caught.value.permanent
    assert len(server.mails) == 1
    assert not [command for command in server.commands if "a@b.test" in command]


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "CONTENT"])
@pytest.mark.parametrize(("reply", "permanent"), [("451 later, budi@peserta.test", False), ("550 no 123456", True)])
async def test_refusal_of_the_mail_says_whether_to_try_again(
    server: ScriptedSmtp, verb: str, reply: str, permanent: bool
) -> None:
    server.replies[verb] = reply
    sender = sender_to(server)

    with pytest.raises(DeliveryFailed) as caught:
        await sender.send(MAIL)
    await sender.close()

    assert caught.value.permanent is permanent
    assert str(caught.value) == f"the mail server answered {reply[:3]}"
    assert server.mails == []


async def test_mail_goes_out_on_a_new_connection_after_a_refusal(server: ScriptedSmtp) -> None:
    server.replies["RCPT"] = "451 later"
    sender = sender_to(server)
    with pytest.raises(DeliveryFailed):
        await sender.send(MAIL)

    del server.replies["RCPT"]
    await sender.send(MAIL)
    await sender.close()

    assert len(server.mails) == 1
    assert server.connections == 2


async def test_unknown_world_is_no_fault_of_the_mail(server: ScriptedSmtp) -> None:
    server.replies["AUTH"] = "535 unknown world"
    sender = sender_to(server)

    with pytest.raises(DeliveryFailed) as caught:
        await sender.send(MAIL)
    await sender.close()

    assert not caught.value.permanent
    assert str(caught.value) == "the mail server refused the connection with 535"


async def test_many_mails_share_one_connection_in_turn(server: ScriptedSmtp) -> None:
    sender = sender_to(server)

    await asyncio.gather(*(sender.send(replace(MAIL, message_id=f"m{number}")) for number in range(16)))
    await sender.close()

    assert server.connections == 1
    assert {read(mail)["Message-ID"] for mail in server.mails} == {f"<m{n}@peserta.test>" for n in range(16)}
    assert len(server.mails) == 16


async def test_connection_that_the_server_ended_is_replaced_unseen(server: ScriptedSmtp) -> None:
    sender = sender_to(server)
    await sender.send(MAIL)

    server.hang_up()
    await sender.send(replace(MAIL, message_id="second"))
    await sender.close()

    assert len(server.mails) == 2
    assert server.connections == 2


async def test_hang_up_while_the_mail_is_taken_is_not_hidden(server: ScriptedSmtp) -> None:
    sender = sender_to(server)
    await sender.send(MAIL)
    server.replies["CONTENT"] = None

    with pytest.raises(DeliveryFailed) as caught:
        await sender.send(replace(MAIL, message_id="second"))
    await sender.close()

    assert not caught.value.permanent
    assert len(server.mails) == 1
    assert server.connections == 1


async def test_idle_connection_is_dropped(server: ScriptedSmtp) -> None:
    sender = sender_to(server, idle_s=0.01)
    await sender.send(MAIL)

    async with asyncio.timeout(2):
        await server.writers[0].wait_closed()

    await sender.send(replace(MAIL, message_id="second"))
    await sender.close()
    assert server.connections == 2


async def test_silent_server_is_given_up_after_the_timeout(server: ScriptedSmtp) -> None:
    server.replies["DATA"] = ""
    sender = sender_to(server, timeout_s=0.05)

    async with asyncio.timeout(2):
        with pytest.raises(DeliveryFailed, match="in time") as caught:
            await sender.send(MAIL)
    await sender.close()

    assert not caught.value.permanent


async def test_server_that_is_down_is_worth_another_try() -> None:
    async with scripted_smtp() as gone:
        pass

    with pytest.raises(DeliveryFailed, match="cannot be reached") as caught:
        await sender_to(gone).send(MAIL)

    assert not caught.value.permanent


async def test_cancelled_send_leaves_a_usable_sender(server: ScriptedSmtp) -> None:
    server.replies["DATA"] = ""
    sender = sender_to(server)
    sending = asyncio.create_task(sender.send(MAIL))
    async with asyncio.timeout(2):
        await server.silent.wait()

    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    server.replies.clear()
    await sender.send(MAIL)
    await sender.close()

    assert len(server.mails) == 1
