"""What a file is, told by its bytes and never by its name, and whether something in it could do harm.

Nothing here paints a picture or runs a page: only heads, sizes and names inside are read, within bounds.
"""

import re
import zlib
from typing import Final

JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
PDF: Final = "application/pdf"
# 40 million pixels are four times what a phone's scan of a page has. Source: assumed for the sandbox.
MOST_PIXELS: Final = 40_000_000
MOST_SIDE: Final = 20_000
# What all packed parts of a PDF may grow to while they are looked through. Source: assumed for the sandbox.
MOST_UNPACKED_BYTES: Final = 64 * 1024 * 1024

_PNG_HEAD: Final = b"\x89PNG\r\n\x1a\n"
_PNG_CHUNK_HEAD: Final = 8
_PNG_CHUNK_EXTRA: Final = 12
# Names that make a reader run, open, send or unpack something. Source: PDF 32000-1:2008 sections 12.6 and 7.11.4.
_ACTIVE: Final = re.compile(
    rb"/(?:JavaScript|JS|Launch|OpenAction|AA|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE|GoToR|Encrypt)"
    rb"(?![A-Za-z0-9])"
)
_ESCAPED: Final = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM: Final = re.compile(rb">>\s*stream\r?\n")
_DICTIONARY_BYTES: Final = 512
# Frames of a JPEG that say its size: SOF0 to SOF15 without DHT, JPG and DAC. Source: ITU-T T.81 table B.1.
_SIZE_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_START_OF_SCAN: Final = 0xDA
_LONE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xD9)})


def find_content_type(content: bytes) -> str | None:
    """The type of a file that is taken; None for any other, and for one of ours that is broken or could do harm.

    Refused are pictures of more than 40 million pixels or 20,000 on a side, and PDF files that hold a script, an
    action, another file or a lock. Source: domain notes 2.2 (JPG, PNG, PDF); the bounds are assumed.
    """
    if content.startswith(_PNG_HEAD):
        return PNG if _is_bounded(_png_size(content)) else None
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG if _is_bounded(_jpeg_size(content)) else None
    if content.startswith(b"%PDF-"):
        return PDF if _is_plain_pdf(content) else None
    return None


def _is_bounded(size: tuple[int, int] | None) -> bool:
    if size is None:
        return False
    width, height = size
    return 0 < width <= MOST_SIDE and 0 < height <= MOST_SIDE and width * height <= MOST_PIXELS


def _png_size(content: bytes) -> tuple[int, int] | None:
    """Width and height; None unless chunks follow each other from the head to the end. Source: RFC 2083 section 3."""
    place, size, pictures = len(_PNG_HEAD), None, 0
    while place + _PNG_CHUNK_EXTRA <= len(content):
        length = int.from_bytes(content[place : place + 4], "big")
        kind = content[place + 4 : place + _PNG_CHUNK_HEAD]
        if size is None and (kind != b"IHDR" or length != 13):
            return None
        if kind == b"IHDR":
            start = place + _PNG_CHUNK_HEAD
            size = (
                int.from_bytes(content[start : start + 4], "big"),
                int.from_bytes(content[start + 4 : start + 8], "big"),
            )
        pictures += kind == b"IDAT"
        place += _PNG_CHUNK_EXTRA + length
        if kind == b"IEND":
            return size if pictures and place == len(content) else None
    return None


def _jpeg_size(content: bytes) -> tuple[int, int] | None:
    """Width and height out of the frame before the first scan; None when there is none. Source: ITU-T T.81 annex B."""
    place, size = 2, None
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker = content[place + 1]
        if marker == 0xFF or marker in _LONE_MARKERS:
            place += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(content[place + 2 : place + 4], "big")
        if marker in _SIZE_FRAMES and place + 9 <= len(content):
            height, width = content[place + 5 : place + 7], content[place + 7 : place + 9]
            size = int.from_bytes(width, "big"), int.from_bytes(height, "big")
        if marker == _START_OF_SCAN:
            return size
        place += 2 + max(length, 2)
    return None


def _is_plain_pdf(content: bytes) -> bool:
    """Whether it ends as a PDF does and names nothing active, outside of its streams and in packed objects."""
    if b"%%EOF" not in content[-1024:]:
        return False
    left, outside = MOST_UNPACKED_BYTES, bytearray()
    place = 0
    for start in _STREAM.finditer(content):
        if start.start() < place:
            continue
        outside += content[place : start.start()]
        end = content.find(b"endstream", start.end())
        place = end if end >= 0 else len(content)
        # Pictures and pages are passed over: in their bytes any name turns up by chance.
        if b"/ObjStm" in content[max(start.start() - _DICTIONARY_BYTES, 0) : start.start()]:
            unpacked = _unpack(content[start.end() : place], left)
            left -= len(unpacked)
            if not unpacked or left <= 0 or _is_active(unpacked):
                return False
    return not _is_active(bytes(outside + content[place:]))


def _is_active(text: bytes) -> bool:
    """Names may be written with #xx, so they are read out first; a plain # stays as it is."""
    return bool(_ACTIVE.search(_ESCAPED.sub(lambda code: bytes([int(code[1], 16)]), text)))


def _unpack(packed: bytes, most: int) -> bytes:
    """What a deflated stream holds, at most `most` bytes of it; nothing if it is packed in another way."""
    try:
        return zlib.decompressobj().decompress(packed, most)
    except zlib.error:
        return b""
