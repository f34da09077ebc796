"""The words of the inbox pages, in Bahasa Indonesia and English."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from types import MappingProxyType

DEFAULT_LANGUAGE = "id"
_WIB = timezone(timedelta(hours=7))

WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "id": {
            "band": "Simulasi, data fiktif",
            "title": "Kotak masuk",
            "count": "pesan",
            "empty": "Belum ada pesan. Kirim e-mail lewat SMTP atau SMS lewat gateway simulasi, lalu muat ulang.",
            "code": "Kode",
            "link": "Buka tautan",
            "from": "Dari",
            "to": "Kepada",
            "received": "Diterima",
            "expires": "Berlaku sampai",
            "size": "Ukuran",
            "bytes": "byte",
            "no_subject": "(tanpa judul)",
            "older": "Lebih lama",
            "newest": "Terbaru",
            "back": "Kembali ke kotak masuk",
            "raw": "Sumber asli",
            "html": "Tampilan HTML",
            "text": "Teks",
            "attachments": "Lampiran",
            "missing": "Pesan ini tidak ada di kotak masuk.",
            "language": "Bahasa",
        },
        "en": {
            "band": "Simulation, fictitious data",
            "title": "Inbox",
            "count": "messages",
            "empty": "No messages yet. Send mail by SMTP or an SMS by the mock gateway, then reload this page.",
            "code": "Code",
            "link": "Open the link",
            "from": "From",
            "to": "To",
            "received": "Received",
            "expires": "Valid until",
            "size": "Size",
            "bytes": "bytes",
            "no_subject": "(no subject)",
            "older": "Older",
            "newest": "Newest",
            "back": "Back to the inbox",
            "raw": "Original source",
            "html": "HTML view",
            "text": "Text",
            "attachments": "Attachments",
            "missing": "This message is not in the inbox.",
            "language": "Language",
        },
    }
)


def choose_language(asked: str | None, accept_language: str) -> str:
    """Choose "id" or "en": what the address asks for, else the best of Accept-Language, else "id".

    Source: RFC 9110 section 12.5.4; only the first 20 ranges are read.
    """
    if asked is not None and asked in WORDS:
        return asked
    best, language = 0.0, DEFAULT_LANGUAGE
    for item in accept_language.split(",")[:20]:
        tag, _, weight = item.strip().partition(";q=")
        name = tag.split("-")[0].strip().lower()
        try:
            quality = float(weight or "1")
        except ValueError:
            continue
        if name in WORDS and quality > best:
            best, language = quality, name
    return language


def show_time(at: datetime) -> str:
    """Show an instant in western Indonesian time (UTC+7), to the second."""
    return at.astimezone(_WIB).strftime("%Y-%m-%d %H:%M:%S WIB")
