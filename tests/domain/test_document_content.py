"""What a file is: told by its bytes, bounded, and never active."""

import zlib

import pytest

from gateway.domain.document import clean_file_name
from gateway.domain.document_content import JPEG, PDF, PNG, find_content_type


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


def png(width: int = 2, height: int = 2, tail: bytes = b"") -> bytes:
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x00\x00\x00\x00"
    rows = zlib.compress(b"\x00\x00\x00" * 2)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND") + tail


def jpeg(width: int = 2, height: int = 2) -> bytes:
    frame = b"\xff\xc0\x00\x0b\x08" + height.to_bytes(2, "big") + width.to_bytes(2, "big") + b"\x01\x01\x11\x00"
    return b"\xff\xd8\xff\xe0\x00\x04JF" + frame + b"\xff\xda\x00\x02" + b"data\xff\xd9"


def pdf(inside: bytes = b"") -> bytes:
    return b"%PDF-1.7\n1 0 obj << /Type /Catalog " + inside + b" >> endobj\ntrailer << >>\n%%EOF\n"


def stream(dictionary: bytes, data: bytes) -> bytes:
    return b">> endobj 2 0 obj << " + dictionary + b" >> stream\n" + data + b"\nendstream endobj 3 0 obj << "


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (png(), PNG),
        (jpeg(), JPEG),
        (pdf(), PDF),
        (png(20_000, 2_000), PNG),
        (png(20_001, 1), None),
        (png(10_000, 10_000), None),
        (png(0, 2), None),
        (jpeg(60_000, 60_000), None),
        (png(tail=b"<script>"), None),
        (png()[:-4], None),
        (png()[:20], None),
        (jpeg()[:12], None),
        (b"", None),
        (b"#!/bin/sh\nrm -rf /", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"MZ\x90\x00", None),
        (b"GIF89a", None),
        (b" %PDF-1.7\n%%EOF", None),
        (b"%PDF-1.7\nno end", None),
    ],
)
def test_the_type_follows_from_the_bytes(content: bytes, wanted: str | None) -> None:
    assert find_content_type(content) == wanted


@pytest.mark.parametrize(
    "inside",
    [
        b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>",
        b"/AA << >>",
        b"/J#61vaScript 5 0 R",
        b"/Names << /EmbeddedFiles 7 0 R >>",
        b"/A << /S /Launch /F (calc.exe) >>",
        b"/Encrypt 9 0 R",
        stream(b"/Type /ObjStm /Filter /FlateDecode", zlib.compress(b"1 0 << /S /JavaScript >>")),
        stream(b"/Type /ObjStm /Filter /LZWDecode", b"cannot be looked into"),
        stream(b"/Type /ObjStm /Filter /FlateDecode", zlib.compress(bytes(65 * 1024 * 1024))),
    ],
)
def test_a_pdf_that_could_do_something_is_refused(inside: bytes) -> None:
    assert find_content_type(pdf(inside)) is None


def test_a_picture_in_a_pdf_may_hold_any_bytes() -> None:
    assert find_content_type(pdf(stream(b"/Subtype /Image", b"\x00/JS \x01/AA \x02"))) == PDF
    assert find_content_type(pdf(stream(b"/Type /ObjStm /Filter /FlateDecode", zlib.compress(b"1 0 << >>")))) == PDF
    assert find_content_type(pdf(b"/JSON 1 /AAA 2")) == PDF


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("ktp.jpg", "ktp.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\budi\\ktp.png", "ktp.png"),
        ('a"b\r\nSet-Cookie: x.pdf', "abSet-Cookie x.pdf"),
        ("", "dokumen"),
        ("...", "dokumen"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_file_name_is_only_a_name(given: str, kept: str) -> None:
    assert clean_file_name(given) == kept
