"""`python -m mailsink` as a process: ready line, durability, clean end, refusals to start and to serve strangers."""

import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import httpx
import pytest

from tests.mailsink.conftest import make_mail

SOON_S = 15.0


@dataclass
class Running:
    """A started process and what its ready line says."""

    process: "subprocess.Popen[str]"
    inbox: str
    smtp: str
    sms: str

    def send(self, raw: bytes, user: str | None = None) -> None:
        with self.connect() as connection:
            if user is not None:
                connection.login(user, "anything")
            connection.sendmail("a@peserta.test", ["siti@peserta.test"], raw)

    def connect(self) -> smtplib.SMTP:
        host, port = self.smtp.rsplit(":", 1)
        return smtplib.SMTP(host, int(port), timeout=SOON_S)


Start = Callable[..., Running]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start the command on free ports with one data folder per test; what still runs at the end is ended."""
    started: list[subprocess.Popen[str]] = []

    def run(*more: str) -> Running:
        command = [sys.executable, "-m", "mailsink", "--port", "0", "--smtp-port", "0", "--data", str(tmp_path / "d")]
        process = subprocess.Popen([*command, *more], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        ready = json.loads(cast(IO[str], process.stdout).readline())
        assert (ready["event"], ready["pid"]) == ("ready", process.pid)
        return Running(process, ready["inbox"], ready["smtp"], ready["sms"])

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=SOON_S)


@pytest.mark.e2e
def test_mail_that_was_answered_with_250_survives_kill_9(start: Start) -> None:
    running = start()
    for number in range(20):
        running.send(make_mail(subject=f"Pesan {number}", message_id=f"<{number}@peserta.test>"))
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait(SOON_S)

    again = start()
    page = httpx.get(again.inbox).text
    again.send(make_mail(message_id="<0@peserta.test>"))

    assert [number for number in range(20) if f">Pesan {number}</a>" not in page] == []
    assert '<span data-testid="inbox-count">20</span>' in httpx.get(again.inbox).text


@pytest.mark.e2e
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_end_is_clean_and_quick_with_clients_connected(start: Start, number: signal.Signals) -> None:
    running = start()
    with httpx.Client() as http:
        http.get(running.inbox)
        idle = running.connect()
        idle.noop()

        began = time.monotonic()
        running.process.send_signal(number)
        _, errors = running.process.communicate(timeout=SOON_S)

    assert time.monotonic() - began < 2
    assert (running.process.returncode, errors) == (0, "")
    idle.close()


@pytest.mark.e2e
def test_mailboxes_are_apart_by_user_name_and_by_address(start: Start) -> None:
    running = start()
    running.send(make_mail(subject="Untuk tim a"), user="tim-a")
    sms = {"to": "0840000001", "text": "Kode OTP Anda 123456."}

    assert httpx.post(running.inbox + "w/tim-a/sms", json=sms).status_code == 201
    assert httpx.post(running.sms, json=sms, auth=("Tidak Sah", "x")).status_code == 401
    with pytest.raises(smtplib.SMTPAuthenticationError) as refusal:
        running.send(make_mail(), user="Tidak Sah")

    assert refusal.value.smtp_code == 535
    page = httpx.get(running.inbox + "w/tim-a").text
    assert "Untuk tim a" in page
    assert 'href="/w/tim-a/messages/m1?lang=id"' in page
    assert '<span data-testid="inbox-count">0</span>' in httpx.get(running.inbox).text


@pytest.mark.e2e
def test_page_of_another_site_cannot_reach_it(start: Start) -> None:
    running = start()
    sms = {"to": "0840000001", "text": "x"}
    own = running.inbox.rstrip("/")

    assert httpx.get(running.inbox, headers={"Host": "evil.test"}).status_code == 421
    for origin in ("https://evil.test", "null", own + ".evil.test", "http://localhost:1"):
        assert httpx.post(running.sms, json=sms, headers={"Origin": origin}).status_code == 403
    assert '<span data-testid="inbox-count">0</span>' in httpx.get(running.inbox).text
    assert httpx.post(running.sms, json=sms, headers={"Origin": own}).status_code == 201


def refusal_of(*arguments: str) -> tuple[int, str]:
    """Start the command where it cannot start and tell exit code and what it complained of."""
    ended = subprocess.run(
        [sys.executable, "-m", "mailsink", *arguments], capture_output=True, text=True, timeout=SOON_S, check=False
    )
    assert ended.stdout == ""
    return ended.returncode, ended.stderr


@pytest.mark.e2e
def test_busy_port_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, complaint = refusal_of("--port", port, "--smtp-port", "0", "--data", str(tmp_path))

    assert code == 2
    assert complaint.count("\n") == 1
    assert "ddress already in use" in complaint


@pytest.mark.e2e
def test_unusable_data_folder_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "mailsink.sqlite3").write_text("this is no database, but long enough to be looked at" * 100)

    for folder in (tmp_path / "file", tmp_path):
        code, complaint = refusal_of("--port", "0", "--smtp-port", "0", "--data", str(folder))
        assert (code, complaint.count("\n")) == (2, 1)
        assert complaint.startswith("mailsink could not start: ")


@pytest.mark.e2e
def test_address_that_others_reach_needs_a_token(start: Start) -> None:
    code, complaint = refusal_of("--host", "0.0.0.0", "--port", "0", "--smtp-port", "0")
    assert (code, complaint.count("\n")) == (2, 1)

    running = start("--host", "0.0.0.0", "--token", "rahasia")
    inbox = running.inbox.replace("0.0.0.0", "127.0.0.1")

    assert httpx.get(inbox).status_code == 401
    assert httpx.get(inbox, auth=("main", "rahasia")).status_code == 200
    with pytest.raises(smtplib.SMTPSenderRefused) as refusal:
        running.send(make_mail())
    assert refusal.value.smtp_code == 530
