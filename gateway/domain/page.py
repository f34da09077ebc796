"""Pages of a list: how many, from where. A cursor is opaque to clients and holds a row's place."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from gateway.domain.problem import Rejected

Item = TypeVar("Item")
DEFAULT_SIZE = 20
MAX_SIZE = 100
_MAX_ROW = 2**31 - 1


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`size` items, from the start or from the end, strictly after or before a place."""

    size: int
    backwards: bool
    after: int | None
    before: int | None

    def among_rows(self) -> "PageRequest":
        """The same page of a list whose places are rows' numbers: PostgreSQL compares those with no greater number."""
        after = min(self.after, _MAX_ROW) if self.after is not None else None
        before = min(self.before, _MAX_ROW) if self.before is not None else None
        return replace(self, after=after, before=before)


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Items with their places, and whether there is more on either side."""

    items: tuple[tuple[int, Item], ...]
    total: int
    has_next: bool
    has_previous: bool


def encode_cursor(place: int) -> str:
    """The opaque cursor of a place."""
    return base64.urlsafe_b64encode(f"c{place}".encode()).decode().rstrip("=")


def decode_cursor(cursor: str, argument: str) -> int:
    """The place that a cursor marks. Raises Rejected BAD_USER_INPUT for one that we did not make."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        place = int(text[1:]) if text[1:].isdigit() and len(text) < 20 else -1
        # One place has one cursor: decoding alone would also take stray characters and leading zeros.
        if place >= 0 and encode_cursor(place) == cursor:
            return place
    except (binascii.Error, ValueError):
        pass
    raise Rejected(
        "BAD_USER_INPUT", "request.bad_cursor", params={"argument": argument}, extensions={"field": argument}
    )


def page_request(first: int | None, after: str | None, last: int | None, before: str | None) -> PageRequest:
    """Relay's four arguments, checked. Neither first nor last means the first 20.

    Raises Rejected BAD_USER_INPUT: both given, below 0, over 100, or a foreign cursor.
    """
    if first is not None and last is not None:
        raise Rejected("BAD_USER_INPUT", "request.first_and_last", extensions={"field": "last"})
    size = first if first is not None else last if last is not None else DEFAULT_SIZE
    argument = "last" if last is not None else "first"
    if not 0 <= size <= MAX_SIZE:
        params = {"argument": argument, "max": MAX_SIZE}
        raise Rejected("BAD_USER_INPUT", "request.page_size", params=params, extensions={"field": argument})
    return PageRequest(
        size=size,
        backwards=last is not None,
        after=decode_cursor(after, "after") if after is not None else None,
        before=decode_cursor(before, "before") if before is not None else None,
    )


def slice_page(items: Sequence[tuple[int, Item]], request: PageRequest) -> Page[Item]:
    """The page of a list that is wholly at hand; its places grow from its start to its end."""
    inside = [
        (place, item)
        for place, item in items
        if (request.after is None or place > request.after) and (request.before is None or place < request.before)
    ]
    cut = inside[max(len(inside) - request.size, 0) :] if request.backwards else inside[: request.size]
    more = len(inside) > len(cut)
    return Page(
        tuple(cut),
        len(items),
        has_next=request.before is not None if request.backwards else more,
        has_previous=more if request.backwards else request.after is not None,
    )
