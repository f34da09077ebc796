"""Global ids: one opaque name for each object of the member API."""

import base64
import binascii
import math
from datetime import datetime
from typing import Final

import strawberry

from gateway.domain.problem import Rejected

_MAX_ID_CHARS: Final = 64
_MAX_NUMBER: Final = 2**31 - 1  # what a row's number can be


@strawberry.interface(description="An object with an id that is unique over all types.")
class Node:
    """Relay's Node. Source: Relay global object identification specification."""

    id: strawberry.ID


def global_id(type_name: str, number: int | str) -> strawberry.ID:
    """The id of an object: its type and its number, opaque to clients."""
    return strawberry.ID(base64.urlsafe_b64encode(f"{type_name}:{number}".encode()).decode().rstrip("="))


def read_global_id(given: str) -> tuple[str, int]:
    """The type and the number behind an id. Raises Rejected BAD_USER_INPUT for one that we did not make."""
    try:
        text = base64.b64decode(given + "=" * (-len(given) % 4), altchars=b"-_", validate=True).decode("ascii")
        type_name, _, number = text.partition(":")
        # One object has one id: decoding alone would also take leading zeros and stray bits at the end.
        own = len(given) <= _MAX_ID_CHARS and number.isdigit() and global_id(type_name, int(number)) == given
        if own and int(number) <= _MAX_NUMBER:
            return type_name, int(number)
    except (binascii.Error, ValueError):
        pass
    raise Rejected("BAD_USER_INPUT", "request.bad_id", extensions={"field": "id"})


def seconds_until(moment: datetime, now: datetime) -> int:
    """Seconds from `now` to `moment`, rounded up, never negative: a browser's clock does not follow a moved world."""
    return max(0, math.ceil((moment - now).total_seconds()))
