"""Claims through the API: from the dry run to the paid claim, and every refusal in its own type."""

from datetime import timedelta
from typing import Any

import pytest

from gateway.domain.claim_document import DocumentKind
from gateway.services import clock, session
from schema.context import Context
from schema.node import global_id
from tests.schema.asking import Asking, codes
from tests.services.claiming import code_for_claim, confirmed, send_in
from tests.services.journey import LARAS, SITI
from tests.services.staged import StagedWorld
from tests.services.test_claim_progress import JOKO

OPTIONS = """{ viewer { member { claimOptions {
  reason eligible code availableFrom channels stepUpRequired npwpRequired
  decision { hasil sebab tindakLanjut } quote { gross tax net taxRule }
  requirements { kind required note state problem document { id } } } } } }"""
CLAIM = """id number program reason channel state gross tax net canCancel kpjs submittedAt slaDueAt paidAt interviewAt
  bankAccount { bankCode maskedNumber holderName } decision { hasil } documents { kind }
  requirements { kind state } events { state note }"""
ERRORS = """errors { __typename code message field
  ... on EligibilityError { eligibility { code availableFrom decision { sebab } } }
  ... on StateError { state } ... on ServiceError { service } ... on OtpError { attemptsLeft } }"""
SUBMIT = "mutation($input: SubmitClaimInput!) { submitClaim(input: $input) { claim { " + CLAIM + " } " + ERRORS + " } }"
CANCEL = "mutation($id: ID!) { cancelClaim(input: {claimId: $id}) { claim { state } " + ERRORS + " } }"
FIX = "mutation($id: ID!) { fixClaim(input: {claimId: $id}) { claim { state } " + ERRORS + " } }"
LIST = """query($state: [ClaimState!], $id: ID!) { viewer { member {
  claims(state: $state) { totalCount nodes { number } } claim(id: $id) { number } } } }"""


def form(code: str, **filled: object) -> dict[str, Any]:
    account = {"bankCode": "991", "number": "1234 5678 90", "holderName": "siti fiktif"}
    return {"reason": "RESIGNED", "bankAccount": account, "otp": code, "idempotencyKey": "k1", **filled}


async def test_from_the_dry_run_to_the_paid_claim(world: StagedWorld) -> None:
    viewer, api = await confirmed(world), Asking(world)
    token = await api.token_of(SITI.email)
    options = (await api.data(OPTIONS, token))["viewer"]["member"]["claimOptions"]
    resigned = next(one for one in options if one["reason"] == "RESIGNED")
    ktp = await send_in(world, viewer, DocumentKind.KTP)
    otp = await code_for_claim(world, viewer)

    filled = form(otp, documentIds=[global_id("Document", ktp.id)])
    answer = (await api.data(SUBMIT, token, input=filled))["submitClaim"]
    await clock.advance(world, by=timedelta(days=1))
    node = "query($id: ID!) { node(id: $id) { ... on Claim { " + CLAIM + " } } }"
    paid = (await api.data(node, token, id=answer["claim"]["id"]))["node"]

    assert len(options) == 10
    assert (resigned["eligible"], resigned["code"], resigned["availableFrom"]) == (True, "ELIGIBLE", "2026-11-23")
    assert resigned["channels"][0] == "MOBILE"
    assert resigned["decision"]["hasil"] == "JHT can be claimed."
    assert answer["errors"] == []
    sent = answer["claim"]
    assert (sent["state"], sent["program"], sent["gross"]) == ("SUBMITTED", "JHT", resigned["quote"]["gross"])
    assert sent["bankAccount"] == {"bankCode": "991", "maskedNumber": "****7890", "holderName": "siti fiktif"}
    assert sent["events"] == [{"state": "SUBMITTED", "note": f"Claim {sent['number']} was received."}]
    assert [one["kind"] for one in sent["documents"]] == ["KTP"]
    assert (paid["state"], paid["paidAt"], paid["canCancel"]) == ("PAID", "2026-11-24T04:00:00Z", False)
    assert len(paid["events"]) == 6


async def test_a_refusal_says_why_and_from_when(world: StagedWorld) -> None:
    viewer, api = await confirmed(world, JOKO), Asking(world)
    token, otp = await api.token_of(JOKO.email), await code_for_claim(world, viewer)

    refused = (await api.data(SUBMIT, token, input=form(otp, reason="LAID_OFF")))["submitClaim"]

    assert refused["claim"] is None
    (error,) = refused["errors"]
    assert (error["__typename"], error["code"], error["field"]) == ("EligibilityError", "NOT_ELIGIBLE", None)
    assert error["eligibility"] == {
        "code": "WAITING_PERIOD",
        "availableFrom": "2026-12-11",
        "decision": {"sebab": "The month of waiting since you left work is not over."},
    }


@pytest.mark.parametrize(
    ("filled", "kind", "code", "field"),
    [
        ({"documentIds": ["nonsense"]}, "FieldError", "DOCUMENT_MISSING", ["documentIds", "0"]),
        ({"documentIds": [global_id("Claim", 1)]}, "FieldError", "DOCUMENT_MISSING", ["documentIds", "0"]),
        ({"npwp": "x"}, "FieldError", "INVALID_NPWP", ["npwp"]),
        ({"otp": None}, "FieldError", "STEP_UP_REQUIRED", ["otp"]),
        ({"otp": "000000"}, "OtpError", "OTP_INVALID", ["otp"]),
    ],
)
async def test_a_slip_is_told_in_its_own_type(
    world: StagedWorld, filled: dict[str, object], kind: str, code: str, field: list[str]
) -> None:
    viewer, api = await confirmed(world), Asking(world)
    token, otp = await api.token_of(SITI.email), await code_for_claim(world, viewer)

    refused = (await api.data(SUBMIT, token, input=form(otp, **filled)))["submitClaim"]

    assert [(error["__typename"], error["code"], error["field"]) for error in refused["errors"]] == [
        (kind, code, field)
    ]


async def test_claims_are_listed_and_taken_back_by_their_owner_alone(world: StagedWorld) -> None:
    viewer, api = await confirmed(world), Asking(world)
    token, otp = await api.token_of(SITI.email), await code_for_claim(world, viewer)
    other = await api.token_of(LARAS.email)
    sent = (await api.data(SUBMIT, token, input=form(otp)))["submitClaim"]["claim"]

    mine = (await api.data(LIST, token, id=sent["id"], state=["SUBMITTED"]))["viewer"]["member"]
    theirs = (await api.data(LIST, other, id=sent["id"]))["viewer"]["member"]
    foreign = await api.ask(CANCEL, other, id=sent["id"])
    fixed = (await api.data(FIX, token, id=sent["id"]))["fixClaim"]
    cancelled = (await api.data(CANCEL, token, id=sent["id"]))["cancelClaim"]
    again = (await api.data(CANCEL, token, id=sent["id"]))["cancelClaim"]

    assert mine == {
        "claims": {"totalCount": 1, "nodes": [{"number": sent["number"]}]},
        "claim": {"number": sent["number"]},
    }
    assert theirs == {"claims": {"totalCount": 0, "nodes": []}, "claim": None}
    assert codes(foreign) == ["NOT_FOUND"]
    assert (fixed["claim"], fixed["errors"][0]["code"]) == ({"state": "SUBMITTED"}, "WRONG_STEP")
    assert (cancelled["claim"]["state"], cancelled["errors"]) == ("CANCELLED", [])
    assert (again["claim"]["state"], again["errors"][0]["state"]) == ("CANCELLED", "CANCELLED")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [("first: -1", "BAD_USER_INPUT"), ("first: 1000000", "BAD_USER_INPUT"), ('after: "x"', "BAD_USER_INPUT")],
)
async def test_a_bad_page_is_refused(world: StagedWorld, arguments: str, code: str) -> None:
    api = Asking(world)

    document = f"{{ viewer {{ member {{ claims({arguments}) {{ totalCount }} }} }} }}"
    answer = await api.ask(document, await api.token_of(LARAS.email))

    assert codes(answer) == [code]


async def test_who_listens_needs_a_session_and_hears_the_present_state_first(world: StagedWorld) -> None:
    viewer, api = await confirmed(world), Asking(world)
    token, otp = await api.token_of(SITI.email), await code_for_claim(world, viewer)
    sent = (await api.data(SUBMIT, token, input=form(otp)))["submitClaim"]["claim"]
    news = "subscription($id: ID!) { claimChanged(id: $id) { state } }"

    async def first(authorization: str | None) -> dict[str, Any]:
        context = Context(
            world,
            None,  # type: ignore[arg-type]  # the member API touches no other world
            api.caller,
            viewer_of=session.viewer_of,
            authorization=authorization,
        )
        stream = api.executor.stream(news, {"id": sent["id"]}, context=context)
        try:
            return (await anext(stream)).body()
        finally:
            await stream.aclose()

    assert await first(f"Bearer {token}") == {"data": {"claimChanged": {"state": "SUBMITTED"}}}
    assert codes(await first(None)) == ["UNAUTHENTICATED"]
    assert codes(await first(f"Bearer {await api.token_of(LARAS.email)}")) == ["NOT_FOUND"]


async def test_what_a_claim_needs_is_told_to_anybody_without_anybodys_documents(world: StagedWorld) -> None:
    viewer, api = await confirmed(world), Asking(world)
    await send_in(world, viewer, DocumentKind.KTP)
    document = "{ claimRequirements(reason: RESIGNED) { kind required state document { id } } }"

    for token in (None, await api.token_of(SITI.email)):
        needed = (await api.data(document, token))["claimRequirements"]
        assert {"kind": "KTP", "required": True, "state": "MISSING", "document": None} in needed
        assert {one["document"] for one in needed} == {None}
