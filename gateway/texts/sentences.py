"""Single sentences by key, read once per process from the two catalogues beside this module."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

LOCALES: Final = ("id", "en")
_DEFAULT: Final = LOCALES[0]
_MAX_HEADER_CHARS: Final = 200


def locale_of(wanted: str) -> str:
    """The language that is spoken for `wanted`: itself, the language of a region (en-GB), else Bahasa Indonesia."""
    language = _language(wanted)
    return language if language in LOCALES else _DEFAULT


def preferred_locale(accept_language: str) -> str:
    """The language to answer an Accept-Language header in; Bahasa Indonesia when it names neither of ours.

    Source: RFC 9110 section 12.5.4; of a longer header the first 200 characters count (assumed for the sandbox).
    """
    weighed = [_weigh(part) for part in accept_language[:_MAX_HEADER_CHARS].split(",")]
    spoken = [(weight, name) for weight, name in weighed if weight > 0 and name in LOCALES]
    # max() keeps the first of equal weights, which is the order that the reader wrote.
    return max(spoken, key=lambda pair: pair[0])[1] if spoken else _DEFAULT


def sentence(locale: str, key: str, /, **params: object) -> str:
    """The sentence `key` in `locale` (id or en; any other is id), its braces filled from `params`.

    Raises: KeyError when the key or one of its parameters is missing; both are mistakes of a programmer.
    """
    text = _catalogue(locale_of(locale)).get(key)
    if text is None:
        raise KeyError(f"no sentence {key!r}: add it to both catalogues in gateway/texts/locale")
    return text.format_map(params)


def _language(tag: str) -> str:
    return tag.strip().replace("_", "-").partition("-")[0].lower()


def _weigh(part: str) -> tuple[float, str]:
    tag, _, quality = part.partition(";")
    try:
        weight = float(quality.partition("=")[2]) if quality.strip() else 1.0
    except ValueError:
        weight = 0.0
    return weight, _language(tag)


@cache
def _catalogue(locale: str) -> Mapping[str, str]:
    # Imported here because Babel's reader takes longer to load than both catalogues take to read.
    from babel.messages.pofile import read_po

    path = Path(__file__).parent / "locale" / locale / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=locale, abort_invalid=True)
    return MappingProxyType({str(message.id): str(message.string) for message in catalogue if message.id})
