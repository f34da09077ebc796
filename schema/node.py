"""Global ids: one opaque name for each object of the member API."""

import base64
import math
from datetime import datetime

import strawberry


@strawberry.interface(description="An object with an id that is unique over all types.")
class Node:
    """Relay's Node. Source: Relay global object identification specification."""

    id: strawberry.ID


def global_id(type_name: str, number: int | str) -> strawberry.ID:
    """The id of an object: its type and its number, opaque to clients."""
    return strawberry.ID(base64.urlsafe_b64encode(f"{type_name}:{number}".encode()).decode().rstrip("="))


def seconds_until(moment: datetime, now: datetime) -> int:
    """Seconds from `now` to `moment`, rounded up, never negative: a browser's clock does not follow a moved world."""
    return max(0, math.ceil((moment - now).total_seconds()))
