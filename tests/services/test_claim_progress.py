"""A claim on its way: each state at its moment, what holds it up, and what it leaves in ledger and tax history."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.domain.account import Viewer
from gateway.domain.channel import ClaimChannel
from gateway.domain.claim import BankAccount, Claim, ClaimState
from gateway.domain.claim_document import ClaimReason, DocumentKind, DocumentState
from gateway.domain.fault import FaultMode, FaultTarget
from gateway.domain.problem import Code, Refusal
from gateway.services import claim, claim_case, claim_view, clock, fault, jobs
from gateway.services.member import list_memberships, load_balances
from tests.services.claiming import SITI_ACCOUNT, confirmed, end_membership, person_id, send_in, submit
from tests.services.journey import CALLER, SITI, Person, told
from tests.services.staged import StagedWorld

S = ClaimState
DEWI = Person("99260000004", "3578997101849004", "1984-01-31", "+6284000000004", "dewi@peserta.test")
ANDI = Person("99260000003", "7371990911709003", "1970-11-09", "+6284000000003", "andi@peserta.test")
JOKO = Person("99260000005", "3374990505959005", "1995-05-05", "+6284000000005", "joko@peserta.test")
ANDI_ACCOUNT = BankAccount("992", "5550001234", "ANDI PERCOBAAN")
DEWI_ACCOUNT = BankAccount("993", "7770001234", "Dewi Simulasi")


async def total_of(world: StagedWorld, person: Person) -> int:
    member_id = await person_id(world, person)
    memberships = await list_memberships(world, member_id=member_id)
    balances = await load_balances(world, member_id=member_id, memberships=memberships)
    assert balances.total is not None
    return balances.total.total


async def found(world: StagedWorld, sent: Claim) -> Claim:
    now = await claim_view.find(world, member_id=sent.person_id, claim_id=sent.id)
    assert now is not None
    return now


async def andis_claim(world: StagedWorld, ktp: str = "ktp.png", **filled: object) -> tuple[Viewer, Claim]:
    """Andi, 56, claims everything online, with the two documents that it needs."""
    viewer = await confirmed(world, ANDI)
    documents = [await send_in(world, viewer, DocumentKind.KTP, ktp), await send_in(world, viewer, DocumentKind.CARD)]
    typed = {
        "reason": ClaimReason.RETIREMENT_AGE,
        "bank_account": ANDI_ACCOUNT,
        "npwp": ANDI.nik,
        "document_ids": tuple(one.id for one in documents),
    }
    return viewer, await submit(world, viewer, **{**typed, **filled})


async def test_a_claim_by_phone_is_paid_on_the_next_working_day(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    before = await total_of(world, SITI)
    sent = await submit(world, viewer)
    await world.agenda.settle()
    mails = len(world.mail.sent)

    done = await clock.advance(world, by=timedelta(days=1))
    paid = await found(world, sent)

    assert [(event.state, f"{event.at:%d %H:%M}") for event in paid.events] == [
        (S.SUBMITTED, "23 05:00"),
        (S.DOCUMENT_CHECK, "23 05:05"),
        (S.VERIFIED, "24 01:00"),
        (S.APPROVED, "24 02:00"),
        (S.PAYMENT_PROCESS, "24 03:00"),
        (S.PAID, "24 04:00"),
    ]
    assert [line for line in done if line.startswith("claim.")] == [
        f"claim.{state} {sent.number}"
        for state in ("document_check", "verified", "approved", "payment_process", "paid")
    ]
    assert (paid.state, paid.paid_at, paid.gross) == (S.PAID, datetime(2026, 11, 24, 4, tzinfo=UTC), before)
    assert paid.sla_due_at is not None
    assert paid.paid_at <= paid.sla_due_at
    assert await total_of(world, SITI) == 0
    assert [mail.kind for mail in world.mail.sent[mails:]] == ["CLAIM_NOTICE"] * 5
    assert "transferred" in world.mail.sent[-1].text
    options = {one.reason: one for one in await claim_case.list_options(world, member_id=paid.person_id)}
    assert options[ClaimReason.RESIGNED].code == "NO_BALANCE"


async def test_online_an_interview_comes_first_and_five_working_days_are_kept(world: StagedWorld) -> None:
    viewer, sent = await andis_claim(world)
    before = await total_of(world, ANDI)
    assert (sent.channel, sent.interview_at) == (ClaimChannel.ONLINE, None)

    await clock.advance(world, by=timedelta(days=1))
    invited = await found(world, sent)
    await clock.advance(world, by=timedelta(days=6))
    paid = await found(world, sent)

    assert invited.state is S.INTERVIEW_SCHEDULED
    assert invited.interview_at == datetime(2026, 11, 25, 3, tzinfo=UTC)
    assert [(event.state, f"{event.at:%d %H:%M}") for event in paid.events] == [
        (S.SUBMITTED, "23 05:00"),
        (S.DOCUMENT_CHECK, "23 05:05"),
        (S.INTERVIEW_SCHEDULED, "24 01:00"),
        (S.VERIFIED, "25 03:00"),
        (S.APPROVED, "26 01:00"),
        (S.PAYMENT_PROCESS, "26 02:00"),
        (S.PAID, "27 01:00"),
    ]
    assert (paid.gross, paid.tax) == (before, (before - 50_000_000 + 10) // 20)
    assert {one.state for one in paid.documents} == {DocumentState.ACCEPTED}
    assert await total_of(world, ANDI) == 0
    with pytest.raises(Refusal) as caught:
        await claim.cancel(world, viewer=viewer, claim_id=sent.id, caller=CALLER)
    assert told(caught.value) == [(Code.WRONG_STEP, None)]


async def test_a_weekend_is_no_working_day(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    await clock.advance(world, by=timedelta(days=4))  # Friday noon

    sent = await submit(world, viewer)
    await clock.advance(world, by=timedelta(days=4))

    assert [f"{event.at:%a %H:%M}" for event in (await found(world, sent)).events][:3] == [
        "Fri 05:00",
        "Fri 05:05",
        "Mon 01:00",
    ]


async def test_a_claim_paid_on_the_last_day_of_a_month_leaves_nothing_behind(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    await clock.advance(world, by=timedelta(days=4))
    sent = await submit(world, viewer)

    await clock.advance(world, by=timedelta(days=10))

    paid = await found(world, sent)
    assert paid.paid_at == datetime(2026, 11, 30, 4, tzinfo=UTC)
    assert await total_of(world, SITI) == 0
    member_id = await person_id(world)
    balances = await load_balances(
        world, member_id=member_id, memberships=await list_memberships(world, member_id=member_id)
    )
    assert balances.total is not None
    assert balances.total.paid_out == paid.gross
    assert all(point.closing >= 0 for point in balances.total.months)


async def test_a_blurred_document_has_to_be_sent_again(world: StagedWorld) -> None:
    viewer, sent = await andis_claim(world, ktp="KTP-buram.png")
    await clock.advance(world, by=timedelta(days=1))
    stopped = await found(world, sent)

    assert (stopped.state, stopped.sla_due_at, stopped.can_cancel) == (S.NEEDS_FIX, None, True)
    assert stopped.decision is not None
    assert stopped.decision.key == "jht.needs_fix"
    needed = {one.kind: (one.state, one.problem) for one in stopped.requirements}
    assert needed[DocumentKind.KTP] == (DocumentState.REJECTED, "claim.problem.blurred")
    assert needed[DocumentKind.CARD] == (DocumentState.ACCEPTED, None)

    with pytest.raises(Refusal) as caught:
        await claim.fix(world, viewer=viewer, claim_id=sent.id, document_ids=(), bank_account=None, caller=CALLER)
    assert told(caught.value) == [(Code.DOCUMENT_MISSING, ("documentIds",))]
    assert caught.value.problems[0].params == {"kinds": "KTP"}

    clear = await send_in(world, viewer, DocumentKind.KTP, "ktp.png")
    mended = await claim.fix(
        world, viewer=viewer, claim_id=sent.id, document_ids=(clear.id,), bank_account=None, caller=CALLER
    )
    assert (mended.state, mended.decision) == (S.DOCUMENT_CHECK, None)
    assert mended.sla_due_at == datetime(2026, 12, 1, 10, tzinfo=UTC)
    await clock.advance(world, by=timedelta(days=7))
    paid = await found(world, sent)
    assert paid.state is S.PAID
    assert paid.paid_at is not None
    assert mended.sla_due_at is not None
    assert paid.paid_at <= mended.sla_due_at


async def test_what_is_not_mended_in_fourteen_days_is_rejected(world: StagedWorld) -> None:
    viewer, sent = await andis_claim(world, ktp="ktp_buram.png")

    await clock.advance(world, by=timedelta(days=20))

    ended = await found(world, sent)
    assert (ended.state, ended.decision.key if ended.decision else None) == (S.REJECTED, "jht.rejected_not_fixed")
    assert ended.events[-1].at - ended.events[-2].at == timedelta(days=14)
    assert await jobs.next_due(world) is not None
    with pytest.raises(Refusal) as caught:
        await claim.fix(world, viewer=viewer, claim_id=sent.id, document_ids=(), bank_account=None, caller=CALLER)
    assert told(caught.value) == [(Code.WRONG_STEP, None)]


async def test_a_forged_document_ends_the_claim_with_a_decision(world: StagedWorld) -> None:
    _, sent = await andis_claim(world, ktp="ktp-palsu.png")
    before = await total_of(world, ANDI)

    await clock.advance(world, by=timedelta(days=1))

    ended = await found(world, sent)
    assert (ended.state, ended.decision.key if ended.decision else None) == (S.REJECTED, "jht.rejected_document")
    assert await total_of(world, ANDI) == before
    assert "not to be genuine" in world.mail.sent[-1].text


async def test_a_failed_transfer_needs_another_account(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    before = await total_of(world, SITI)
    sent = await submit(world, viewer, bank_account=replace(SITI_ACCOUNT, number="1234567999"))
    await clock.advance(world, by=timedelta(days=1))
    failed = await found(world, sent)

    assert (failed.state, failed.can_cancel, failed.sla_due_at) == (S.PAYMENT_FAILED, True, None)
    assert await total_of(world, SITI) == before
    with pytest.raises(Refusal) as caught:
        await claim.fix(world, viewer=viewer, claim_id=sent.id, document_ids=(), bank_account=None, caller=CALLER)
    assert told(caught.value) == [(Code.REQUIRED, ("bankAccount",))]
    with pytest.raises(Refusal) as wrong:
        other = replace(SITI_ACCOUNT, holder_name="Budi Contoh")
        await claim.fix(world, viewer=viewer, claim_id=sent.id, document_ids=(), bank_account=other, caller=CALLER)
    assert told(wrong.value) == [(Code.BANK_ACCOUNT_INVALID, ("bankAccount",))]

    mended = await claim.fix(
        world, viewer=viewer, claim_id=sent.id, document_ids=(), bank_account=SITI_ACCOUNT, caller=CALLER
    )
    assert (mended.state, mended.bank_account.masked_number) == (S.PAYMENT_PROCESS, "****7890")
    await clock.advance(world, by=timedelta(hours=1))
    assert (await found(world, sent)).state is S.PAID
    assert await total_of(world, SITI) == 0


async def test_a_bank_that_does_not_answer_is_asked_again_in_an_hour(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    sent = await submit(world, viewer)
    await fault.inject(
        world,
        target=FaultTarget.BANK,
        mode=FaultMode.ERROR,
        match=None,
        times=2,
        delay_s=0,
        status_code=None,
        probability=1,
    )

    await clock.advance(world, by=timedelta(days=1, hours=2))

    paid = await found(world, sent)
    assert (paid.state, paid.paid_at) == (S.PAID, datetime(2026, 11, 24, 6, tzinfo=UTC))
    assert len(paid.events) == 6


async def test_where_nothing_is_left_to_be_paid_the_claim_is_rejected(world: StagedWorld) -> None:
    sent = await submit(world, await confirmed(world))
    await end_membership(world, SITI.kpj, link="DISOWNED")

    await clock.advance(world, by=timedelta(days=1))

    ended = await found(world, sent)
    assert (ended.state, ended.decision.key if ended.decision else None) == (S.REJECTED, "jht.rejected_no_balance")
