"""The digital card: what is on it, and the short-lived code that proves it."""

import base64
import binascii
import hmac
import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from gateway.domain.member import Member, Membership, MembershipStatus, Program

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBERS: Final = struct.Struct(">II")
_MAC_BYTES: Final = 16
_TOKEN_CHARS: Final = 32

Keyed = Callable[[str], str]  # a keyed hash of a text, in hex


class CardFormat(StrEnum):
    """The kinds of file that a card comes as."""

    SVG = "SVG"
    PNG = "PNG"
    PDF = "PDF"


CONTENT_TYPES: Final = {
    CardFormat.SVG: "image/svg+xml",
    CardFormat.PNG: "image/png",
    CardFormat.PDF: "application/pdf",
}


@dataclass(frozen=True, slots=True)
class Card:
    """One membership as a card, and the code that proves it until `verification_expires_at`."""

    member: Member
    membership: Membership
    verification_token: str
    verification_expires_at: datetime


@dataclass(frozen=True, slots=True)
class CardFace:
    """Every text on a card, ready to be painted, and what its QR says. Never a NIK. Source: domain notes 2.1."""

    issuer: str
    title: str
    holder: str
    number: str
    rows: tuple[tuple[str, str], ...]
    status: str
    active: bool
    hint: str
    band: str
    qr: str


@dataclass(frozen=True, slots=True)
class SignedUrl:
    """An address that works without a session until `expires_at`."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CardFile:
    """A painted card."""

    content: bytes
    content_type: str
    file_name: str


@dataclass(frozen=True, slots=True)
class CardVerification:
    """What anybody may learn from a card's code; all but `checked_at` only while it is valid."""

    valid: bool
    checked_at: datetime
    masked_holder_name: str | None = None
    masked_kpj: str | None = None
    status: MembershipStatus | None = None
    programs: tuple[Program, ...] | None = None


def make_token(membership_id: int, now: datetime, life_s: int, keyed: Keyed) -> tuple[str, datetime]:
    """The code of a membership's card and when it ends: between half of `life_s` seconds and all of it from now.

    It is the same within half a life, so that a painted card can be kept; 32 characters keep the QR coarse.
    Source: assumed for the sandbox (domain notes 2.1: an opaque signed token of short life, never a NIK).
    """
    half = _half(life_s)
    slot = int((now - _EPOCH).total_seconds()) // half
    numbers = _NUMBERS.pack(membership_id, slot)
    mac = bytes.fromhex(keyed(numbers.hex()))[:_MAC_BYTES]
    token = base64.urlsafe_b64encode(numbers + mac).decode()
    return token, _EPOCH + timedelta(seconds=(slot + 2) * half)


def read_token(token: str, now: datetime, life_s: int, keyed: Keyed) -> int | None:
    """The membership that a code proves now; None for a foreign, broken or ended one."""
    if len(token) != _TOKEN_CHARS or not token.isascii():
        return None
    try:
        data = base64.urlsafe_b64decode(token)
    except (binascii.Error, ValueError):
        return None
    if len(data) != _NUMBERS.size + _MAC_BYTES or base64.urlsafe_b64encode(data).decode() != token:
        return None
    membership_id, slot = _NUMBERS.unpack(data[: _NUMBERS.size])
    wanted, ends_at = make_token(membership_id, _EPOCH + timedelta(seconds=slot * _half(life_s)), life_s, keyed)
    begins_at = ends_at - timedelta(seconds=2 * _half(life_s))
    right = hmac.compare_digest(wanted, token)
    return membership_id if right and begins_at <= now < ends_at else None


def mask_name(name: str) -> str:
    """The first letter of every part: B*** C*****. Source: domain notes 7 (assumed)."""
    return " ".join(part[:1] + "*" * (len(part) - 1) for part in name.split())


def _half(life_s: int) -> int:
    return max(life_s // 2, 1)
