"""Hidden memberships to link, and memberships to dispute."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain.account import ActivityKind, Viewer
from gateway.domain.fault import FaultMode, FaultTarget
from gateway.domain.membership_care import DisputeState, HiddenMembership
from gateway.domain.message import MessageKind
from gateway.domain.problem import Code
from gateway.models.account import AccountRow, ActivityRow
from gateway.services import clock, fault, jobs, membership, session
from gateway.services.member import list_memberships, load_balances
from tests.services.care import viewer_of
from tests.services.journey import BUDI, CALLER, LARAS, LARAS_OTHER_KPJ, UCOK, refused, refused_without_trace, told
from tests.services.staged import StagedWorld

HIDDEN = "99260000108"
STATEMENT = "Saya tidak pernah bekerja di perusahaan ini."


async def person_of(world: StagedWorld, email: str) -> int:
    async with world.store.reading():
        return (await AccountRow.get(email=email)).person_id


async def laras(world: StagedWorld) -> Viewer:
    return await viewer_of(world, LARAS.email)


async def test_a_hidden_membership_counts_nowhere_and_signs_nobody_in(world: StagedWorld) -> None:
    ucok = await person_of(world, UCOK.email)

    hidden = await membership.list_hidden(world, member_id=ucok)

    assert hidden == (HiddenMembership("*******0108", "PT Busana Rekaan (fiktif)", "2025-05"),)
    assert [one.kpj for one in await list_memberships(world, member_id=ucok)] == [UCOK.kpj]
    assert list((await load_balances(world, member_id=ucok)).by_kpj) == [UCOK.kpj]
    wrong = await refused(session.authenticate(world, login=HIDDEN, password=UCOK.password, caller=CALLER))
    assert told(wrong) == [(Code.INVALID_CREDENTIALS, None)]


async def test_a_linked_membership_counts_and_signs_in_and_its_owner_is_told(world: StagedWorld) -> None:
    viewer, ucok = await viewer_of(world), await person_of(world, UCOK.email)
    before = (await load_balances(world, member_id=ucok)).total

    linked = await membership.link(world, viewer=viewer, kpj="9926-0000-108", caller=CALLER)
    await world.agenda.settle()

    assert (linked.kpj, linked.person_id) == (HIDDEN, ucok)
    assert await membership.list_hidden(world, member_id=ucok) == ()
    after = await load_balances(world, member_id=ucok)
    assert before is not None
    assert after.total is not None
    assert after.total.total == before.total + after.by_kpj[HIDDEN].total
    assert after.by_kpj[HIDDEN].total > 0
    assert (await session.authenticate(world, login=HIDDEN, password=UCOK.password, caller=CALLER)).kpj == UCOK.kpj
    assert [(mail.to, mail.kind) for mail in world.mail.sent] == [(UCOK.email, MessageKind.SECURITY_NOTICE)]
    assert "*******0108" in world.mail.sent[0].text
    async with world.store.reading():
        assert await ActivityRow.filter(kind=ActivityKind.MEMBERSHIP_LINKED).count() == 1


@pytest.mark.parametrize(
    ("kpj", "code"),
    [
        ("", Code.REQUIRED),
        ("123", Code.INVALID_KPJ),
        (UCOK.kpj, Code.KPJ_ALREADY_LINKED),
    ],
)
async def test_what_cannot_be_linked_is_refused(world: StagedWorld, kpj: str, code: Code) -> None:
    viewer = await viewer_of(world)

    refusal = await refused_without_trace(world, membership.link(world, viewer=viewer, kpj=kpj, caller=CALLER))

    assert told(refusal) == [(code, ("kpj",))]


@pytest.mark.parametrize("kpj", [BUDI.kpj, "12345678901"])
async def test_somebody_elses_kpj_and_nobodys_get_the_same_answer(world: StagedWorld, kpj: str) -> None:
    viewer = await viewer_of(world)

    refusal = await refused(membership.link(world, viewer=viewer, kpj=kpj, caller=CALLER))

    assert told(refusal) == [(Code.MEMBER_NOT_MATCHED, ("kpj",))]
    assert len(await list_memberships(world, member_id=await person_of(world, UCOK.email))) == 1


async def test_after_ten_misses_even_ones_own_kpj_has_to_wait(world: StagedWorld) -> None:
    viewer, started_at = await viewer_of(world), world.clock.now()
    for number in range(10):
        await refused(membership.link(world, viewer=viewer, kpj=f"1234567890{number}", caller=CALLER))

    refusal = await refused_without_trace(world, membership.link(world, viewer=viewer, kpj=HIDDEN, caller=CALLER))

    assert told(refusal) == [(Code.RATE_LIMITED, None)]
    assert refusal.problems[0].retry_at == started_at + timedelta(hours=1)


async def test_a_registry_that_does_not_answer_links_nothing(world: StagedWorld) -> None:
    viewer = await viewer_of(world)
    await fault.inject(
        world,
        target=FaultTarget.REGISTRY,
        mode=FaultMode.ERROR,
        match=None,
        times=None,
        delay_s=0,
        status_code=None,
        probability=1,
    )

    refusal = await refused(membership.link(world, viewer=viewer, kpj=HIDDEN, caller=CALLER))

    assert told(refusal) == [(Code.SERVICE_UNAVAILABLE, None)]
    assert len(await membership.list_hidden(world, member_id=await person_of(world, UCOK.email))) == 1


@pytest.mark.parametrize(
    ("kpj", "statement", "problems"),
    [
        ("", "", [(Code.REQUIRED, ("kpj",)), (Code.REQUIRED, ("statement",))]),
        ("123", STATEMENT, [(Code.INVALID_KPJ, ("kpj",))]),
        (LARAS_OTHER_KPJ, "bukan", [(Code.OUT_OF_RANGE, ("statement",))]),
        (LARAS_OTHER_KPJ, "x" * 1_001, [(Code.OUT_OF_RANGE, ("statement",))]),
        (BUDI.kpj, STATEMENT, [(Code.KPJ_NOT_LINKED, ("kpj",))]),
    ],
)
async def test_what_cannot_be_disputed_is_refused(
    world: StagedWorld, kpj: str, statement: str, problems: list[tuple[Code, tuple[str, ...]]]
) -> None:
    viewer = await laras(world)

    refusal = await refused_without_trace(
        world, membership.dispute(world, viewer=viewer, kpj=kpj, statement=statement, caller=CALLER)
    )

    assert told(refusal) == problems


async def test_a_dispute_is_open_until_the_second_working_day_and_due_after_five(world: StagedWorld) -> None:
    person = await person_of(world, LARAS.email)

    disputed = await membership.dispute(
        world, viewer=await laras(world), kpj=LARAS_OTHER_KPJ, statement=STATEMENT, caller=CALLER
    )

    (dispute,) = (await membership.list_disputes(world, member_id=person)).values()
    assert disputed.kpj == LARAS_OTHER_KPJ
    assert (dispute.state, dispute.opened_at, dispute.decision) == (DisputeState.OPEN, world.clock.now(), None)
    assert dispute.sla_due_at == datetime(2026, 11, 30, 10, tzinfo=UTC)
    assert await jobs.next_due(world) == datetime(2026, 11, 25, 1, tzinfo=UTC)


async def test_a_second_dispute_shows_how_the_first_stands(world: StagedWorld) -> None:
    viewer = await laras(world)
    await membership.dispute(world, viewer=viewer, kpj=LARAS_OTHER_KPJ, statement=STATEMENT, caller=CALLER)
    await world.agenda.settle()

    refusal = await refused_without_trace(
        world, membership.dispute(world, viewer=viewer, kpj=LARAS_OTHER_KPJ, statement=STATEMENT, caller=CALLER)
    )

    assert told(refusal) == [(Code.WRONG_STEP, None)]
    assert refusal.problems[0].state == "OPEN"
    assert refusal.subject.kpj == LARAS_OTHER_KPJ  # type: ignore[union-attr]  # the membership as it stands


async def test_a_membership_that_overlaps_another_employer_leaves_the_account(world: StagedWorld) -> None:
    viewer, person = await laras(world), await person_of(world, LARAS.email)
    await membership.dispute(world, viewer=viewer, kpj=LARAS_OTHER_KPJ, statement=STATEMENT, caller=CALLER)

    done = await clock.advance(world, by=timedelta(days=7))

    assert done == ["dispute.decided 1", "courier.sent EMAIL OTHER"]
    assert [one.kpj for one in await list_memberships(world, member_id=person)] == [LARAS.kpj]
    assert list((await load_balances(world, member_id=person)).by_kpj) == [LARAS.kpj]
    assert await membership.list_hidden(world, member_id=person) == ()
    assert world.mail.sent[-1].to == LARAS.email
    assert "Sanggahan diterima: KPJ *******0109 dilepas dari akun Anda." in world.mail.sent[-1].text
    again = await refused(membership.link(world, viewer=viewer, kpj=LARAS_OTHER_KPJ, caller=CALLER))
    assert told(again) == [(Code.MEMBER_NOT_MATCHED, ("kpj",))]


async def test_the_kpj_that_the_account_was_opened_with_stays(world: StagedWorld) -> None:
    viewer, person = await laras(world), await person_of(world, LARAS.email)
    disputed = await membership.dispute(world, viewer=viewer, kpj=LARAS.kpj, statement=STATEMENT, caller=CALLER)

    await clock.advance(world, by=timedelta(days=7))

    dispute = (await membership.list_disputes(world, member_id=person))[disputed.id]
    assert dispute.state is DisputeState.REJECTED
    assert dispute.decision is not None
    assert dispute.decision.key == "dispute.rejected"
    assert len(await list_memberships(world, member_id=person)) == 2
