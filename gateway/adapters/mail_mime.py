"""Writes a mail as bytes for SMTP. It knows MIME and nothing of connections."""

from binascii import b2a_qp
from datetime import datetime
from email.header import Header
from email.utils import format_datetime
from typing import Final

from gateway.domain.message import OutgoingMail

# "=_" cannot occur in quoted-printable text, so the boundary needs no search (source: RFC 2045 section 6.7). It is the
# same in every mail, because readers compile a pattern of it, which takes longer than the rest of their work.
_BOUNDARY: Final = "=_peserta_part"


def write_mail(mail: OutgoingMail, *, world_id: str, sender: str, sent_at: datetime) -> bytes:
    """The mail as multipart/alternative, text first, both parts quoted-printable, lines ending with CRLF.

    Written by hand: the standard library's message objects take five times as long. Header values lose their line
    breaks, so that nothing typed by a person can add a header. Source: RFC 5322, RFC 2046 section 5.1.4.
    """
    header = (
        ("From", sender),
        ("To", _one_line(mail.to)),
        ("Subject", _subject(mail.subject)),
        ("Date", format_datetime(sent_at)),
        ("Message-ID", _message_id(mail.message_id, sender)),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative; boundary="{_BOUNDARY}"'),
        ("Auto-Submitted", "auto-generated"),
        ("X-Peserta-World", world_id),
        ("X-Peserta-Kind", mail.kind.value),
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in header).encode()
    cut = f"\r\n--{_BOUNDARY}".encode()
    return b"".join((head, cut, _part("plain", mail.text), cut, _part("html", mail.html), cut, b"--\r\n"))


def _part(subtype: str, body: str) -> bytes:
    head = f"\r\nContent-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    lines = body.replace("\r\n", "\n").replace("\n", "\r\n")
    return head.encode() + b2a_qp(lines.encode("utf-8", "replace"), istext=True)


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _subject(subject: str) -> str:
    line = _one_line(subject)
    return line if line.isascii() else Header(line, "utf-8").encode(linesep="\r\n")


def _message_id(message_id: str, sender: str) -> str:
    bare = _one_line(message_id).strip("<>")
    return f"<{bare}>" if "@" in bare else f"<{bare}@{sender.rpartition('@')[2].strip('>')}>"
