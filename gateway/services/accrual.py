"""The ledger moved on by the world's clock: each month a contribution falls due, and the one before is paid.

The sandbox's rule, an assumption: on the first of a month its contribution is charged, due on the 15th of the next;
on the first of that next month it is paid, unless the membership is in arrears. What is paid in time counts in the
ledger from the first of its own month, so the year's last contribution is booked when the year is over; what is paid
late counts from the month of payment, so that no closed year ever changes.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from gateway.domain.balance import PostingKind
from gateway.domain.contribution import due_day, next_month
from gateway.domain.contribution_rates import Payer
from gateway.domain.member import MembershipStatus, Program
from gateway.domain.zone import local_date, local_instant
from gateway.models.contribution import ContributionRow
from gateway.models.member import MembershipRow, PostingRow
from gateway.world import World

_AT_ONCE: Final = 1_000


async def next_due() -> datetime | None:
    """When the next contribution falls due, inside the caller's open read; None if none does."""
    first = await MembershipRow.filter(charge_next_on__not_isnull=True).order_by("charge_next_on").first()
    return local_instant(first.charge_next_on) if first is not None and first.charge_next_on else None


async def go_on(world: World) -> list[str]:
    """Book every month that has begun by now, oldest first, each in a transaction of its own."""
    today = local_date(world.clock.now())
    done: list[str] = []
    while (month := await _begin(world, today)) is not None:
        async with world.store.writing():
            paid = await _pay(month)
            charged = await _charge(month)
        done += [f"contribution.paid {month:%Y-%m} {paid}"] if paid else []
        done += [f"contribution.charged {month:%Y-%m} {charged}"]
        if month.month == 1:
            done.append(f"statement.closed {month.year - 1}")
    return done


async def _begin(world: World, today: date) -> date | None:
    """The earliest month that has begun and is not charged yet."""
    async with world.store.reading():
        first = await MembershipRow.filter(charge_next_on__lte=today).order_by("charge_next_on").first()
    return first.charge_next_on if first is not None else None


async def _pay(month: date) -> int:
    """Pay on the first of `month` what was charged before it; answers how many contributions."""
    rows = (
        await ContributionRow.filter(paid_on__isnull=True, month__lt=month, membership__in_arrears=False)
        .order_by("month", "id")
        .select_related("membership__employer")
    )
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        await ContributionRow.filter(id__in=[row.id for row in some], paid_on__isnull=True).update(paid_on=month)
        await PostingRow.bulk_create([posting for row in some if (posting := _posting(row, month)) is not None])
        await _note_latest(some)
    return len(rows)


def _posting(row: ContributionRow, paid_on: date) -> PostingRow | None:
    """What a contribution paid on that day adds to the JHT ledger; None for one without JHT."""
    employer = row.membership.employer
    paid = row.to_domain(row.membership.to_domain(employer.to_domain() if employer else None))
    jht = [line for line in paid.lines if line.program is Program.JHT]
    if not jht:
        return None
    by_employer = sum(line.amount for line in jht if line.payer is Payer.EMPLOYER)
    return PostingRow(
        membership_id=row.membership_id,
        kind=PostingKind.CONTRIBUTION.value,
        posted_on=row.month if paid_on <= due_day(row.month) else paid_on,
        employer_amount=by_employer,
        employee_amount=sum(line.amount for line in jht) - by_employer,
    )


async def _note_latest(rows: Sequence[ContributionRow]) -> None:
    """Write down the last month that was paid; later months come later in `rows`."""
    latest = {row.membership_id: f"{row.month:%Y-%m}" for row in rows}
    by_month: defaultdict[str, list[int]] = defaultdict(list)
    for membership_id, month in latest.items():
        by_month[month].append(membership_id)
    for month, memberships in sorted(by_month.items()):
        await MembershipRow.filter(id__in=memberships).update(last_contribution=month)


async def _charge(month: date) -> int:
    """Charge `month` to every membership for which it is the next; answers to how many."""
    begun = MembershipRow.filter(charge_next_on=month)
    active = await begun.filter(status=MembershipStatus.ACTIVE.value).values_list("id", "monthly_wage", "chosen_jht")
    await ContributionRow.bulk_create(
        [
            ContributionRow(membership_id=row_id, month=month, wage=wage or 0, chosen_jht=chosen_jht)
            for row_id, wage, chosen_jht in active
        ],
        batch_size=_AT_ONCE,
        ignore_conflicts=True,  # whoever paid in advance has the row already
    )
    await begun.exclude(status=MembershipStatus.ACTIVE.value).update(charge_next_on=None)
    await MembershipRow.filter(charge_next_on=month).update(charge_next_on=next_month(month))
    return len(active)
