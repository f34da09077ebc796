"""Statements of every request, whose text is written once for each shape.

The ORM's queries are built anew each time, which takes ten times as long as running one. What runs seldom stays with
them. Everything here belongs inside `writing()` or `reading()`, like any other row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final, TypeAlias, TypeVar

from tortoise import fields
from tortoise.models import Model

RowT = TypeVar("RowT", bound=Model)

# Columns that are asked for, each with the number of values that it may have.
Conditions: TypeAlias = tuple[tuple[str, int], ...]
# Columns that are written, and whether something is added to them.
Changes: TypeAlias = tuple[tuple[str, bool], ...]

_SIGNS: Final = {"": "=", "gt": ">", "lt": "<"}


@dataclass(frozen=True, slots=True)
class Plus:
    """What `change` adds to a column, whatever that holds by then."""

    by: int


async def find_one(row: type[RowT], *, newest: bool = False, hold: bool = False, **wanted: object) -> RowT | None:
    """The row whose columns are as `wanted`; the newest of several.

    None means that nothing is there; `at__gt` and `at__lt` mean above and below, `id__in` any of a tuple.

    With `hold` whoever else would change it waits until this transaction ends.
    """
    order = " ORDER BY id DESC" if newest else ""
    found = await _select(row, f"{order} LIMIT 1", wanted, hold=hold)
    return found[0] if found else None


async def find_all(row: type[RowT], *, limit: int | None = None, **wanted: object) -> list[RowT]:
    """All rows like that, or the first `limit` of them, oldest first."""
    return await _select(row, f" ORDER BY id LIMIT {limit}" if limit else " ORDER BY id", wanted)


async def find_values(row: type[Model], *columns: str, **wanted: object) -> list[tuple[Any, ...]]:
    """Only these columns of all rows like that, oldest first, for what is read by the hundred."""
    client = row._meta.db
    conditions, values = _conditions(wanted)
    text = _select_text(row, client.capabilities.dialect, conditions, " ORDER BY id", False, columns)
    dates = [pair for pair in _date_columns(row) if pair[0] in columns]
    _, records = await client.execute_query(text, values)
    return [tuple(_read(dict(record), dates).values()) for record in records]


async def change(row: type[Model], changes: Mapping[str, object], **wanted: object) -> int:
    """Write `changes` into all rows that are as `wanted`; how many there were."""
    client = row._meta.db
    conditions, values = _conditions(wanted)
    shape = tuple((name, isinstance(value, Plus)) for name, value in changes.items())
    text = _update_text(row, client.capabilities.dialect, shape, conditions)
    written = [value.by if isinstance(value, Plus) else value for value in changes.values()]
    count, _ = await client.execute_query(text, [*written, *values])
    return count


async def remove(row: type[Model], **wanted: object) -> None:
    """Delete all rows that are as `wanted`."""
    client = row._meta.db
    conditions, values = _conditions(wanted)
    text = f'DELETE FROM "{row._meta.db_table}"{_where(row, client.capabilities.dialect, conditions, 0)}'  # noqa: S608
    await client.execute_query(text, values)


async def _select(row: type[RowT], tail: str, wanted: Mapping[str, object], *, hold: bool = False) -> list[RowT]:
    client = row._meta.db
    conditions, values = _conditions(wanted)
    text = _select_text(row, client.capabilities.dialect, conditions, tail, hold)
    dates = _date_columns(row)
    _, records = await client.execute_query(text, values)
    return [row._init_from_db(**_read(dict(record), dates)) for record in records]


def _conditions(wanted: Mapping[str, object]) -> tuple[Conditions, list[object]]:
    """What the text depends on, each column with the number of its values, and the values that are bound to it."""
    shape: list[tuple[str, int]] = []
    values: list[object] = []
    for name, value in wanted.items():
        several = value if isinstance(value, tuple) else () if value is None else (value,)
        shape.append((name, len(several)))
        values += several
    return tuple(shape), values


@cache
def _select_text(
    row: type[Model], dialect: str, conditions: Conditions, tail: str, hold: bool, only: tuple[str, ...] = ()
) -> str:
    columns = ", ".join(f'"{column}"' for column in only or row._meta.db_fields)
    lock = " FOR UPDATE" if hold and dialect == "postgres" else ""  # on SQLite one writes at a time anyway
    # Names of our own columns only; every value is bound.
    return f'SELECT {columns} FROM "{row._meta.db_table}"{_where(row, dialect, conditions, 0)}{tail}{lock}'  # noqa: S608


@cache
def _update_text(row: type[Model], dialect: str, changes: Changes, conditions: Conditions) -> str:
    pairs = ", ".join(
        f'"{_column(row, name)}" = ' + (f'"{_column(row, name)}" + ' if adds else "") + _mark(dialect, number)
        for number, (name, adds) in enumerate(changes, 1)
    )
    return f'UPDATE "{row._meta.db_table}" SET {pairs}{_where(row, dialect, conditions, len(changes))}'  # noqa: S608


def _where(row: type[Model], dialect: str, conditions: Conditions, taken: int) -> str:
    parts = []
    for condition, count in conditions:
        name, _, kind = condition.partition("__")
        marks = ", ".join(_mark(dialect, taken + number) for number in range(1, count + 1))
        taken += count
        if kind == "in":
            parts.append(f'"{_column(row, name)}" IN ({marks})' if marks else "1 = 0")
        else:
            parts.append(f'"{_column(row, name)}" ' + (f"{_SIGNS[kind]} {marks}" if marks else "IS NULL"))
    return " WHERE " + " AND ".join(parts)


def _column(row: type[Model], name: str) -> str:
    return row._meta.fields_db_projection[name]


def _mark(dialect: str, number: int) -> str:
    return f"${number}" if dialect == "postgres" else "?"


@cache
def _date_columns(row: type[Model]) -> Sequence[tuple[str, type[date]]]:
    kinds = ((fields.DatetimeField, datetime), (fields.DateField, date))
    return tuple(
        (column, kind)
        for name, column in row._meta.fields_db_projection.items()
        for field, kind in kinds
        if type(row._meta.fields_map[name]) is field
    )


def _read(record: dict[str, Any], dates: Sequence[tuple[str, type[date]]]) -> dict[str, Any]:
    """SQLite keeps dates as text, and the ORM's own reading of it takes longer than the rest of the row."""
    for column, kind in dates:
        value = record[column]
        if isinstance(value, str):
            record[column] = kind.fromisoformat(value)
    return record
