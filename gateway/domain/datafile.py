"""Reading the domain's own JSON files strictly: a wrong value is refused with the place where it stands."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import TypeVar

Value = TypeVar("Value")


class BadDataFile(ValueError):
    """A data file breaks its own rules. The text names file, place and reason, and never the value."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A JSON object with the place where it stands, for instance `personas.json personas[3].memberships[0]`."""

    place: str
    values: Mapping[str, object]

    def fail(self, reason: str, name: str = "") -> BadDataFile:
        """The error about this place, or about the value `name` in it."""
        joint = "" if self.place.endswith(".json") else "."
        return BadDataFile(f"{self.place}{(joint or ' ') + name if name else ''}: {reason}")

    def only(self, *names: str) -> None:
        """Refuses values that nobody would read, most likely a slip of the pen."""
        for name in self.values:
            if name not in names:
                raise self.fail("is not known here", name)

    def has(self, name: str) -> bool:
        """Whether the value stands there and is not null."""
        return self.values.get(name) is not None

    def text(self, name: str) -> str:
        """A text that is not empty."""
        value = self.values.get(name)
        if not isinstance(value, str) or not value.strip():
            raise self.fail("must be a text", name)
        return value

    def whole(self, name: str) -> int:
        """A whole number from 0 on; money is whole rupiah."""
        value = self.values.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.fail("must be a whole number from 0 on", name)
        return value

    def flag(self, name: str) -> bool:
        """true or false; false when it is absent."""
        value = self.values.get(name, False)
        if not isinstance(value, bool):
            raise self.fail("must be true or false", name)
        return value

    def day(self, name: str) -> date:
        """A date as YYYY-MM-DD."""
        return self.read(name, date.fromisoformat, "must be a date as YYYY-MM-DD")

    def read(self, name: str, reader: Callable[[str], Value], reason: str) -> Value:
        """A text that `reader` understands; it raises ValueError for one that it does not."""
        try:
            return reader(self.text(name))
        except BadDataFile:
            raise
        except ValueError:
            raise self.fail(reason, name) from None

    def entry(self, name: str) -> "Entry":
        """An object inside this one."""
        return _entry(self.values.get(name), self._inner(name))

    def entries(self, name: str) -> tuple["Entry", ...]:
        """A list of objects inside this one, which may be empty."""
        found = self.values.get(name)
        if not isinstance(found, list):
            raise self.fail("must be a list", name)
        return tuple(_entry(value, self._inner(f"{name}[{place}]")) for place, value in enumerate(found))

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        found = self.values.get(name)
        if not isinstance(found, list) or not all(isinstance(value, str) for value in found):
            raise self.fail("must be a list of texts", name)
        return tuple(found)

    def _inner(self, name: str) -> str:
        return f"{self.place}{' ' if self.place.endswith('.json') else '.'}{name}"


def parse_data(name: str, text: str) -> Entry:
    """The outermost object of a JSON text; `name` is the file's name in errors. Raises BadDataFile."""
    try:
        return _entry(json.loads(text, object_pairs_hook=_without_repeats), name)
    except BadDataFile as problem:
        raise BadDataFile(f"{name}: {problem}" if not str(problem).startswith(name) else str(problem)) from None
    except ValueError as problem:
        raise BadDataFile(f"{name}: is not JSON ({problem})") from None


def read_text(name: str) -> str:
    """The text of a file of the domain."""
    return (files("gateway.domain") / "data" / name).read_text("utf-8")


def _entry(value: object, place: str) -> Entry:
    if not isinstance(value, dict):
        raise BadDataFile(f"{place}: must be an object")
    return Entry(place, value)


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    for place, (name, _) in enumerate(pairs):
        if any(name == other for other, _ in pairs[:place]):
            raise BadDataFile(f"{name} stands twice in one object")
    return dict(pairs)
