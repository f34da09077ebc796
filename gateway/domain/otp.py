"""One-time codes: how a code is made, how long it lives, how often it may be tried."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pyotp import HOTP


class OtpChannel(StrEnum):
    """Where a code is sent."""

    SMS = "SMS"
    EMAIL = "EMAIL"


@dataclass(frozen=True, slots=True)
class OtpChallenge:
    """A code that was sent and may be answered. `sends_left` counts this hour's remaining sends."""

    channel: OtpChannel
    masked_target: str
    length: int
    sent_at: datetime
    expires_at: datetime
    attempts_left: int
    sends_left: int
    resend_at: datetime


def make_code(secret: str, length: int) -> str:
    """The code of one challenge: HOTP of its secret (base32, at least 128 bits), `length` digits.

    Source: RFC 4226 section 5.
    """
    return HOTP(secret, digits=length).at(0)
