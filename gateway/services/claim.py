"""Sending in a claim, mending it and taking it back. The agency's own steps are in `claim_progress`."""

import json
from collections.abc import Sequence
from dataclasses import replace

from gateway.domain.account import ActivityKind, Caller, Viewer
from gateway.domain.claim import CLAIM_SLA_DAYS, BankAccount, Claim, ClaimState
from gateway.domain.claim_document import DocumentState
from gateway.domain.claim_form import ClaimForm, check_account, check_document_count, check_form
from gateway.domain.eligibility import ClaimCase, ClaimEligibility, EligibilityCode, judge
from gateway.domain.identity import normalise_kpj
from gateway.domain.problem import Code, Problem, Refusal, Rejected, Service, refuse
from gateway.domain.tax import TaxRule
from gateway.domain.working_days import sla_due_at
from gateway.models.account import AccountRow
from gateway.models.claim import ClaimRow
from gateway.models.document import DocumentRow
from gateway.models.member import PersonRow
from gateway.ports import BankUnavailable
from gateway.services import account as accounts
from gateway.services import activity, claim_case, claim_progress, claim_view, step_up
from gateway.services.step_up import StepUpPurpose
from gateway.world import World


async def submit(world: World, *, viewer: Viewer, form: ClaimForm, caller: Caller) -> Claim:
    """Send in a claim on JHT. The same key with the same content gives the first claim again, whatever its state.

    Raises Refusal: what `check_form` says, IDEMPOTENCY_CONFLICT, KPJ_NOT_LINKED, CLAIM_IN_PROGRESS and NOT_ELIGIBLE
    (with the eligibility), DOCUMENT_MISSING, REQUIRED (npwp), STEP_UP_REQUIRED, OTP_*, BANK_ACCOUNT_INVALID,
    SERVICE_UNAVAILABLE (bank); Rejected UNAUTHENTICATED. Source: domain notes 2.1, 4.1 to 4.4 and 8.
    """
    async with world.store.reading():
        account = await accounts.load_row(viewer)
        bank_account = check_form(form, account.nik)
        repeat = await _find_repeat(world, account, form)
        if repeat is not None:
            return await claim_view.show(repeat)
        await _judge(world, account, form)
        step_up.check_shape(world, form.otp)
        person = await PersonRow.get(id=account.person_id)
    await _check_bank(world, bank_account, person.full_name)
    async with world.store.writing():
        account = await accounts.load_row(viewer, hold=True)
        # Another submit may have been committed meanwhile: everything is looked at again, now that others wait.
        repeat = await _find_repeat(world, account, form)
        if repeat is not None:
            return await claim_view.show(repeat)
        answer, documents = await _judge(world, account, form)
        refusal = await step_up.answer(world, account.id, StepUpPurpose.SUBMIT_CLAIM, form.otp)
        if refusal is None:
            row = await _open(world, account, form, bank_account, answer, documents)
            await activity.record(world, account.id, ActivityKind.CLAIM_SUBMITTED, caller)
            sent = await claim_view.show(row)
    if refusal is not None:
        raise refusal
    _announce(world, row)
    return sent


def _request_key(world: World, account: AccountRow, form: ClaimForm) -> str:
    return world.ids.key("claim", f"{account.person_id}:{form.idempotency_key}")


def _request_hash(world: World, form: ClaimForm) -> str:
    """What makes two forms the same: everything but the code, which is another one each time."""
    account = form.bank_account
    content = [form.reason, account.bank_code, account.number, account.holder_name, *form.document_ids]
    return world.ids.key("claim-content", json.dumps([*content, form.kpj, form.npwp]))


async def _find_repeat(world: World, account: AccountRow, form: ClaimForm) -> ClaimRow | None:
    row = await ClaimRow.get_or_none(request_key=_request_key(world, account, form))
    if row is not None and row.request_hash != _request_hash(world, form):
        raise refuse(Code.IDEMPOTENCY_CONFLICT, "idempotencyKey")
    return row


async def _judge(world: World, account: AccountRow, form: ClaimForm) -> tuple[ClaimEligibility, list[DocumentRow]]:
    """Whether the claim is possible as it was filled in, with the documents that it names."""
    known = await claim_case.read_case(world, account.person_id)
    if form.kpj is not None and all(one.kpj != normalise_kpj(form.kpj) for one in known.memberships):
        raise refuse(Code.KPJ_NOT_LINKED, "kpj")
    documents = await find_documents(world, account, form.document_ids)
    has_npwp = bool(form.npwp and form.npwp.strip())
    case: ClaimCase = replace(known, documents=[row.to_domain() for row in documents], has_npwp=has_npwp)
    answer = judge(case, form.reason)
    if not answer.eligible:
        running = answer.code is EligibilityCode.CLAIM_IN_PROGRESS
        raise refuse(Code.CLAIM_IN_PROGRESS if running else Code.NOT_ELIGIBLE, eligibility=answer)
    missing = [one.kind for one in answer.requirements if one.required and one.state is DocumentState.MISSING]
    if missing:
        raise _missing(missing)
    # Under article 17 the law has its own price for a missing tax number; else it has to be named.
    if answer.npwp_required and not has_npwp and answer.quote and answer.quote.rule is TaxRule.FINAL_0_5:
        raise refuse(Code.REQUIRED, "npwp")
    return answer, documents


def _missing(kinds: Sequence[str]) -> Refusal:
    params = {"kinds": ", ".join(kinds)}
    return refuse(Code.DOCUMENT_MISSING, "documentIds", text="error.DOCUMENT_MISSING.kinds", params=params)


async def find_documents(world: World, account: AccountRow, ids: Sequence[int | None]) -> list[DocumentRow]:
    """The documents of these ids, oldest first: one's own that no claim uses yet, inside the caller's open scope.

    Raises Refusal DOCUMENT_MISSING per id that is none of those; somebody else's looks like one that is not there.
    """
    wanted = [number for number in ids if number is not None]
    rows = await DocumentRow.filter(
        id__in=wanted, person_id=account.person_id, claim_id=None, expires_at__gt=world.clock.now()
    ).order_by("id")
    known = {row.id for row in rows}
    problems = [
        Problem(Code.DOCUMENT_MISSING, ("documentIds", str(place)), text="error.DOCUMENT_MISSING.unknown")
        for place, number in enumerate(ids)
        if number not in known
    ]
    if problems:
        raise Refusal(*problems)
    return list(rows)


async def _check_bank(world: World, account: BankAccount, full_name: str) -> None:
    try:
        owned = await world.bank.owns(account, full_name)
    except BankUnavailable:
        raise refuse(Code.SERVICE_UNAVAILABLE, service=Service.BANK) from None
    if not owned:
        raise refuse(Code.BANK_ACCOUNT_INVALID, "bankAccount")


async def _open(
    world: World,
    account: AccountRow,
    form: ClaimForm,
    bank_account: BankAccount,
    answer: ClaimEligibility,
    documents: Sequence[DocumentRow],
) -> ClaimRow:
    assert answer.quote is not None, "a claim that is possible has an amount"
    now, key = world.clock.now(), _request_key(world, account, form)
    case = await claim_case.read_case(world, account.person_id)
    row = await ClaimRow.create(
        number=key[:20],
        person_id=account.person_id,
        live_key=account.person_id,
        request_key=key,
        request_hash=_request_hash(world, form),
        reason=form.reason.value,
        channel=answer.channels[0].value,
        state=ClaimState.SUBMITTED.value,
        gross=answer.quote.gross,
        tax=answer.quote.tax,
        has_npwp=bool(form.npwp and form.npwp.strip()),
        bank_code=bank_account.bank_code,
        bank_number=bank_account.number,
        bank_holder=bank_account.holder_name,
        kpjs=",".join(one.kpj for one in case.funded),
        submitted_at=now,
        sla_due_at=sla_due_at(now, CLAIM_SLA_DAYS),
    )
    # The number that people read follows from the row's own, which is known only now.
    row.number = f"JHT-{now:%Y}-{row.id:06d}"
    await _bind(documents, row)
    await claim_progress.enter(world, row, ClaimState.SUBMITTED)
    return row


async def _bind(documents: Sequence[DocumentRow], claim: ClaimRow) -> None:
    ids = [document.id for document in documents]
    await DocumentRow.filter(id__in=ids).update(claim_id=claim.id, expires_at=None)


async def fix(
    world: World,
    *,
    viewer: Viewer,
    claim_id: int,
    document_ids: tuple[int | None, ...],
    bank_account: BankAccount | None,
    caller: Caller,
) -> Claim:
    """Mend a claim: new documents for those that were not taken, or another account after a failed transfer.

    Raises Refusal: WRONG_STEP (with the claim), DOCUMENT_MISSING, REQUIRED and BANK_ACCOUNT_INVALID (bankAccount),
    OUT_OF_RANGE, SERVICE_UNAVAILABLE; Rejected NOT_FOUND, UNAUTHENTICATED. Source: domain notes 4.5.
    """
    checked, problems = check_account(bank_account) if bank_account is not None else (None, [])
    problems += check_document_count(document_ids)
    if problems:
        raise Refusal(*problems)
    async with world.store.reading():
        account = await accounts.load_row(viewer)
        row = await _load(account, claim_id)
        await _check_fix(world, account, row, document_ids, checked)
        person = await PersonRow.get(id=account.person_id)
    if checked is not None:
        await _check_bank(world, checked, person.full_name)
    async with world.store.writing():
        account = await accounts.load_row(viewer, hold=True)
        row = await _load(account, claim_id, hold=True)
        documents = await _check_fix(world, account, row, document_ids, checked)
        await _bind(documents, row)
        if checked is not None:
            row.bank_code, row.bank_number = checked.bank_code, checked.number
            row.bank_holder = checked.holder_name
        failed = row.state == ClaimState.PAYMENT_FAILED
        await claim_progress.enter(world, row, ClaimState.PAYMENT_PROCESS if failed else ClaimState.DOCUMENT_CHECK)
        await activity.record(world, account.id, ActivityKind.CLAIM_CHANGED, caller)
        mended = await claim_view.show(row)
    _announce(world, row)
    return mended


async def _load(account: AccountRow, claim_id: int, *, hold: bool = False) -> ClaimRow:
    rows = ClaimRow.select_for_update() if hold else ClaimRow.all()
    row = await rows.get_or_none(id=claim_id, person_id=account.person_id)
    if row is None:
        raise Rejected("NOT_FOUND", "request.not_found", extensions={"field": "claimId"})
    return row


async def _check_fix(
    world: World, account: AccountRow, row: ClaimRow, ids: Sequence[int | None], bank_account: BankAccount | None
) -> list[DocumentRow]:
    if row.state not in (ClaimState.NEEDS_FIX, ClaimState.PAYMENT_FAILED):
        raise await _wrong_step(row)
    documents = await find_documents(world, account, ids)
    if row.state == ClaimState.PAYMENT_FAILED and bank_account is None:
        raise refuse(Code.REQUIRED, "bankAccount")
    latest = {one.kind: one for one in [*await DocumentRow.filter(claim_id=row.id).order_by("id"), *documents]}
    missing = [kind for kind, one in latest.items() if one.state == DocumentState.REJECTED]
    if missing and row.state == ClaimState.NEEDS_FIX:
        raise _missing(missing)
    return documents


async def _wrong_step(row: ClaimRow) -> Refusal:
    return Refusal(Problem(Code.WRONG_STEP, state=row.state), subject=await claim_view.show(row))


async def cancel(world: World, *, viewer: Viewer, claim_id: int, caller: Caller) -> Claim:
    """Take a claim back before it is verified, or when its transfer failed.

    Raises Refusal WRONG_STEP (with the claim); Rejected NOT_FOUND, UNAUTHENTICATED.
    """
    async with world.store.writing():
        account = await accounts.load_row(viewer, hold=True)
        row = await _load(account, claim_id, hold=True)
        shown = await claim_view.show(row)
        if not shown.can_cancel:
            raise await _wrong_step(row)
        await claim_progress.enter(world, row, ClaimState.CANCELLED)
        await activity.record(world, account.id, ActivityKind.CLAIM_CHANGED, caller)
        cancelled = await claim_view.show(row)
    _announce(world, row)
    return cancelled


def _announce(world: World, row: ClaimRow) -> None:
    """After commit: the notice leaves, the agency knows when it goes on, and who listens is told."""
    world.agenda.now()
    if row.step_at is not None:
        world.agenda.at(row.step_at)
    world.bus.publish(claim_view.topic_of(row.id))
