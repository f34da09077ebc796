"""The ledger moved on by the clock: months fall due and are paid, years close, and none of it depends on the pace."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from gateway.domain.balance import Balance
from gateway.domain.statement import AnnualStatement
from gateway.models.contribution import ContributionRow
from gateway.models.member import MembershipRow, PersonRow, PostingRow
from gateway.services import clock, jobs
from gateway.services.accrual import go_on
from gateway.services.member import list_statements, load_balances
from tests.services.staged import START, StagedWorld


async def _id_of(world: StagedWorld, key: str) -> int:
    async with world.store.reading():
        return (await PersonRow.get(persona=key)).id


async def _balance(world: StagedWorld, key: str) -> Balance:
    total = (await load_balances(world, member_id=await _id_of(world, key))).total
    assert total is not None
    return total


async def _statements(world: StagedWorld, key: str) -> Sequence[AnnualStatement]:
    return list_statements(world, balances=await load_balances(world, member_id=await _id_of(world, key)))


async def _rows(world: StagedWorld) -> list[list[dict[str, Any]]]:
    async with world.store.reading():
        return [
            await table.all().order_by("membership_id", order).values(*columns)
            for table, order, columns in (
                (ContributionRow, "month", ("membership_id", "month", "wage", "paid_on")),
                (PostingRow, "posted_on", ("membership_id", "posted_on", "employer_amount", "employee_amount")),
            )
        ] + [await MembershipRow.all().order_by("id").values("id", "last_contribution", "charge_next_on")]


async def test_the_next_contribution_is_due_on_the_first_of_next_month(world: StagedWorld) -> None:
    # Midnight in Jakarta is 17:00 UTC of the day before.
    assert await jobs.next_due(world) == datetime(2026, 11, 30, 17, tzinfo=UTC)


async def test_nothing_is_booked_before_that_moment(world: StagedWorld) -> None:
    before = await _rows(world)
    await clock.advance(world, by=datetime(2026, 11, 30, 16, 59, 59, tzinfo=UTC) - START)

    assert await _rows(world) == before


async def test_a_new_month_pays_the_last_one_and_charges_its_own(world: StagedWorld) -> None:
    done = await clock.advance(world, by=timedelta(days=8))

    # Seven active memberships: Budi, Dewi, Maria, Ucok, Laras twice, Yohana; Laras's first employer does not pay.
    assert done == ["contribution.paid 2026-12 8", "contribution.charged 2026-12 7"]
    async with world.store.reading():
        budi = await MembershipRow.get(kpj="99260000001")
        rows = await ContributionRow.filter(membership_id=budi.id).order_by("-month").limit(2)
        posting = await PostingRow.filter(membership_id=budi.id).order_by("-posted_on").first()
    assert [(row.month, row.paid_on) for row in rows] == [
        (date(2026, 12, 1), None),
        (date(2026, 11, 1), date(2026, 12, 1)),
    ]
    assert (budi.last_contribution, budi.charge_next_on) == ("2026-11", date(2027, 1, 1))
    assert posting is not None
    assert (posting.posted_on, posting.employer_amount, posting.employee_amount) == (
        date(2026, 11, 1),
        314_500,
        170_000,
    )


async def test_who_left_this_month_is_paid_for_it_once_more(world: StagedWorld) -> None:
    before = await _balance(world, "joko")
    await clock.advance(world, by=timedelta(days=8))
    after = await _balance(world, "joko")

    async with world.store.reading():
        joko = await MembershipRow.get(kpj="99260000005")
    assert after.employer_contributions - before.employer_contributions == 229_400
    assert (joko.status, joko.last_contribution, joko.charge_next_on) == ("INACTIVE", "2026-11", None)
    await clock.advance(world, by=timedelta(days=31))
    assert (await _balance(world, "joko")).employer_contributions == after.employer_contributions


async def test_arrears_are_charged_and_never_paid(world: StagedWorld) -> None:
    await clock.advance(world, by=timedelta(days=70))

    async with world.store.reading():
        laras = await MembershipRow.get(kpj="99260000009")
        unpaid = await ContributionRow.filter(membership_id=laras.id, paid_on__isnull=True).count()
        posted = await PostingRow.filter(membership_id=laras.id, posted_on__gte=date(2026, 5, 1)).count()
    assert (laras.last_contribution, unpaid, posted) == ("2026-04", 10, 0)


async def test_a_year_later_its_statement_is_there(world: StagedWorld) -> None:
    assert (await _statements(world, "budi"))[0].year == 2025
    done = await clock.advance(world, by=timedelta(days=365))

    assert "statement.closed 2026" in done
    year, before = (await _statements(world, "budi"))[:2]
    assert (year.year, year.opening) == (2026, before.closing)
    # 5.7 % of 8,500,000 in each of twelve months.
    assert year.contributions == 12 * 484_500
    assert (str(year.rate), year.rate_is_assumption) == ("0.0550", True)
    assert year.opening + year.contributions + year.development - year.paid_out == year.closing


async def test_the_last_month_of_a_year_belongs_to_its_statement(world: StagedWorld) -> None:
    await clock.freeze(world, at=datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC))
    assert (await _statements(world, "budi"))[0].year == 2025

    done = await clock.advance(world, by=timedelta(seconds=1))

    assert done[-1] == "statement.closed 2026"
    assert (await _statements(world, "budi"))[0].contributions == 12 * 484_500


async def test_a_closed_year_never_changes_even_when_arrears_are_paid(world: StagedWorld) -> None:
    await clock.advance(world, by=timedelta(days=60))
    closed = await _statements(world, "laras")
    async with world.store.writing():
        await MembershipRow.filter(kpj="99260000009").update(in_arrears=False)

    await clock.advance(world, by=timedelta(days=31))

    assert (await _statements(world, "laras")) == closed
    async with world.store.reading():
        laras = await MembershipRow.get(kpj="99260000009")
        postings = await PostingRow.filter(membership_id=laras.id, posted_on__gte=date(2026, 5, 1)).order_by("id")
    # January is paid in time and counts from its own month; the eight before it from February, when the money came.
    assert [posting.posted_on for posting in postings] == [date(2027, 2, 1)] * 8 + [date(2027, 1, 1)]
    assert laras.last_contribution == "2027-01"


async def test_the_ledger_is_the_same_at_any_pace(world: StagedWorld, tmp_path: Any) -> None:
    # A world that nobody opened for months books them all at once, as if it had run on.
    world.clock.advance(timedelta(days=400))
    done = await go_on(world)
    at_once = await _rows(world)

    assert [job for job in done if job.startswith("contribution.charged")][:2] == [
        "contribution.charged 2026-12 7",
        "contribution.charged 2027-01 7",
    ]
    assert {row["paid_on"] for row in at_once[0] if row["month"] == date(2027, 5, 1)} == {date(2027, 6, 1), None}
    assert await go_on(world) == []
    assert await _rows(world) == at_once


async def test_what_was_paid_in_advance_is_not_charged_twice(world: StagedWorld) -> None:
    async with world.store.writing():
        ucok = await MembershipRow.get(kpj="99260000008")
        await ContributionRow.create(
            membership_id=ucok.id,
            month=date(2026, 12, 1),
            wage=1_000_000,
            chosen_jht=20_000,
            paid_on=date(2026, 11, 23),
        )
    await clock.advance(world, by=timedelta(days=8))

    async with world.store.reading():
        rows = await ContributionRow.filter(membership_id=ucok.id, month=date(2026, 12, 1))
    assert [row.paid_on for row in rows] == [date(2026, 11, 23)]


async def test_a_membership_that_ended_is_charged_no_more(world: StagedWorld) -> None:
    async with world.store.writing():
        await MembershipRow.filter(kpj="99260000004").update(status="INACTIVE")
    await clock.advance(world, by=timedelta(days=8))

    async with world.store.reading():
        dewi = await MembershipRow.get(kpj="99260000004")
        charged = await ContributionRow.filter(membership_id=dewi.id, month=date(2026, 12, 1)).exists()
    assert (dewi.charge_next_on, charged) == (None, False)


async def test_balances_of_the_start_are_what_they_were(world: StagedWorld) -> None:
    assert await jobs.run_due(world) == ([], False)
    assert (await _balance(world, "budi")).total == 34_747_935
    assert (await _balance(world, "ucok")).total == 332_439
