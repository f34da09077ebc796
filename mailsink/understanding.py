"""Reads a message as a tester would: what kind it is, its code, its link and how long it says that they live.

Every pattern has bounded repeats and the text is cut first, so the work grows with the text's length only.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from itertools import islice

from mailsink.messages import MessageKind

KIND_HEADER = "x-peserta-kind"
MAX_READ_CHARS = 65_536
MAX_LINK_CHARS = 2_048
CODE_REACH_CHARS = 80
CODE_AHEAD_CHARS = 30
MAX_CANDIDATES = 200
LIFE_REACH_CHARS = 60

_LINK = re.compile(r"https?://[^\s<>\"'\\^`{|}\x00-\x20]{1,2048}", re.IGNORECASE)
_HREF = re.compile(r"<a\s[^<>]{0,500}?href\s{0,5}=\s{0,5}[\"']?(https?://[^\s<>\"']{1,2048})", re.IGNORECASE)
_ACTION = re.compile(
    r"token=|activat|aktiv|aktif|verif|confirm|konfirmasi|reset|unlock|buka-kunci|password|sandi", re.IGNORECASE
)
_TAG = re.compile(r"<(?:style|script|head|title)\b[^<>]{0,500}>[^<]{0,20000}|<[^<>]{0,2000}>", re.IGNORECASE)
_NOT_A_CODE = re.compile(
    r"[\w.+-]{1,64}@[\w.-]{1,255}"  # addresses
    # Phones of Indonesia have 9 digits and more, or every code that begins with 08 would be taken for one.
    r"|(?:\+62|\b62|\b0)[ -]?(?=8(?:[ -]?[0-9]){7})8[0-9]{1,11}(?:[ -]?[0-9]{2,5}){0,4}"
    r"|\+[0-9]{1,3}(?:[ -]?[0-9]{2,5}){2,5}"  # phones of elsewhere
    r"|\b[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{2,4}\b"  # dates
    r"|\b[0-9]{1,2}\s(?:jan|feb|mar|apr|mei|may|jun|jul|agu|aug|sep|okt|oct|nov|des|dec)[a-z]{0,8}\s[0-9]{4}\b"
    r"|\b[0-9]{1,2}[:.][0-9]{2}(?:[:.][0-9]{2})?\b"  # times of day
    r"|\brp\.?\s?[0-9][0-9.,]{0,20}"  # money
    r"|\b(?:kode pos|postal code|zip code)\W{0,3}[0-9]{5}"
    r"|\b(?:hubungi|telepon|telp|call|phone|tel)\W{1,3}[0-9]{3,12}",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<![\w+.,*-])(?:[0-9]{4,8}|[0-9]{3}[ -][0-9]{3})(?![\w*]|[.,-][0-9])")
_CODE_WORD = re.compile(
    r"\b(?:kode|code|otp|pin|passcode|kata sandi sekali pakai|one-time password|verifikasi|verification)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.,;:!?\n]")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_LIFE = re.compile(
    r"\b([0-9]{1,4})\s{0,3}(?:\([a-z ]{1,30}\)\s{0,3})?-?"
    r"(detik|seconds?|secs?|menit|minutes?|mins?|jam|hours?|hrs?|hari|days?)\b",
    re.IGNORECASE,
)
_LIFE_WORD = re.compile(
    r"berlaku|kedaluwarsa|kadaluarsa|kadaluwarsa|hangus|valid|expire|within|dalam|selama|habis|hingga|for",
    re.IGNORECASE,
)
_UNIT_S = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_UNITS = {
    "detik": "s",
    "sec": "s",
    "menit": "m",
    "min": "m",
    "jam": "h",
    "hour": "h",
    "hr": "h",
    "hari": "d",
    "day": "d",
}

_LINK_KINDS = (
    (MessageKind.EMAIL_CHANGE, re.compile(r"(?:ubah|ganti|perubahan|change|new|baru).{0,30}e-?mail", re.IGNORECASE)),
    (MessageKind.PASSWORD_RESET, re.compile(r"reset|atur ulang|lupa (?:kata )?sandi|forgot", re.IGNORECASE)),
    (MessageKind.ACTIVATION, re.compile(r"aktivasi|aktifkan|activat|verifikasi e-?mail|verify your", re.IGNORECASE)),
)
_STEP_UP = re.compile(
    r"step-?up|konfirmasi (?:tindakan|perubahan|transaksi)|confirm (?:this|your) action", re.IGNORECASE
)
_CLAIM = re.compile(r"\b(?:klaim|claim)", re.IGNORECASE)
_SECURITY = re.compile(
    r"keamanan|security|terkunci|dikunci|locked|sign-?in baru|masuk baru|new sign-?in|kata sandi.{0,20}diubah"
    r"|password.{0,20}changed",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Understanding:
    """What was read out of a message; `life` is the validity that its text states."""

    kind: MessageKind
    code: str | None
    link: str | None
    life: timedelta | None


def understand(text: str, html: str | None, subject: str | None, headers: Mapping[str, str]) -> Understanding:
    """Read kind, code, first action link and stated life out of a message.

    The kind is what header `X-Peserta-Kind` states (an SMS states it in its field `kind`), else guessed. `headers`
    has lower-case names. A life counts only beside a code or a link. Source: assumed for the sandbox.
    """
    title = (subject or "")[:500]
    body = (text if text.strip() else visible_text(html or ""))[:MAX_READ_CHARS]
    words = f"{title}\n{body}"
    stated = declared_kind(headers.get(KIND_HEADER))
    link = find_link(body) or find_link_in_html(html or "")
    code = find_code(_LINK.sub(" ", words), certain=stated in (MessageKind.OTP, MessageKind.STEP_UP))
    life = find_life(words) if code or link else None
    return Understanding(stated or _guess_kind(title, words, code, link), code, link, life)


def declared_kind(value: str | None) -> MessageKind | None:
    """Read a kind as its sender states it, in any case and with - or _; None if it states none that is known."""
    if value is None:
        return None
    try:
        return MessageKind(value.strip().lower().replace("-", "_"))
    except ValueError:
        return None


def find_code(text: str, *, certain: bool = False) -> str | None:
    """Find the first group of 4-8 digits that is a code, not part of a phone number, date, time or sum.

    It stands up to 80 characters behind a word such as "kode" or "OTP", or shortly before one in the same sentence;
    with `certain` any such group counts. Two groups of three ("123 456") are one code. Returns digits only.
    Source: assumed for the sandbox.
    """
    text = _NOT_A_CODE.sub(lambda match: " " * len(match[0]), text[:MAX_READ_CHARS])
    candidates = list(islice(_CODE.finditer(text), MAX_CANDIDATES))
    words = [match.span() for match in islice(_CODE_WORD.finditer(text), MAX_CANDIDATES)]
    near = [match for match in candidates if any(_belongs(match.span(), word, text) for word in words)]
    for found in (near, candidates if certain else []):
        digits = [re.sub("[^0-9]", "", match[0]) for match in found]
        code = next((d for d in digits if _YEAR.fullmatch(d) is None), None)
        if code is not None:
            return code
    # A code of four digits may look like a year; where a code is certain it is one.
    return re.sub("[^0-9]", "", near[0][0]) if certain and near else None


def _belongs(digits: tuple[int, int], word: tuple[int, int], text: str) -> bool:
    if word[1] <= digits[0]:
        return digits[0] - word[1] <= CODE_REACH_CHARS
    between = word[0] - digits[1]
    return 0 <= between <= CODE_AHEAD_CHARS and _SENTENCE_END.search(text, digits[1], word[0]) is None


def find_link(text: str) -> str | None:
    """Find the first http(s) link that acts (activation, reset, confirmation), else the first one."""
    return _first_action([_trim(match[0]) for match in _LINK.finditer(text[:MAX_READ_CHARS])])


def find_link_in_html(html: str) -> str | None:
    """Find the first http(s) target of an anchor that acts, else the first one."""
    found = _HREF.findall(html[: MAX_READ_CHARS * 4])
    return _first_action([unescape(link) for link in found])


def find_life(text: str) -> timedelta | None:
    """Find the validity that a text states ("5 menit", "24 hours"): the one near a word of validity, else the first."""
    found = list(islice(_LIFE.finditer(text[:MAX_READ_CHARS]), MAX_CANDIDATES))
    if not found:
        return None
    near = (m for m in found if _LIFE_WORD.search(text, max(0, m.start() - LIFE_REACH_CHARS), m.start()))
    match = next(near, found[0])
    unit = next(short for prefix, short in _UNITS.items() if match[2].lower().startswith(prefix))
    return timedelta(seconds=int(match[1]) * _UNIT_S[unit])


def visible_text(html: str) -> str:
    """Take the tags out of HTML, roughly: good enough to read a code in it, not to show it."""
    bare = _TAG.sub(" ", html[: MAX_READ_CHARS * 4])
    return unescape(bare)


def _first_action(links: list[str]) -> str | None:
    return next((link for link in links if _ACTION.search(link)), links[0] if links else None)


def _trim(link: str) -> str:
    link = link.rstrip(".,;:!?*_")
    while link.endswith((")", "]")) and link.count("(") + link.count("[") < link.count(")") + link.count("]"):
        link = link[:-1]
    return link


def _guess_kind(title: str, words: str, code: str | None, link: str | None) -> MessageKind:
    if code is not None:
        return MessageKind.STEP_UP if _STEP_UP.search(words) else MessageKind.OTP
    for text in (title, words):
        if link is not None:
            for kind, pattern in _LINK_KINDS:
                if pattern.search(text):
                    return kind
        if _SECURITY.search(text):
            return MessageKind.SECURITY_NOTICE
        if _CLAIM.search(text):
            return MessageKind.CLAIM_NOTICE
    return MessageKind.OTHER
