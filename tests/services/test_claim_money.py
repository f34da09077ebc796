"""What a claim costs and asks for: tax after a partial one, once in a life, documents, tax number, the first day."""

from datetime import date, timedelta

import pytest

from gateway.domain.claim_document import ClaimReason, DocumentKind
from gateway.domain.problem import Code, Refusal
from gateway.domain.tax import TaxRule
from gateway.models.member import MembershipRow, PostingRow
from gateway.services import claim_case, clock
from tests.services.claiming import confirmed, end_membership, person_id, send_in, submit
from tests.services.journey import UCOK, told
from tests.services.staged import StagedWorld
from tests.services.test_claim_progress import ANDI, ANDI_ACCOUNT, DEWI, DEWI_ACCOUNT, JOKO, S, found, total_of
from tests.services.test_membership import HIDDEN


async def test_after_ten_percent_the_rest_falls_under_article_17(world: StagedWorld) -> None:
    viewer = await confirmed(world, DEWI)
    member_id = await person_id(world, DEWI)
    options = {one.reason: one for one in await claim_case.list_options(world, member_id=member_id)}
    assert options[ClaimReason.PARTIAL_30].code == "PARTIAL_ALREADY_TAKEN"
    assert options[ClaimReason.RESIGNED].code == "STILL_ACTIVE"
    assert options[ClaimReason.RESIGNED].npwp_required
    await end_membership(
        world,
        DEWI.kpj,
        status="INACTIVE",
        inactive_since=date(2026, 11, 1),
        leave_reason="RESIGNED",
        charge_next_on=None,
    )
    await clock.advance(world, by=timedelta(days=9))
    kinds = (DocumentKind.KTP, DocumentKind.CARD, DocumentKind.RESIGNATION_LETTER)
    documents = tuple([(await send_in(world, viewer, kind)).id for kind in kinds])

    sent = await submit(world, viewer, bank_account=DEWI_ACCOUNT, document_ids=documents)
    await clock.advance(world, by=timedelta(days=7))
    paid = await found(world, sent)

    assert paid.state is S.PAID
    # Without an NPWP a fifth more than 5 % of 60 million and 15 % of what lies above.
    by_hand = (3_000_000 + (paid.gross - 60_000_000) * 0.15) * 1.2
    assert abs(paid.tax - by_hand) <= 1
    assert await total_of(world, DEWI) == 0


async def test_thirty_percent_are_paid_once_in_a_life(world: StagedWorld) -> None:
    async with world.store.writing():
        await PostingRow.filter(kind="PAYOUT").delete()
    viewer = await confirmed(world, DEWI)
    before = await total_of(world, DEWI)
    kinds = (
        *(DocumentKind.KTP, DocumentKind.KK, DocumentKind.CARD, DocumentKind.EMPLOYER_LETTER),
        *(DocumentKind.BANK_BOOK, DocumentKind.HOUSING_PROOF),
    )
    documents = tuple([(await send_in(world, viewer, kind)).id for kind in kinds])
    filled = {"reason": ClaimReason.PARTIAL_30, "bank_account": DEWI_ACCOUNT, "npwp": DEWI.nik}

    sent = await submit(world, viewer, document_ids=documents, **filled)
    await clock.advance(world, by=timedelta(days=4))

    paid = await found(world, sent)
    assert (paid.state, paid.gross) == (S.PAID, before * 3 // 10)
    assert await total_of(world, DEWI) == before - paid.gross
    with pytest.raises(Refusal) as caught:
        await submit(world, viewer, idempotency_key="key-2", **{**filled, "reason": ClaimReason.PARTIAL_10})
    eligibility = caught.value.problems[0].eligibility
    assert eligibility is not None
    assert eligibility.code == "PARTIAL_ALREADY_TAKEN"
    assert eligibility.quote is not None
    assert eligibility.quote.rule is TaxRule.FINAL_0_5


async def test_who_was_laid_off_twelve_days_ago_learns_the_first_day(world: StagedWorld) -> None:
    await confirmed(world, JOKO)

    options = {one.reason: one for one in await claim_case.list_options(world, member_id=await person_id(world, JOKO))}

    laid_off = options[ClaimReason.LAID_OFF]
    assert (laid_off.code, str(laid_off.available_from)) == ("WAITING_PERIOD", "2026-12-11")
    await clock.advance(world, by=timedelta(days=18))
    options = {one.reason: one for one in await claim_case.list_options(world, member_id=await person_id(world, JOKO))}
    assert options[ClaimReason.LAID_OFF].eligible


@pytest.mark.parametrize(
    ("missing", "filled", "problems"),
    [
        (DocumentKind.CARD, {}, [(Code.DOCUMENT_MISSING, ("documentIds",))]),
        (None, {"npwp": None}, [(Code.REQUIRED, ("npwp",))]),
    ],
)
async def test_a_large_claim_needs_documents_and_a_tax_number(
    world: StagedWorld, missing: DocumentKind | None, filled: dict[str, object], problems: list[object]
) -> None:
    viewer = await confirmed(world, ANDI)
    kinds = [kind for kind in (DocumentKind.KTP, DocumentKind.CARD) if kind is not missing]
    documents = tuple([(await send_in(world, viewer, kind)).id for kind in kinds])
    typed = {"reason": ClaimReason.RETIREMENT_AGE, "bank_account": ANDI_ACCOUNT, "npwp": ANDI.nik}

    with pytest.raises(Refusal) as caught:
        await submit(world, viewer, document_ids=documents, **{**typed, **filled})

    assert told(caught.value) == problems


async def test_what_was_paid_out_of_a_hidden_membership_counts_too(world: StagedWorld) -> None:
    member_id = await person_id(world, UCOK)
    async with world.store.writing():
        old = await MembershipRow.get(kpj=HIDDEN)
        await PostingRow.create(membership_id=old.id, kind="PAYOUT", posted_on=date(2025, 6, 1), other_amount=100_000)

    options = {one.reason: one for one in await claim_case.list_options(world, member_id=member_id)}

    assert options[ClaimReason.PARTIAL_10].code == "PARTIAL_ALREADY_TAKEN"
    assert options[ClaimReason.RESIGNED].npwp_required
