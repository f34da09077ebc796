"""Scalars of both contracts: what a machine made and must be right to the letter. A bad one is BAD_USER_INPUT."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, NewType, TypeVar

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

from gateway.domain.document import IncomingFile
from gateway.domain.duration import format_duration, parse_duration

Value = TypeVar("Value")

YearMonth = NewType("YearMonth", str)
Rupiah = NewType("Rupiah", int)
Rate = NewType("Rate", Decimal)
URL = NewType("URL", str)
JSON = NewType("JSON", object)
Upload = NewType("Upload", IncomingFile)

MAX_RUPIAH: Final = 2**53 - 1
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATETIME: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})",
    re.ASCII,
)
_YEAR_MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII)
_RATE: Final = re.compile(r"-?\d{1,9}(\.\d{1,18})?", re.ASCII)
_URL: Final = re.compile(r"https?://[^\s]{1,2000}", re.ASCII)


def _bad(name: str, form: str) -> GraphQLError:
    # The value itself is not repeated: it may be anything that somebody pasted in the wrong place.
    return GraphQLError(f"{name} must be written like {form}.", extensions={"code": "BAD_USER_INPUT"})


def _text(name: str, form: str, pattern: re.Pattern[str], read: Callable[[str], Value]) -> Callable[[object], Value]:
    def parse(value: object) -> Value:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise _bad(name, form)
        try:
            return read(value)
        except (ValueError, OverflowError, InvalidOperation):
            raise _bad(name, form) from None

    return parse


def _read_datetime(text: str) -> datetime:
    # Python 3.11 takes at most six digits of a second; RFC 3339 allows more, and they are cut off.
    whole = re.sub(r"(\.\d{6})\d+", r"\1", text.upper())
    return datetime.fromisoformat(whole).astimezone(UTC)


def _read_duration(value: object) -> timedelta:
    if not isinstance(value, str) or len(value) > 64:
        raise _bad("Duration", '"PT5M" or "P1D"')
    try:
        return parse_duration(value)
    except (ValueError, OverflowError):
        raise _bad("Duration", '"PT5M" or "P1D"; months and years are not taken') from None


def _read_upload(value: object) -> Upload:
    if not isinstance(value, IncomingFile):
        raise _bad("Upload", "a file of a multipart request, null in its variables")
    return Upload(value)


def _read_rupiah(value: object) -> Rupiah:
    if isinstance(value, bool) or not isinstance(value, int) or not -MAX_RUPIAH <= value <= MAX_RUPIAH:
        raise _bad("Rupiah", "1500000: a whole number within 2^53")
    return Rupiah(value)


def _write_rupiah(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -MAX_RUPIAH <= value <= MAX_RUPIAH:
        raise TypeError(f"Rupiah is a whole number within 2^53, not {type(value).__name__}")
    return value


def _write_datetime(value: datetime) -> str:
    if value.tzinfo is None:
        raise TypeError("DateTime needs a time zone")
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _write_date(value: date) -> str:
    if isinstance(value, datetime):
        raise TypeError("Date takes no datetime: say which time zone's day is meant")
    return value.isoformat()


def _write_rate(value: Decimal) -> str:
    if not isinstance(value, Decimal) or not value.is_finite():
        raise TypeError("Rate is a finite Decimal")
    return format(value.normalize(), "f") if value else "0"


def _write_json(value: object) -> object:
    return value


def scalar_types() -> Mapping[object, ScalarDefinition]:
    """Python types and the scalars they are written as: the `scalar_map` of both schemas.

    Source: Date and DateTime RFC 3339, URL RFC 3986, Duration ISO 8601; the others as the contract says.
    """
    return {
        date: strawberry.scalar(
            name="Date",
            description="A day, YYYY-MM-DD.",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
            serialize=_write_date,
            parse_value=_text("Date", '"2026-03-14"', _DATE, date.fromisoformat),
        ),
        datetime: strawberry.scalar(
            name="DateTime",
            description="An instant in UTC, RFC 3339, ending with Z.",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
            serialize=_write_datetime,
            parse_value=_text("DateTime", '"2026-03-14T09:00:00Z"', _DATETIME, _read_datetime),
        ),
        timedelta: strawberry.scalar(
            name="Duration",
            description="A length of time, ISO 8601 without months and years: PT5M, P1D.",
            specified_by_url="https://www.iso.org/standard/70907.html",
            serialize=format_duration,
            parse_value=_read_duration,
        ),
        **_named_scalars(),
    }


def _named_scalars() -> Mapping[object, ScalarDefinition]:
    return {
        YearMonth: strawberry.scalar(
            name="YearMonth",
            description="A contribution month (BLTH), YYYY-MM.",
            serialize=str,
            parse_value=_text("YearMonth", '"2026-03"', _YEAR_MONTH, YearMonth),
        ),
        Rupiah: strawberry.scalar(
            name="Rupiah",
            description="Whole rupiah, a JSON integer within 2^53; never a float.",
            serialize=_write_rupiah,
            parse_value=_read_rupiah,
        ),
        Rate: strawberry.scalar(
            name="Rate",
            description='A ratio as a decimal string: "0.057".',
            serialize=_write_rate,
            parse_value=_text("Rate", '"0.057"', _RATE, Decimal),
        ),
        URL: strawberry.scalar(
            name="URL",
            description="An absolute http or https address.",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3986",
            serialize=str,
            parse_value=_text("URL", '"http://127.0.0.1:8400/"', _URL, URL),
        ),
        **_free_scalars(),
    }


def _free_scalars() -> Mapping[object, ScalarDefinition]:
    return {
        Upload: strawberry.scalar(
            name="Upload",
            description="A file, sent as multipart/form-data.",
            specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
            serialize=_write_json,
            parse_value=_read_upload,
        ),
        JSON: strawberry.scalar(
            name="JSON",
            description="Any JSON value.",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
            serialize=_write_json,
            parse_value=_write_json,
        ),
    }
