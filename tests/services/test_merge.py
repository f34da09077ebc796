"""Merging balances: who may ask, how it goes on by the clock, and that no rupiah is lost."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain.account import Viewer
from gateway.domain.membership_care import BalanceMerge, MergeState
from gateway.domain.problem import Code, Refusal
from gateway.services import clock, jobs, membership, merge
from gateway.services.member import load_balances
from tests.services.care import viewer_of
from tests.services.journey import BUDI, BUDI_OTHER_KPJ, CALLER, LARAS, UCOK, refused_without_trace, sign_up, told
from tests.services.staged import StagedWorld
from tests.services.test_membership import HIDDEN, person_of


async def budi(world: StagedWorld) -> Viewer:
    """Budi, signed up just now, whose older membership has ended."""
    await sign_up(world)
    return await viewer_of(world, BUDI.email)


async def ask(world: StagedWorld, viewer: Viewer, *kpjs: str, into: str = BUDI.kpj) -> BalanceMerge:
    return await merge.request(world, viewer=viewer, kpjs=kpjs, into=into, caller=CALLER)


async def test_a_request_says_when_it_is_due(world: StagedWorld) -> None:
    asked = await ask(world, await budi(world), BUDI_OTHER_KPJ, BUDI.kpj)

    assert (asked.kpjs, asked.into, asked.state) == ((BUDI_OTHER_KPJ,), BUDI.kpj, MergeState.REQUESTED)
    assert (asked.requested_at, asked.decision) == (world.clock.now(), None)
    assert asked.sla_due_at == datetime(2026, 11, 30, 10, tzinfo=UTC)
    assert await jobs.next_due(world) == datetime(2026, 11, 24, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kpjs", "into", "problems"),
    [
        ((), BUDI.kpj, [(Code.REQUIRED, ("kpjs",))]),
        (
            ("123", ""),
            "x",
            [(Code.INVALID_KPJ, ("kpjs", "0")), (Code.REQUIRED, ("kpjs", "1")), (Code.INVALID_KPJ, ("into",))],
        ),
        ((BUDI.kpj, "9926 0000 001"), BUDI.kpj, [(Code.UNCHANGED, ("kpjs",))]),
        ((UCOK.kpj,), LARAS.kpj, [(Code.KPJ_NOT_LINKED, ("kpjs", "0")), (Code.KPJ_NOT_LINKED, ("into",))]),
        (tuple(f"992600001{number:02d}" for number in range(21)), BUDI.kpj, [(Code.OUT_OF_RANGE, ("kpjs",))]),
    ],
)
async def test_what_cannot_be_merged_is_refused(
    world: StagedWorld, kpjs: tuple[str, ...], into: str, problems: list[tuple[Code, tuple[str, ...]]]
) -> None:
    viewer = await budi(world)
    await world.agenda.settle()

    refusal = await refused_without_trace(world, ask(world, viewer, *kpjs, into=into))

    assert told(refusal) == problems


async def test_a_hidden_membership_is_linked_first(world: StagedWorld) -> None:
    viewer = await viewer_of(world)

    refusal = await refused_without_trace(world, ask(world, viewer, HIDDEN, into=UCOK.kpj))

    assert told(refusal) == [(Code.KPJ_NOT_LINKED, ("kpjs", "0"))]


async def test_while_a_merge_runs_no_other_begins(world: StagedWorld) -> None:
    viewer = await budi(world)
    first = await ask(world, viewer, BUDI_OTHER_KPJ)
    await world.agenda.settle()

    refusal = await refused_without_trace(world, ask(world, viewer, BUDI_OTHER_KPJ))

    assert told(refusal) == [(Code.WRONG_STEP, None)]
    assert (refusal.problems[0].state, refusal.subject) == ("REQUESTED", first)


async def test_of_sixteen_requests_at_once_one_is_taken(world: StagedWorld) -> None:
    viewer = await budi(world)

    answers = await asyncio.gather(*(ask(world, viewer, BUDI_OTHER_KPJ) for _ in range(16)), return_exceptions=True)

    taken = [answer for answer in answers if isinstance(answer, BalanceMerge)]
    assert len(taken) == 1
    others = [answer for answer in answers if isinstance(answer, Refusal)]
    assert [told(refusal) for refusal in others] == [[(Code.WRONG_STEP, None)]] * 15
    assert {refusal.subject for refusal in others} == {taken[0]}


async def test_a_merge_moves_every_rupiah_by_the_worlds_clock(world: StagedWorld) -> None:
    viewer = await budi(world)
    person = await person_of(world, BUDI.email)
    before = await load_balances(world, member_id=person)
    asked = await ask(world, viewer, BUDI_OTHER_KPJ)

    await clock.advance(world, by=timedelta(days=1))
    (under_way,) = await merge.list_merges(world, member_id=person)
    await clock.advance(world, by=timedelta(days=1))
    (ended,) = await merge.list_merges(world, member_id=person)

    assert (under_way.id, under_way.state, under_way.decision) == (asked.id, MergeState.IN_PROGRESS, None)
    assert ended.state is MergeState.MERGED
    assert ended.decision is not None
    assert (ended.decision.key, ended.decision.params["into"]) == ("merge.merged", "*******0001")
    after = await load_balances(world, member_id=person)
    assert before.total is not None
    assert after.total is not None
    assert after.by_kpj[BUDI_OTHER_KPJ].total == 0
    assert after.by_kpj[BUDI.kpj].total == after.total.total == before.total.total == 34_747_935
    sums = [
        (one.employer_contributions, one.employee_contributions, one.development) for one in (before.total, after.total)
    ]
    assert sums[0] == sums[1]
    assert "Saldo digabungkan." in world.mail.sent[-1].text or "The balances were merged." in world.mail.sent[-1].text
    assert world.mail.sent[-1].to == BUDI.email


async def test_a_merge_on_the_last_day_of_a_month_moves_every_rupiah(world: StagedWorld) -> None:
    viewer = await budi(world)
    person = await person_of(world, BUDI.email)
    await clock.advance(world, by=timedelta(days=3))
    await ask(world, viewer, BUDI_OTHER_KPJ)

    await clock.advance(world, by=timedelta(days=4))  # decided on Monday, 30 November
    (ended,) = await merge.list_merges(world, member_id=person)
    after = await load_balances(world, member_id=person)

    assert ended.state is MergeState.MERGED
    assert after.by_kpj[BUDI_OTHER_KPJ].total == 0
    assert all(point.closing >= 0 for point in after.by_kpj[BUDI_OTHER_KPJ].months)
    assert after.total is not None
    assert after.by_kpj[BUDI.kpj].total == after.total.total


async def test_an_active_membership_is_not_merged_away_and_the_owner_is_told_why(world: StagedWorld) -> None:
    viewer = await budi(world)
    person = await person_of(world, BUDI.email)
    before = await load_balances(world, member_id=person)
    await ask(world, viewer, BUDI.kpj, into=BUDI_OTHER_KPJ)

    await clock.advance(world, by=timedelta(days=4))

    (ended,) = await merge.list_merges(world, member_id=person)
    assert (ended.state, ended.decision.key if ended.decision else None) == (MergeState.REJECTED, "merge.still_active")
    after = await load_balances(world, member_id=person)
    assert {kpj: one.total for kpj, one in after.by_kpj.items()} == {
        kpj: one.total for kpj, one in before.by_kpj.items()
    }
    assert (await ask(world, viewer, BUDI_OTHER_KPJ)).state is MergeState.REQUESTED


async def test_a_merge_of_somebody_else_is_not_found(world: StagedWorld) -> None:
    asked = await ask(world, await budi(world), BUDI_OTHER_KPJ)

    assert await merge.find(world, member_id=await person_of(world, LARAS.email), merge_id=asked.id) is None
    assert await merge.find(world, member_id=await person_of(world, BUDI.email), merge_id=asked.id) == asked


async def test_a_driver_merges_the_old_factory_kpj_after_linking_it(world: StagedWorld) -> None:
    viewer, person = await viewer_of(world), await person_of(world, UCOK.email)
    await membership.link(world, viewer=viewer, kpj=HIDDEN, caller=CALLER)
    whole = (await load_balances(world, member_id=person)).total
    await ask(world, viewer, HIDDEN, into=UCOK.kpj)

    await clock.advance(world, by=timedelta(days=3))

    after = await load_balances(world, member_id=person)
    assert whole is not None
    assert after.by_kpj[UCOK.kpj].total == whole.total
