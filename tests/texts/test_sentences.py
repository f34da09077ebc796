"""Both catalogues hold the same keys, every key that is used exists, and none stands there for nothing."""

import re
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from gateway.domain.account import ActivityKind
from gateway.domain.problem import Code
from gateway.texts import LOCALES, locale_of, preferred_locale, sentence

ROOT = Path(__file__).parents[2]
AREAS = "error|request|world|clock|fault|activity|password|portal|decision|program|card|claim|service|support"
LITERAL = re.compile(rf"""["']((?:{AREAS})(?:\.[A-Za-z_0-9]+)+)["']""")
STEM = re.compile(r"""["']([a-z_]+\.[a-z_0-9]+)["']""")
# The name of a log event is no key: log.warning("world.…").
LOG_EVENT = re.compile(r"""\blog\.\w+\(\s*["'][^"']*["']""")
# f"portal.stage.{stage}" in Python and "portal.stage." ~ stage in a template: all below the fixed part counts as used.
PREFIX = re.compile(rf"""f["']((?:{AREAS})\.[A-Za-z_0-9.]*)\{{|["']((?:{AREAS})\.[A-Za-z_0-9.]*\.)["']\s*~""")


def catalogue(locale: str) -> dict[str, str]:
    path = ROOT / "gateway" / "texts" / "locale" / locale / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        read = read_po(file, locale=locale, abort_invalid=True)
    return {str(message.id): str(message.string) for message in read if message.id}


def sources() -> list[str]:
    folders = [ROOT / "gateway", ROOT / "schema"]
    files = [file for folder in folders for suffix in ("*.py", "*.html") for file in folder.rglob(suffix)]
    return [LOG_EVENT.sub("", file.read_text()) for file in files]


def decision_keys() -> set[str]:
    # A decision is named by its stem, "merge.merged"; its three sentences are put together from it.
    stems = {stem for source in sources() for stem in STEM.findall(source)}
    return {f"decision.{stem}.{part}" for stem in stems for part in ("hasil", "sebab", "tindak_lanjut")}


def used_keys() -> set[str]:
    # A template's file name and the database file look like keys but are none.
    found = {key for source in sources() for key in LITERAL.findall(source)}
    return {key for key in found if not key.endswith((".html", ".db"))}


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_keys_exist_in_both_languages():
    assert set(catalogue("id")) == set(catalogue("en"))


def test_no_sentence_is_empty_or_left_in_the_other_language():
    indonesian, english = catalogue("id"), catalogue("en")
    names = {key for key in indonesian if indonesian[key] == english[key]}

    assert [key for texts in (indonesian, english) for key, text in texts.items() if not text.strip()] == []
    assert names <= SAME_IN_BOTH


SAME_IN_BOTH: set[str] = set()


def test_both_languages_ask_for_the_same_parameters():
    indonesian, english = catalogue("id"), catalogue("en")

    assert [key for key in indonesian if fields_of(indonesian[key]) != fields_of(english[key])] == []


def test_every_code_and_activity_has_a_sentence():
    wanted = {f"error.{code}" for code in Code} | {f"activity.{kind}" for kind in ActivityKind}

    assert wanted - set(catalogue("id")) == set()


def test_every_key_in_the_source_exists():
    assert used_keys() - set(catalogue("id")) == set()


def test_no_key_is_unused():
    found = {first or second for source in sources() for first, second in PREFIX.findall(source)}
    prefixes = tuple(prefix for prefix in found if prefix.count(".") > 1)
    known = (
        used_keys()
        | decision_keys()
        | {f"error.{code}" for code in Code}
        | {f"activity.{kind}" for kind in ActivityKind}
    )

    unused = {key for key in catalogue("id") if key not in known and not (prefixes and key.startswith(prefixes))}

    assert unused == set()


def test_sentence_is_filled_from_its_parameters():
    text = sentence("en", "request.page_size", argument="first", max=100)

    assert text == "first must be between 0 and 100."


def test_error_sentences_need_no_more_than_every_refusal_brings():
    # schema.errors gives these with every refusal; a variant (error.CODE.variant) may be given more by who names it.
    always = {"attempts_left", "state", "seconds", "minutes"}
    indonesian = catalogue("id")

    assert [key for key in indonesian if re.fullmatch(r"error\.\w+", key) and fields_of(indonesian[key]) - always] == []


@pytest.mark.parametrize("locale", ["", "fr", "xx-YY", "id", "ID", "id_ID"])
def test_unknown_locale_speaks_bahasa_indonesia(locale):
    assert sentence(locale, "request.unauthenticated") == "Silakan masuk dahulu."


def test_missing_key_is_a_programmers_mistake():
    with pytest.raises(KeyError, match=r"error\.NOT_THERE"):
        sentence("id", "error.NOT_THERE")


def test_missing_parameter_is_a_programmers_mistake():
    with pytest.raises(KeyError, match="max"):
        sentence("id", "request.page_size", argument="first")


@pytest.mark.parametrize("tag", ["en", "EN", "en-GB", "en_US", " en "])
def test_region_of_a_language_is_that_language(tag):
    assert locale_of(tag) == "en"


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "id"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("fr,en;q=0.5", "en"),
        ("id;q=0.4,en;q=0.8", "en"),
        ("en;q=0.4,id;q=0.8", "id"),
        ("en,id", "en"),
        ("en;q=0", "id"),
        ("en;q=banana", "id"),
        ("*", "id"),
        ("fr", "id"),
        ("x" * 5000 + ",en", "id"),
    ],
)
def test_accept_language_header_chooses_the_language(header, locale):
    assert preferred_locale(header) == locale


def test_two_locales_are_spoken():
    assert LOCALES == ("id", "en")
