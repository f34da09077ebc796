"""In which form an answer goes out. Source: GraphQL over HTTP, draft; RFC 9110 section 12.5.1."""

from enum import Enum
from typing import Final

_MAX_CHARS: Final = 500


class Media(Enum):
    """What we can answer in."""

    RESPONSE = "application/graphql-response+json"
    JSON = "application/json"
    EVENTS = "text/event-stream"

    @property
    def content_type(self) -> bytes:
        """As it stands in the answer's head."""
        return self.value.encode() if self is Media.EVENTS else f"{self.value}; charset=utf-8".encode()


# A caller who says nothing, or "anything", gets what every client of the last ten years can read.
_COMMON: Final = {
    b"*/*": Media.JSON,
    b"application/json": Media.JSON,
    b"application/graphql-response+json": Media.RESPONSE,
    b"text/event-stream": Media.EVENTS,
}


def choose_media(accept: bytes | None) -> Media | None:
    """The caller's favourite among ours; None when none is taken. An event stream only where it is named."""
    if not accept:
        return Media.JSON
    return _COMMON.get(accept) or _favourite(accept)


def takes_events(accept: bytes | None) -> bool:
    """Whether an event stream is named at all, favourite or not."""
    return accept is not None and Media.EVENTS.value.encode() in accept.lower()


def _favourite(accept: bytes) -> Media | None:
    best: tuple[float, Media] | None = None
    for item in accept[:_MAX_CHARS].decode("latin-1").lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        media = Media.JSON if name in ("*/*", "application/*") else _named(name)
        weight = _weight(parameters)
        # Of equal weights the first named wins: that is the order in which clients write what they prefer.
        if media is not None and weight > 0 and (best is None or weight > best[0]):
            best = (weight, media)
    return best[1] if best else None


def _named(name: str) -> Media | None:
    try:
        return Media(name)
    except ValueError:
        return None


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip().strip('"') not in ("utf-8", "utf8"):
            return 0.0
        if name.strip() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
