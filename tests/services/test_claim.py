"""Sending in a claim: what is refused without a trace, what is the same claim again, and that one runs at a time."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.domain.account import Viewer
from gateway.domain.channel import ClaimChannel
from gateway.domain.claim import BankAccount, Claim, ClaimState
from gateway.domain.claim_document import ClaimReason, DocumentKind, DocumentState
from gateway.domain.fault import FaultMode, FaultTarget
from gateway.domain.problem import Code, Refusal, Rejected, Service
from gateway.models.account import AccountRow
from gateway.models.contact import ContactChangeRow
from gateway.services import claim, claim_case, claim_view, clock, contact, fault, jobs
from tests.services.claiming import (
    SITI_ACCOUNT,
    code_for_claim,
    confirmed,
    form,
    person_id,
    send_in,
    submit,
)
from tests.services.journey import CALLER, LARAS, SITI, UCOK, refused_without_trace, sign_up, told, wrong_code
from tests.services.staged import StagedWorld, kept
from tests.services.test_contact import viewer_of


async def test_a_small_claim_goes_by_phone_without_documents(world: StagedWorld) -> None:
    viewer = await confirmed(world)

    sent = await submit(world, viewer)
    await world.agenda.settle()

    assert (sent.state, sent.channel, sent.number) == (ClaimState.SUBMITTED, ClaimChannel.MOBILE, "JHT-2026-000001")
    assert 14_199_000 <= sent.gross <= 14_201_000
    assert (sent.tax, sent.net, sent.kpjs) == (0, sent.gross, (SITI.kpj,))
    assert (sent.submitted_at, sent.sla_due_at) == (world.clock.now(), datetime(2026, 11, 30, 10, tzinfo=UTC))
    assert [(event.at, event.state) for event in sent.events] == [(world.clock.now(), ClaimState.SUBMITTED)]
    assert (sent.can_cancel, sent.decision, sent.paid_at) == (True, None, None)
    assert await claim_view.find(world, member_id=await person_id(world), claim_id=sent.id) == sent
    mail = world.mail.sent[-1]
    assert (mail.to, mail.kind) == (SITI.email, "CLAIM_NOTICE")
    assert (mail.subject, sent.number in mail.text) == (f"News of claim {sent.number}", True)
    assert "1234567890" not in mail.text
    assert await jobs.next_due(world) == world.clock.now() + timedelta(minutes=5)


@pytest.mark.parametrize(
    ("filled", "problems"),
    [
        ({"idempotency_key": " "}, [(Code.REQUIRED, ("idempotencyKey",))]),
        ({"idempotency_key": "k" * 101}, [(Code.OUT_OF_RANGE, ("idempotencyKey",))]),
        ({"document_ids": (None,) * 31}, [(Code.OUT_OF_RANGE, ("documentIds",))]),
        (
            {"document_ids": (None, 999)},
            [(Code.DOCUMENT_MISSING, ("documentIds", "0")), (Code.DOCUMENT_MISSING, ("documentIds", "1"))],
        ),
        ({"kpj": "123"}, [(Code.INVALID_KPJ, ("kpj",))]),
        ({"kpj": LARAS.kpj}, [(Code.KPJ_NOT_LINKED, ("kpj",))]),
        ({"npwp": "12"}, [(Code.INVALID_NPWP, ("npwp",))]),
        ({"npwp": LARAS.nik}, [(Code.INVALID_NPWP, ("npwp",))]),
        (
            {"bank_account": BankAccount(" ", "", "  ")},
            [
                (Code.REQUIRED, ("bankAccount", "bankCode")),
                (Code.REQUIRED, ("bankAccount", "number")),
                (Code.REQUIRED, ("bankAccount", "holderName")),
            ],
        ),
        (
            {"bank_account": replace(SITI_ACCOUNT, bank_code="002")},
            [(Code.BANK_ACCOUNT_INVALID, ("bankAccount", "bankCode"))],
        ),
        (
            {"bank_account": replace(SITI_ACCOUNT, number="12-34")},
            [(Code.BANK_ACCOUNT_INVALID, ("bankAccount", "number"))],
        ),
        ({"bank_account": replace(SITI_ACCOUNT, number="1234567000")}, [(Code.BANK_ACCOUNT_INVALID, ("bankAccount",))]),
        (
            {"bank_account": replace(SITI_ACCOUNT, holder_name="Budi Contoh")},
            [(Code.BANK_ACCOUNT_INVALID, ("bankAccount",))],
        ),
        ({"reason": ClaimReason.LAID_OFF}, [(Code.NOT_ELIGIBLE, None)]),
        ({"otp": ""}, [(Code.STEP_UP_REQUIRED, ("otp",))]),
        ({"otp": "12ab"}, [(Code.INVALID_FORMAT, ("otp",))]),
    ],
)
async def test_a_claim_that_cannot_be_is_refused(
    world: StagedWorld, filled: dict[str, object], problems: list[tuple[Code, tuple[str, ...]]]
) -> None:
    viewer = await confirmed(world)
    otp = await code_for_claim(world, viewer)
    typed = form(**{"otp": otp, **filled})

    refusal = await refused_without_trace(world, claim.submit(world, viewer=viewer, form=typed, caller=CALLER))

    assert told(refusal) == problems


async def test_without_a_code_asked_for_nothing_is_sent_in(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    typed = form(otp="123456")

    refusal = await refused_without_trace(world, claim.submit(world, viewer=viewer, form=typed, caller=CALLER))

    assert told(refusal) == [(Code.STEP_UP_REQUIRED, ("otp",))]


async def test_a_wrong_code_is_counted_and_the_right_one_still_works(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    otp = await code_for_claim(world, viewer)

    with pytest.raises(Refusal) as caught:
        await claim.submit(world, viewer=viewer, form=form(otp=wrong_code(otp)), caller=CALLER)

    assert told(caught.value) == [(Code.OTP_INVALID, ("otp",))]
    assert caught.value.problems[0].attempts_left == 4
    assert (await claim.submit(world, viewer=viewer, form=form(otp=otp), caller=CALLER)).state is ClaimState.SUBMITTED


@pytest.mark.parametrize("mode", [FaultMode.ERROR, FaultMode.TIMEOUT])
async def test_while_the_bank_does_not_answer_nothing_is_sent_in(world: StagedWorld, mode: FaultMode) -> None:
    viewer = await confirmed(world)
    otp = await code_for_claim(world, viewer)
    await fault.inject(
        world, target=FaultTarget.BANK, mode=mode, match=None, times=1, delay_s=0, status_code=None, probability=1
    )
    before = (await kept(world))["ClaimRow"]

    with pytest.raises(Refusal) as caught:
        await claim.submit(world, viewer=viewer, form=form(otp=otp), caller=CALLER)

    assert told(caught.value) == [(Code.SERVICE_UNAVAILABLE, None)]
    assert caught.value.problems[0].service is Service.BANK
    assert (await kept(world))["ClaimRow"] == before == []
    assert (await claim.submit(world, viewer=viewer, form=form(otp=otp), caller=CALLER)).gross > 0


async def test_before_the_data_are_confirmed_the_refusal_says_what_to_do(world: StagedWorld) -> None:
    await sign_up(world, SITI)
    viewer = await viewer_of(world, SITI.email)
    otp = await code_for_claim(world, viewer)

    refusal = await refused_without_trace(world, claim.submit(world, viewer=viewer, form=form(otp=otp), caller=CALLER))

    assert told(refusal) == [(Code.NOT_ELIGIBLE, None)]
    eligibility = refusal.problems[0].eligibility
    assert eligibility is not None
    assert eligibility.code == "PROFILE_NOT_CONFIRMED"


async def test_the_same_key_with_the_same_content_gives_the_first_claim_again(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    first = await submit(world, viewer)
    await world.agenda.settle()

    before, sent = await kept(world), len(world.mail.sent)
    again = await claim.submit(world, viewer=viewer, form=form(otp=""), caller=CALLER)

    assert again == first
    assert await kept(world) == before
    assert len(world.mail.sent) == sent


async def test_the_same_key_with_other_content_is_a_conflict(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    await submit(world, viewer)
    await world.agenda.settle()
    other = form(bank_account=replace(SITI_ACCOUNT, number="1234567891"))

    refusal = await refused_without_trace(world, claim.submit(world, viewer=viewer, form=other, caller=CALLER))

    assert told(refusal) == [(Code.IDEMPOTENCY_CONFLICT, ("idempotencyKey",))]


async def test_of_sixteen_claims_at_once_one_is_taken(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    otp = await code_for_claim(world, viewer)
    forms = [form(otp=otp, idempotency_key=f"key-{number}") for number in range(16)]

    answers = await asyncio.gather(
        *(claim.submit(world, viewer=viewer, form=one, caller=CALLER) for one in forms), return_exceptions=True
    )

    taken = [answer for answer in answers if isinstance(answer, Claim)]
    refusals = [answer for answer in answers if isinstance(answer, Refusal)]
    assert (len(taken), len(refusals)) == (1, 15)
    assert [told(refusal) for refusal in refusals] == [[(Code.CLAIM_IN_PROGRESS, None)]] * 15
    assert len((await kept(world))["ClaimRow"]) == 1


async def test_of_sixteen_repeats_at_once_all_get_the_one_claim(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    otp = await code_for_claim(world, viewer)

    answers = await asyncio.gather(
        *(claim.submit(world, viewer=viewer, form=form(otp=otp), caller=CALLER) for _ in range(16))
    )

    assert {answer.id for answer in answers} == {answers[0].id}
    assert len((await kept(world))["ClaimRow"]) == 1


async def test_a_running_claim_keeps_the_next_one_out_until_it_is_cancelled(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    first = await submit(world, viewer)

    with pytest.raises(Refusal) as caught:
        await submit(world, viewer, idempotency_key="key-2")
    cancelled = await claim.cancel(world, viewer=viewer, claim_id=first.id, caller=CALLER)

    assert told(caught.value) == [(Code.CLAIM_IN_PROGRESS, None)]
    assert (cancelled.state, cancelled.can_cancel, cancelled.sla_due_at) == (
        ClaimState.CANCELLED,
        False,
        first.sla_due_at,
    )
    assert (await submit(world, viewer, idempotency_key="key-2")).id != first.id
    with pytest.raises(Refusal) as late:
        await claim.cancel(world, viewer=viewer, claim_id=first.id, caller=CALLER)
    assert told(late.value) == [(Code.WRONG_STEP, None)]
    assert (late.value.problems[0].state, late.value.subject) == ("CANCELLED", cancelled)


async def test_after_a_changed_phone_a_day_has_to_pass(world: StagedWorld) -> None:
    await confirmed(world)
    async with world.store.writing():
        account = await AccountRow.get(email=SITI.email)
        now = world.clock.now()
        await ContactChangeRow.create(
            account_id=account.id, kind=contact.PHONE, target="+6284000000555", created_at=now, done_at=now
        )

    options = {one.reason: one for one in await claim_case.list_options(world, member_id=await person_id(world))}
    assert options[ClaimReason.RESIGNED].code == "CONTACT_CHANGED_RECENTLY"
    assert options[ClaimReason.RESIGNED].available_from == date(2026, 11, 24)

    await clock.advance(world, by=timedelta(days=1))
    options = {one.reason: one for one in await claim_case.list_options(world, member_id=await person_id(world))}
    assert options[ClaimReason.RESIGNED].eligible


async def test_somebody_elses_document_looks_like_one_that_is_not_there(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    foreign = await send_in(world, await viewer_of(world, UCOK.email), DocumentKind.KTP)
    otp = await code_for_claim(world, viewer)
    typed = form(otp=otp, document_ids=(foreign.id,))

    refusal = await refused_without_trace(world, claim.submit(world, viewer=viewer, form=typed, caller=CALLER))

    assert told(refusal) == [(Code.DOCUMENT_MISSING, ("documentIds", "0"))]


async def test_a_claim_takes_its_documents_and_no_other_claim_can(world: StagedWorld) -> None:
    viewer = await confirmed(world)
    ktp = await send_in(world, viewer, DocumentKind.KTP)

    sent = await submit(world, viewer, document_ids=(ktp.id,))
    await claim.cancel(world, viewer=viewer, claim_id=sent.id, caller=CALLER)

    assert [(one.id, one.expires_at) for one in sent.documents] == [(ktp.id, None)]
    states = {one.kind: one.state for one in sent.requirements}
    assert (states[DocumentKind.KTP], states[DocumentKind.CARD]) == (DocumentState.UPLOADED, DocumentState.MISSING)
    with pytest.raises(Refusal) as caught:
        await submit(world, viewer, idempotency_key="key-2", document_ids=(ktp.id,))
    assert told(caught.value) == [(Code.DOCUMENT_MISSING, ("documentIds", "0"))]


async def test_a_viewer_without_an_account_is_nobody(world: StagedWorld) -> None:
    with pytest.raises(Rejected) as caught:
        await claim.submit(world, viewer=Viewer("nobody", "s1"), form=form(), caller=CALLER)

    assert caught.value.code == "UNAUTHENTICATED"
