"""What members tell about themselves: their address, whom to call in an emergency, and that all of it still holds."""

import re
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.identity import normalise_phone
from gateway.domain.problem import Code, Problem

_POSTAL_CODE = re.compile(r"[1-9][0-9]{4}", re.ASCII)
_LONGEST = {"street": 120, "name": 120}
_LONG = 60


@dataclass(frozen=True, slots=True)
class Address:
    """Where a member lives."""

    street: str
    village: str | None
    district: str | None
    city: str
    province: str
    postal_code: str | None


@dataclass(frozen=True, slots=True)
class EmergencyContact:
    """Whom to call; `phone` is E.164."""

    name: str
    phone: str
    relation: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A member's own data; `confirmed_at` is the latest *pengkinian data*."""

    address: Address | None = None
    emergency_contact: EmergencyContact | None = None
    confirmed_at: datetime | None = None


def check_address(typed: Address) -> tuple[Address | None, list[Problem]]:
    """The address without outer spaces, or what is wrong with it: REQUIRED, OUT_OF_RANGE (too long), INVALID_FORMAT.

    Source: five digits of a postal code without a leading zero (Pos Indonesia); the lengths are assumed.
    """
    problems: list[Problem] = []

    def needed(name: str, value: str) -> str:
        problems.extend(_problems_of("address", name, value, needed=True))
        return value.strip()

    def optional(name: str, value: str | None) -> str | None:
        problems.extend(_problems_of("address", name, value or "", needed=False))
        return (value or "").strip() or None

    address = Address(
        street=needed("street", typed.street),
        village=optional("village", typed.village),
        district=optional("district", typed.district),
        city=needed("city", typed.city),
        province=needed("province", typed.province),
        postal_code=(typed.postal_code or "").strip() or None,
    )
    if address.postal_code is not None and not _POSTAL_CODE.fullmatch(address.postal_code):
        problems.append(
            Problem(Code.INVALID_FORMAT, ("address", "postalCode"), text="error.INVALID_FORMAT.postal_code")
        )
    return (None if problems else address), problems


def check_emergency_contact(typed: EmergencyContact) -> tuple[EmergencyContact | None, list[Problem]]:
    """The contact with its phone as E.164, or what is wrong: REQUIRED, OUT_OF_RANGE, INVALID_PHONE."""
    place = "emergencyContact"
    problems = _problems_of(place, "name", typed.name, needed=True)
    phone = normalise_phone(typed.phone)
    if phone is None:
        problems.append(Problem(Code.INVALID_PHONE if typed.phone.strip() else Code.REQUIRED, (place, "phone")))
    problems += _problems_of(place, "relation", typed.relation, needed=True)
    if problems or phone is None:
        return None, problems
    return EmergencyContact(typed.name.strip(), phone, typed.relation.strip()), []


def _problems_of(place: str, name: str, value: str, *, needed: bool) -> list[Problem]:
    most = _LONGEST.get(name, _LONG)
    if needed and not value.strip():
        return [Problem(Code.REQUIRED, (place, name))]
    if len(value.strip()) > most:
        return [Problem(Code.OUT_OF_RANGE, (place, name), text="error.OUT_OF_RANGE.length", params={"max": most})]
    if any(not character.isprintable() for character in value.strip()):
        return [Problem(Code.INVALID_FORMAT, (place, name))]
    return []
