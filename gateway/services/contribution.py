"""Monthly contributions of a member: which are owed or paid, page by page, and what was paid of each program."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from gateway.domain.contribution import Contribution, make_contribution
from gateway.domain.identity import normalise_kpj
from gateway.domain.member import Membership
from gateway.domain.page import Page, PageRequest
from gateway.domain.problem import Rejected
from gateway.models.contribution import ContributionRow
from gateway.models.expressions import Q, RawSQL
from gateway.world import World

# A place is the month, counted from the year 0, and the row: pages stay right while rows come and go.
_ROWS = 10**10
# PostgreSQL compares a row's number with no greater one.
_MAX_ROW = 2**31 - 1
_YEARS = (1900, 9999)
_COLUMNS = ("id", "membership_id", "month", "wage", "chosen_jht", "paid_on")


async def list_for(
    world: World,
    *,
    memberships: Sequence[Membership],
    request: PageRequest,
    year: int | None = None,
    kpj: str | None = None,
) -> Page[Contribution]:
    """The contributions to a member's linked memberships, latest month first; of one year or one KPJ if wanted.

    One statement, two with a cursor. Raises Rejected BAD_USER_INPUT for a year that cannot be, NOT_FOUND for a KPJ
    that is not among the memberships, whoever's it is.
    """
    chosen = {one.id: one for one in memberships if kpj is None or one.kpj == normalise_kpj(kpj)}
    if kpj is not None and not chosen:
        raise Rejected("NOT_FOUND", "request.kpj_not_linked", extensions={"field": "kpj"})
    wanted = Q(membership_id__in=list(chosen))
    if year is not None:
        wanted &= _of_year(year)
    async with world.store.reading():
        rows = ContributionRow.filter(wanted).filter(*_bounds(request))
        told = request.after is None and request.before is None and request.size > 0
        if told:
            # The whole list's length comes with its first page, in the same statement.
            rows = rows.annotate(in_all=RawSQL("COUNT(*) OVER ()"))
        order = ("month", "id") if request.backwards else ("-month", "-id")
        columns = (*_COLUMNS, "in_all") if told else _COLUMNS
        found = await rows.order_by(*order).limit(request.size + 1).values_list(*columns)
        if told:
            in_all = int(found[0][-1]) if found else 0
        else:
            in_all = await ContributionRow.filter(wanted).count()
    more, found = len(found) > request.size, found[: request.size]
    if request.backwards:
        found.reverse()
    return Page(
        tuple((_place(row[2], row[0]), _to_domain(row, chosen)) for row in found),
        in_all,
        has_next=request.before is not None if request.backwards else more,
        has_previous=more if request.backwards else request.after is not None,
    )


async def list_paid(world: World, *, memberships: Sequence[Membership]) -> tuple[Contribution, ...]:
    """Everything that was paid to some memberships, oldest month first; one statement."""
    known = {one.id: one for one in memberships}
    async with world.store.reading():
        rows = (
            await ContributionRow.filter(membership_id__in=list(known), paid_on__not_isnull=True)
            .order_by("month", "id")
            .values_list(*_COLUMNS)
        )
    return tuple(_to_domain(row, known) for row in rows)


def _to_domain(row: Sequence[Any], memberships: Mapping[int, Membership]) -> Contribution:  # Any: a row's columns
    return make_contribution(row[0], memberships[row[1]], row[2], wage=row[3], chosen_jht=row[4], paid_on=row[5])


def _of_year(year: int) -> Q:
    lowest, highest = _YEARS
    if not lowest <= year <= highest:
        params = {"argument": "year", "min": lowest, "max": highest}
        raise Rejected("BAD_USER_INPUT", "request.out_of_range", params=params, extensions={"field": "year"})
    return Q(month__gte=date(year, 1, 1), month__lte=date(year, 12, 1))


def _bounds(request: PageRequest) -> list[Q]:
    bounds = []
    if request.after is not None:
        month, row = _read_place(request.after)
        bounds.append(Q(month__lt=month) | Q(month=month, id__lt=row))
    if request.before is not None:
        month, row = _read_place(request.before)
        bounds.append(Q(month__gt=month) | Q(month=month, id__gt=row))
    return bounds


def _place(month: date, row: int) -> int:
    return (month.year * 12 + month.month - 1) * _ROWS + row


def _read_place(place: int) -> tuple[date, int]:
    """The month and the row that a place names; what cannot be is brought to the edge of what can."""
    months, row = divmod(place, _ROWS)
    year, month = divmod(months, 12)
    return date(min(max(year, date.min.year), date.max.year), month + 1, 1), min(row, _MAX_ROW)
