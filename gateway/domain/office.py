"""Branch offices: fictitious ones in real cities."""

import re
from dataclasses import dataclass
from functools import cache

from gateway.domain.datafile import Entry, parse_data, read_text

FILE = "branch_offices.json"
_CODE = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class BranchOffice:
    """One office. `number` is its place in the list, from 1 on; coordinates in degrees, of the city's middle."""

    number: int
    code: str
    name: str
    address: str
    city: str
    province: str
    latitude: float
    longitude: float


def parse_offices(text: str) -> tuple[BranchOffice, ...]:
    """The offices out of their JSON text.

    Raises BadDataFile, with the place: a code that is no three letters or stands twice, an address that does not say
    that it is fictitious, coordinates outside of Indonesia.
    """
    top = parse_data(FILE, text)
    top.only("offices")
    offices = tuple(_office(number, entry) for number, entry in enumerate(top.entries("offices"), start=1))
    if len({office.code for office in offices}) != len(offices):
        raise top.fail("a code stands twice", "offices")
    return offices


@cache
def load_offices() -> tuple[BranchOffice, ...]:
    """The sandbox's own offices; read and checked once. Raises BadDataFile."""
    return parse_offices(read_text(FILE))


def find_offices(city: str | None) -> tuple[BranchOffice, ...]:
    """The offices whose city or province has `city` in its name, whatever the case; all of them without one."""
    wanted = " ".join((city or "").split()).casefold()
    return tuple(
        office for office in load_offices() if wanted in office.city.casefold() or wanted in office.province.casefold()
    )


def _office(number: int, entry: Entry) -> BranchOffice:
    entry.only("code", "city", "province", "address", "latitude", "longitude")
    city = entry.text("city")
    address = entry.text("address")
    if not address.endswith("(fiktif)"):
        raise entry.fail('must end with "(fiktif)"', "address")
    return BranchOffice(
        number=number,
        code=entry.read("code", _code, "must be three capital letters"),
        name=f"Kantor Cabang {city} (fiktif)",
        address=address,
        city=city,
        province=entry.text("province"),
        latitude=_degrees(entry, "latitude", -11.5, 6.5),
        longitude=_degrees(entry, "longitude", 94.5, 141.5),
    )


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise ValueError(text)
    return text


def _degrees(entry: Entry, name: str, low: float, high: float) -> float:
    degrees = entry.read(name, float, "must be a number of degrees as text")
    if not low <= degrees <= high:
        raise entry.fail("is outside of Indonesia", name)
    return degrees
