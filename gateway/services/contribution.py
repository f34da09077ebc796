"""Monthly contributions of a member: which are owed or paid, page by page, and what was paid of each program."""

from datetime import date

from gateway.domain.contribution import Contribution
from gateway.domain.identity import normalise_kpj
from gateway.domain.member import Membership
from gateway.domain.membership_care import Link
from gateway.domain.page import Page, PageRequest
from gateway.domain.problem import Rejected
from gateway.models.contribution import ContributionRow
from gateway.models.expressions import Q, RawSQL
from gateway.models.member import MembershipRow
from gateway.world import World

# A place is the month, counted from the year 0, and the row: pages stay right while rows come and go.
_ROWS = 10**10
_YEARS = (1900, 9999)


async def list_for(
    world: World, *, member_id: int, request: PageRequest, year: int | None = None, kpj: str | None = None
) -> Page[Contribution]:
    """A member's contributions over the linked KPJ, latest month first; of one year or one KPJ if wanted.

    One statement, two with a cursor. Raises Rejected BAD_USER_INPUT for a year that cannot be, NOT_FOUND for a KPJ
    that is not among the member's, whoever's it is.
    """
    wanted = Q(membership__person_id=member_id, membership__link=Link.LINKED.value)
    if year is not None:
        wanted &= _of_year(year)
    if kpj is not None:
        wanted &= Q(membership__kpj=normalise_kpj(kpj) or "")
    async with world.store.reading():
        rows = ContributionRow.filter(wanted).filter(*_bounds(request))
        order = ("month", "id") if request.backwards else ("-month", "-id")
        told = request.after is None and request.before is None and request.size > 0
        if told:
            # The whole list's length comes with its first page, in the same statement.
            rows = rows.annotate(in_all=RawSQL("COUNT(*) OVER ()"))
        found = await rows.order_by(*order).limit(request.size + 1).select_related("membership__employer")
        in_all = getattr(found[0], "in_all", 0) if told and found else None
        if in_all is None:
            in_all = 0 if told else await ContributionRow.filter(wanted).count()
        if in_all == 0 and kpj is not None:
            await _check_kpj(member_id, kpj)
    more, found = len(found) > request.size, found[: request.size]
    if request.backwards:
        found.reverse()
    memberships = _memberships(found)
    return Page(
        tuple((_place(row), row.to_domain(memberships[row.membership_id])) for row in found),
        in_all,
        has_next=request.before is not None if request.backwards else more,
        has_previous=more if request.backwards else request.after is not None,
    )


async def list_paid(world: World, *, member_id: int) -> tuple[Contribution, ...]:
    """Everything that was paid for a member over the linked KPJ, oldest month first."""
    async with world.store.reading():
        rows = (
            await ContributionRow.filter(
                membership__person_id=member_id, membership__link=Link.LINKED.value, paid_on__not_isnull=True
            )
            .order_by("month", "id")
            .select_related("membership__employer")
        )
    memberships = _memberships(rows)
    return tuple(row.to_domain(memberships[row.membership_id]) for row in rows)


def _of_year(year: int) -> Q:
    lowest, highest = _YEARS
    if not lowest <= year <= highest:
        params = {"argument": "year", "min": lowest, "max": highest}
        raise Rejected("BAD_USER_INPUT", "request.out_of_range", params=params, extensions={"field": "year"})
    return Q(month__gte=date(year, 1, 1), month__lte=date(year, 12, 1))


def _bounds(request: PageRequest) -> list[Q]:
    bounds = []
    if request.after is not None:
        month, row = _month_of(request.after), request.after % _ROWS
        bounds.append(Q(month__lt=month) | Q(month=month, id__lt=row))
    if request.before is not None:
        month, row = _month_of(request.before), request.before % _ROWS
        bounds.append(Q(month__gt=month) | Q(month=month, id__gt=row))
    return bounds


def _place(row: ContributionRow) -> int:
    return (row.month.year * 12 + row.month.month - 1) * _ROWS + row.id


def _month_of(place: int) -> date:
    """The month that a place names; one that cannot be is brought to the calendar's edge."""
    year, month = divmod(place // _ROWS, 12)
    return date(min(max(year, date.min.year), date.max.year), month + 1, 1)


async def _check_kpj(member_id: int, kpj: str) -> None:
    known = MembershipRow.filter(person_id=member_id, link=Link.LINKED.value, kpj=normalise_kpj(kpj) or "")
    if not await known.exists():
        raise Rejected("NOT_FOUND", "request.kpj_not_linked", extensions={"field": "kpj"})


def _memberships(rows: list[ContributionRow]) -> dict[int, Membership]:
    """The memberships of rows that were read together with them, by id."""
    found: dict[int, Membership] = {}
    for row in rows:
        if row.membership_id not in found:
            employer = row.membership.employer
            found[row.membership_id] = row.membership.to_domain(employer.to_domain() if employer else None)
    return found
