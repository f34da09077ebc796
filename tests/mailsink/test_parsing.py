"""Mail and SMS as bytes: what is read, and that nothing that anyone sends can crash the reader."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailsink.errors import InvalidSms
from mailsink.parsing import MAX_SMS_CHARS, Part, Sms, attachment_of, parse_mail, read_sms
from tests.mailsink.conftest import make_mail

NESTED = b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (level, level) for level in range(1000)
)
HOSTILE = {
    "empty": b"",
    "nul bytes": b"Subject: a\0b\r\n\r\nc\0d",
    "no headers": b"just text",
    "only headers": b"Subject: x",
    "lone boundary": b"Content-Type: multipart/mixed\r\n\r\n--\r\n",
    "thousand nested parts": NESTED,
    "unknown charset": b"Content-Type: text/plain; charset=klingon\r\n\r\nnuqneH \xff",
    "charset is no text codec": b"Content-Type: text/plain; charset=zlib_codec\r\n\r\nabc",
    "charset of quadratic cost": b"Content-Type: text/plain; charset=punycode\r\n\r\n" + b"a" * 10_000,
    "charset with a NUL": b'Content-Type: text/plain; charset="a\0b"\r\n\r\nabc',
    "bad base64": b"Content-Transfer-Encoding: base64\r\n\r\n!!!=",
    "bad quoted-printable": b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=",
    "bad encoded word": b"Subject: =?utf-8?b?!!!?= =?x?q?=\r\n\r\n",
    "raw 8-bit header": "Subject: Aktivasi – é\r\n\r\nx".encode(),
    "very long header": b"Subject: " + b"a" * 100_000 + b"\r\n\r\nx",
    "surrogate in utf-16": b"Content-Type: text/plain; charset=utf-16\r\n\r\n\x00\xd8",
    "broken parameter": b"Content-Type: text/plain; name*0*=utf-8''%ZZ; name*2=x\r\n\r\nx",
    "broken disposition": b"Content-Disposition: attachment; filename*=bogus'%'x\r\n\r\nx",
    "folded nowhere": b"Subject:\r\n \r\n \r\n\r\nx",
}


def test_parts_of_a_mail_are_read() -> None:
    raw = make_mail(subject="Aktivasi – é", html="<p>Halo</p>", message_id="<a@peserta.test>", kind="ACTIVATION")

    content = parse_mail(raw, "bounce@peserta.test")

    assert (content.subject, content.message_id) == ("Aktivasi – é", "<a@peserta.test>")
    assert content.sender == "Peserta <no-reply@peserta.test>"
    assert content.text.startswith("Buka http://127.0.0.1:8400/activate?token=abc untuk")
    assert (content.html, content.parts) == ("<p>Halo</p>\n", ())
    assert content.headers["x-peserta-kind"] == "ACTIVATION"


def test_attachments_are_listed_and_taken_out_decoded() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/pdf\r\n"
        b"Content-Disposition: attachment; filename*=utf-8''kartu%20%C3%A9.pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\nJVBERg==\r\n--b\r\nContent-Type: image/png\r\n"
        b"Content-ID: <logo>\r\n\r\nPNG\r\n--b\r\nContent-Type: text/csv\r\n"
        b'Content-Disposition: attachment; filename="../../etc/passwd"\r\n\r\na,b\r\n--b--\r\n'
    )

    content = parse_mail(raw, "a@peserta.test")

    assert content.text == "text"
    assert content.parts == (
        Part(1, "kartu é.pdf", "application/pdf", 4),
        Part(2, "lampiran-2", "image/png", 3),
        Part(3, ".._.._etc_passwd", "text/csv", 3),
    )
    assert attachment_of(raw, 1) == (content.parts[0], b"%PDF")
    assert attachment_of(raw, 4) is None


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_is_read_as_well_as_can_be(name: str) -> None:
    content = parse_mail(HOSTILE[name], "a@peserta.test")

    for text in (content.text, content.subject or "", content.sender):
        assert "\0" not in text
        text.encode()
    assert attachment_of(HOSTILE[name], 99) is None


def test_raw_8_bit_header_is_utf_8() -> None:
    assert parse_mail(HOSTILE["raw 8-bit header"], "").subject == "Aktivasi – é"


@settings(max_examples=300)
@given(st.binary(max_size=2000))
def test_any_bytes_are_read_without_a_crash(raw: bytes) -> None:
    parse_mail(raw, "a@peserta.test")


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(
            [
                b"Content-Type: multipart/mixed; boundary=b\r\n",
                b"Content-Type: text/html; charset=utf-8\r\n",
                b"Content-Type: message/rfc822\r\n",
                b"Content-Transfer-Encoding: base64\r\n",
                b"Content-Disposition: attachment; filename=x\r\n",
                b"\r\n",
                b"--b\r\n",
                b"--b--\r\n",
                b"Subject: =?utf-8?q?=C3=A9?=\r\n",
                b"\xff\xfe\x00 text\r\n",
                b" folded\r\n",
            ]
        ),
        max_size=40,
    )
)
def test_any_order_of_mime_pieces_is_read_without_a_crash(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)

    content = parse_mail(raw, "a@peserta.test")

    for part in content.parts:
        assert attachment_of(raw, part.number) is not None


def test_sms_is_read_with_its_defaults() -> None:
    assert read_sms(b'{"to": "0840000001", "text": "Halo"}') == Sms("+62840000001", "SMS", "Halo", None, None)


@pytest.mark.parametrize(
    ("raw", "status_code", "code"),
    [
        (b"", 400, "INVALID_JSON"),
        (b"{", 400, "INVALID_JSON"),
        (b'{"to": "\\ud800"}', 400, "INVALID_JSON"),
        (b"[" * 60_000, 400, "INVALID_JSON"),
        (b"[]", 422, "INVALID_BODY"),
        (b'{"text": "x"}', 422, "INVALID_FIELD"),
        (b'{"to": "0840000001"}', 422, "INVALID_FIELD"),
        (b'{"to": 840000001, "text": "x"}', 422, "INVALID_FIELD"),
        (b'{"to": "0840000001", "text": "x", "id": 5}', 422, "INVALID_FIELD"),
        (b'{"to": "siti@peserta.test", "text": "x"}', 422, "INVALID_RECIPIENT"),
        (b'{"to": "0840000001", "text": "%s"}' % (b"x" * (MAX_SMS_CHARS + 1)), 413, "TEXT_TOO_LONG"),
        (b'{"to": "0840000001", "text": "x", "id": "%s"}' % (b"x" * 251), 413, "ID_TOO_LONG"),
    ],
)
def test_wrong_sms_is_refused_with_its_code(raw: bytes, status_code: int, code: str) -> None:
    with pytest.raises(InvalidSms) as refusal:
        read_sms(raw)

    assert (refusal.value.status_code, refusal.value.code) == (status_code, code)
