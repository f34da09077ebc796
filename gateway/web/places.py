"""Where a request goes: its headers read once, its world and the path inside that world."""

import re
from dataclasses import dataclass
from typing import Final, TypeAlias

from starlette.types import Scope

from gateway.domain.problem import Rejected

Headers: TypeAlias = dict[bytes, bytes]

MAIN: Final = "main"
_IN_WORLD: Final = re.compile(r"/w/(?P<id>[a-z0-9][a-z0-9-]{0,31})(?P<rest>/.*)?", re.DOTALL)
_CONTROL_SIDE: Final = ("/control", "/inbox", "/desk", "/sms")


@dataclass(frozen=True, slots=True)
class Place:
    """A path inside a world. `root` is what stands before it in the address: "" or "/w/{id}"."""

    world_id: str
    root: str
    path: str

    @property
    def control_side(self) -> bool:
        """Whether this is for who runs the sandbox, not for who uses the portal."""
        return any(is_below(self.path, prefix) for prefix in _CONTROL_SIDE)


def is_below(path: str, prefix: str) -> bool:
    """Whether `path` is `prefix` or lies under it, by whole segments."""
    return path == prefix or path.startswith(prefix + "/")


def read_headers(scope: Scope) -> Headers:
    """Header fields by lower-case name. Repeated ones are joined as RFC 9110 section 5.3 says, so none hides."""
    headers: Headers = {}
    for name, value in scope["headers"]:
        known = headers.get(name)
        headers[name] = value if known is None else known + (b"; " if name == b"cookie" else b", ") + value
    return headers


def split_path(path: str) -> Place:
    """The place that an address names by its path alone."""
    match = _IN_WORLD.fullmatch(path)
    if match is None:
        return Place(MAIN, "", path)
    return Place(match["id"], f"/w/{match['id']}", match["rest"] or "")


def find_place(path: str, headers: Headers) -> Place:
    """The place of a request: the path decides, and header X-Peserta-World names a world where the path names none.

    Raises Rejected BAD_USER_INPUT when both name one and they differ.
    """
    place = split_path(path)
    named = headers.get(b"x-peserta-world")
    if named is None:
        return place
    wanted = named.decode("latin-1").strip()
    if place.root and wanted != place.world_id:
        raise Rejected("BAD_USER_INPUT", "request.world_header_differs")
    if not place.root and not _IN_WORLD.fullmatch(f"/w/{wanted}/"):
        raise Rejected("NOT_FOUND", "world.not_found", params={"id": wanted[:40]})
    return place if place.root else Place(wanted, "", path)
