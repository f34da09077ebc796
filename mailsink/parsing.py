"""Turns what came in (MIME or the JSON of an SMS) into text, HTML and attachment metadata. Pure; bad mail never raises.

The raw bytes stay the truth: whatever cannot be read here is still stored and served as it came.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message as MimeMessage
from email.parser import BytesParser

import orjson

from mailsink.errors import InvalidSms
from mailsink.messages import clean_text, normalise_recipient

MAX_PARTS = 200
MAX_MULTIPARTS = 100
MAX_TEXT_CHARS = 1_048_576
MAX_HTML_CHARS = 5_242_880
MAX_HEADER_CHARS = 2_000
MAX_MESSAGE_ID_CHARS = 250
MAX_FILE_NAME_CHARS = 200
MAX_SMS_CHARS = 1_600
MAX_ADDRESS_CHARS = 320

_MULTIPART = re.compile(rb"multipart/", re.IGNORECASE)
_HEADER_END = re.compile(rb"\r?\n\r?\n")
_BLANKS = re.compile(r"\s{1,1000}")
_HEADERS = frozenset({"from", "subject", "message-id", "x-peserta-kind"})
_PHONE = re.compile(r"\+[0-9]{6,15}")
# These codecs of Python take quadratic time or are no text encodings of mail; such a part is read as UTF-8.
_REFUSED_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"})


@dataclass(frozen=True, slots=True)
class Part:
    """One attachment inside a mail; `number` counts from 1 in the order of the mail."""

    number: int
    file_name: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class Content:
    """A mail or SMS, read. `headers` has lower-case names and only what understanding needs."""

    sender: str
    subject: str | None
    text: str
    html: str | None
    parts: tuple[Part, ...]
    message_id: str | None
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sms:
    """A short message as the gateway accepted it; `id` is the sender's own and makes a repeat recognisable."""

    to: str
    sender: str
    text: str
    kind: str | None
    id: str | None

    def as_raw(self) -> bytes:
        """Write it as the JSON that is stored as its raw form."""
        fields = {"to": self.to, "from": self.sender, "text": self.text, "kind": self.kind, "id": self.id}
        return orjson.dumps({name: value for name, value in fields.items() if value is not None})


def read_sms(raw: bytes) -> Sms:
    """Read the JSON object {to, from?, text, kind?, id?} of an SMS.

    At most 1,600 characters of text (ten segments), `to` a phone number of 6-15 digits. Source: E.164 for the
    number, assumed for the sandbox for the length.
    Raises: InvalidSms (400 not JSON, 413 too long, 422 a field is missing or wrong).
    """
    try:
        fields = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise InvalidSms(400, "INVALID_JSON", "The request body is not valid JSON.") from None
    if not isinstance(fields, dict):
        raise InvalidSms(422, "INVALID_BODY", "The request body must be one JSON object.")
    to, text = _field(fields, "to", required=True), _field(fields, "text", required=True)
    if len(text) > MAX_SMS_CHARS:
        raise InvalidSms(413, "TEXT_TOO_LONG", f"An SMS text has at most {MAX_SMS_CHARS} characters.")
    number = normalise_recipient(to)
    if _PHONE.fullmatch(number) is None:
        raise InvalidSms(422, "INVALID_RECIPIENT", 'The field "to" must be a phone number, such as +62840000001.')
    sender = _field(fields, "from")[:MAX_ADDRESS_CHARS] or "SMS"
    kind, sms_id = _field(fields, "kind") or None, _field(fields, "id") or None
    if sms_id is not None and len(sms_id) > MAX_MESSAGE_ID_CHARS:
        raise InvalidSms(413, "ID_TOO_LONG", f'The field "id" has at most {MAX_MESSAGE_ID_CHARS} characters.')
    return Sms(to=number, sender=sender, text=text, kind=kind, id=sms_id)


def content_of_sms(sms: Sms) -> Content:
    """Bring an SMS into the same shape as a mail."""
    headers = {} if sms.kind is None else {"x-peserta-kind": sms.kind}
    return Content(sms.sender, None, sms.text, None, (), sms.id, headers)


def parse_mail(raw: bytes, envelope_sender: str) -> Content:
    """Read a mail: subject, first text, first HTML, attachment metadata.

    The sender is the From header, else the envelope's. More than 100 nested multiparts or anything that the parser
    cannot read leaves the body shown as plain text. Never raises. Source: RFC 5322, RFC 2045; the limits are
    assumed for the sandbox.
    """
    try:
        return _read(_parse(raw), envelope_sender)
    except Exception:
        # The standard library's parser raises many types on hostile input (RecursionError, KeyError, …) and a sink
        # must keep the mail whatever it is; test_parsing.py feeds it noise.
        return _unreadable(raw, envelope_sender)


def attachment_of(raw: bytes, number: int) -> tuple[Part, bytes] | None:
    """Take attachment `number` (from 1) out of a mail with its decoded bytes; None if there is none."""
    if number < 1:
        return None
    try:
        leaves = [(node, kind) for node, kind in _leaves(_parse(raw)) if _is_attachment(node, kind)]
        node, kind = leaves[number - 1]
        return _part(node, kind, number), _payload(node)
    except Exception:
        # As in parse_mail: a mail that cannot be read has no attachments.
        return None


def decode_words(value: str) -> str:
    """Decode RFC 2047 encoded words and fold white space; what cannot be decoded stays as it is."""
    value = value[:MAX_HEADER_CHARS]
    try:
        pieces = decode_header(value)
    except (HeaderParseError, ValueError):
        pieces = [(value, None)]
    decoded = "".join(p if isinstance(p, str) else _decode(p, charset or "utf-8") for p, charset in pieces)
    return clean_text(_BLANKS.sub(" ", decoded).strip())


def _field(fields: Mapping[str, object], name: str, *, required: bool = False) -> str:
    value = fields.get(name)
    if value is None:
        value = ""
    if not isinstance(value, str) or (required and not value.strip()):
        raise InvalidSms(422, "INVALID_FIELD", f'The field "{name}" must be a text{" and not empty" * required}.')
    return clean_text(value)


def _parse(raw: bytes) -> MimeMessage:
    for count, _ in enumerate(_MULTIPART.finditer(raw)):
        if count >= MAX_MULTIPARTS:
            raise ValueError("too many nested parts")
    return BytesParser(policy=policy.compat32).parsebytes(raw)


def _read(mail: MimeMessage, envelope_sender: str) -> Content:
    text: str | None = None
    html: str | None = None
    parts: list[Part] = []
    for node, kind in _leaves(mail):
        if _is_attachment(node, kind):
            parts.append(_part(node, kind, len(parts) + 1))
        elif kind == "text/html":
            html = _text_of(node, MAX_HTML_CHARS) if html is None else html
        elif text is None:
            text = _text_of(node, MAX_TEXT_CHARS)
    headers = _headers(mail)
    return Content(
        sender=headers.get("from") or clean_text(envelope_sender[:MAX_ADDRESS_CHARS]),
        subject=headers.get("subject"),
        text=text or "",
        html=html,
        parts=tuple(parts),
        message_id=headers.get("message-id", "")[:MAX_MESSAGE_ID_CHARS] or None,
        headers=headers,
    )


def _headers(mail: MimeMessage) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in mail.raw_items():
        key = name.lower()
        if key in _HEADERS and key not in found:
            # The parser keeps 8-bit bytes as surrogates; RFC 6532 says that they are UTF-8.
            found[key] = decode_words(str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    return found


def _unreadable(raw: bytes, envelope_sender: str) -> Content:
    end = _HEADER_END.search(raw)
    body = raw[end.end() if end else 0 :][: MAX_TEXT_CHARS * 4]
    return Content(clean_text(envelope_sender), None, _decode(body, "utf-8")[:MAX_TEXT_CHARS], None, (), None, {})


def _leaves(mail: MimeMessage) -> Iterator[tuple[MimeMessage, str]]:
    waiting, seen = [mail], 0
    while waiting and seen < MAX_PARTS:
        node = waiting.pop()
        kind, payload = node.get_content_type(), node.get_payload()
        if isinstance(payload, list) and (kind != "message/rfc822" or node is mail):
            waiting.extend(reversed([child for child in payload if isinstance(child, MimeMessage)]))
        else:
            seen += 1
            yield node, kind


def _is_attachment(node: MimeMessage, kind: str) -> bool:
    if not kind.startswith(("text/", "multipart/")):
        return True
    return node.get_content_disposition() == "attachment" or node.get_filename() is not None


def _part(node: MimeMessage, kind: str, number: int) -> Part:
    name = decode_words(node.get_filename() or f"lampiran-{number}")
    name = re.sub(r'[\x00-\x1f\x7f"/\\]', "_", name)[:MAX_FILE_NAME_CHARS]
    return Part(number, name, clean_text(kind)[:100], len(_payload(node)))


def _payload(node: MimeMessage) -> bytes:
    if node.get_content_type() == "message/rfc822":
        inner = node.get_payload()
        return inner[0].as_bytes() if isinstance(inner, list) and isinstance(inner[0], MimeMessage) else b""
    payload = node.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text_of(node: MimeMessage, limit: int) -> str:
    charset = str(node.get_param("charset") or "utf-8")
    return _decode(_payload(node)[: limit * 4], charset)[:limit].replace("\r\n", "\n")


def _decode(data: bytes, charset: str) -> str:
    name = charset.strip().lower().replace("-", "_")
    try:
        text = data.decode("utf-8" if name in _REFUSED_CHARSETS else name, "replace")
    except (LookupError, UnicodeError, ValueError):
        text = data.decode("utf-8", "replace")
    return clean_text(text)
