"""Banks that a payout can go to: fictitious, all of them."""

import re
from dataclasses import dataclass
from functools import cache

from gateway.domain.datafile import Entry, parse_data, read_text

FILE = "banks.json"
_CODE = re.compile(r"99[0-9]")


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank by its code of three digits; real codes do not begin with 99 (assumed for the sandbox)."""

    code: str
    name: str


def parse_banks(text: str) -> tuple[Bank, ...]:
    """The banks out of their JSON text. Raises BadDataFile, with the place."""
    top = parse_data(FILE, text)
    top.only("banks")
    banks = tuple(_bank(entry) for entry in top.entries("banks"))
    if len({bank.code for bank in banks}) != len(banks):
        raise top.fail("a code stands twice", "banks")
    return banks


@cache
def load_banks() -> tuple[Bank, ...]:
    """The sandbox's own banks; read and checked once. Raises BadDataFile."""
    return parse_banks(read_text(FILE))


def _bank(entry: Entry) -> Bank:
    entry.only("code", "name")
    name = entry.text("name")
    if not name.endswith("(fiktif)"):
        raise entry.fail('must end with "(fiktif)"', "name")
    return Bank(entry.read("code", _code, "must be 99 and one digit"), name)


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise ValueError(text)
    return text
