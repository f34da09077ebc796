"""Personal data, memberships, cards and reference data as a client sees them."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from gateway.domain.page import encode_cursor
from gateway.services import clock
from tests.schema.asking import Asking, codes
from tests.services.journey import LARAS, LARAS_OTHER_KPJ, UCOK, last_code, last_link_token
from tests.services.staged import StagedWorld

STEP_UP = """mutation($purpose: StepUpPurpose!) {
  requestStepUp(input: {purpose: $purpose}) {
    otp { channel maskedTarget expiresInSeconds resendInSeconds } errors { code }
  }
}"""
CHANGE_PHONE = """mutation($phone: String!, $otp: String!) {
  changePhone(input: {newPhone: $phone, otp: $otp}) {
    otp { maskedTarget attemptsLeft }
    errors { __typename code field message ... on OtpError { attemptsLeft } }
  }
}"""


@pytest.fixture
def api(world: StagedWorld) -> Asking:
    return Asking(world)


async def step_up(api: Asking, token: str, purpose: str) -> str:
    """Ask for a code and read it."""
    sent = (await api.data(STEP_UP, token, purpose=purpose))["requestStepUp"]
    assert sent["otp"]["channel"] == "SMS"
    await api.world.agenda.settle()
    return last_code(api.world)


async def test_a_phone_is_changed_from_end_to_end(api: Asking) -> None:
    token = await api.token_of(UCOK.email)
    otp = await step_up(api, token, "CHANGE_PHONE")
    sent = (await api.data(CHANGE_PHONE, token, phone="0840 0000 0077", otp=otp))["changePhone"]
    await api.world.agenda.settle()
    pending = await api.data("{ viewer { account { pendingPhone { maskedTarget attemptsLeft } } } }", token)

    confirm = "mutation($c: String!) { confirmPhone(input: {code: $c}) { account { phone } errors { code } } }"
    done = (await api.data(confirm, token, c=last_code(api.world)))["confirmPhone"]
    read = "{ viewer { account { phone pendingPhone { maskedTarget } activity { nodes { kind summary } } } } }"
    after = (await api.data(read, token))["viewer"]["account"]

    assert sent == {"otp": {"maskedTarget": "+62840*****077", "attemptsLeft": 5}, "errors": []}
    assert pending["viewer"]["account"]["pendingPhone"] == {"maskedTarget": "+62840*****077", "attemptsLeft": 5}
    assert done == {"account": {"phone": "+6284000000077"}, "errors": []}
    assert (after["phone"], after["pendingPhone"]) == ("+6284000000077", None)
    assert after["activity"]["nodes"] == [{"kind": "PHONE_CHANGED", "summary": "Phone number changed"}]


async def test_refusals_of_a_phone_come_in_their_types(api: Asking) -> None:
    token = await api.token_of(UCOK.email)
    missing = (await api.data(CHANGE_PHONE, token, phone="+6284000000077", otp=""))["changePhone"]
    otp = await step_up(api, token, "CHANGE_PHONE")
    wrong = f"{(int(otp) + 1) % 1_000_000:06d}"
    refused = (await api.data(CHANGE_PHONE, token, phone="+6284000000077", otp=wrong))["changePhone"]

    (first,), (second,) = missing["errors"], refused["errors"]
    assert (first["__typename"], first["code"], first["field"]) == ("FieldError", "STEP_UP_REQUIRED", ["otp"])
    assert (second["__typename"], second["code"], second["attemptsLeft"]) == ("OtpError", "OTP_INVALID", 4)
    assert refused["otp"] is None


async def test_an_address_is_changed_by_its_link_without_a_session(api: Asking) -> None:
    token = await api.token_of(UCOK.email)
    otp = await step_up(api, token, "CHANGE_EMAIL")
    change = """mutation($o: String!) {
      changeEmail(input: {newEmail: "Baru@Peserta.Test", otp: $o}) { accepted errors { code } }
    }"""
    assert (await api.data(change, token, o=otp))["changeEmail"] == {"accepted": True, "errors": []}
    await api.world.agenda.settle()
    pending = await api.data("{ viewer { account { email pendingEmail { maskedTarget } } } }", token)

    confirm = "mutation($t: String!) { confirmEmail(input: {token: $t}) { accepted errors { code } } }"
    link = last_link_token(api.world)
    assert (await api.data(confirm, None, t=link))["confirmEmail"] == {"accepted": True, "errors": []}
    after = await api.data("{ viewer { account { email pendingEmail { maskedTarget } } } }", token)

    assert pending["viewer"]["account"] == {"email": UCOK.email, "pendingEmail": {"maskedTarget": "b***@peserta.test"}}
    assert after["viewer"]["account"] == {"email": "baru@peserta.test", "pendingEmail": None}


async def test_without_a_new_phone_the_account_comes_along(api: Asking) -> None:
    confirm = """mutation { confirmPhone(input: {code: "123456"}) {
      account { phone } errors { __typename code ... on StateError { state } } } }"""

    answer = (await api.data(confirm, await api.token_of(UCOK.email)))["confirmPhone"]

    assert answer["account"] == {"phone": UCOK.phone}
    assert answer["errors"] == [{"__typename": "StateError", "code": "WRONG_STEP", "state": "ACTIVE"}]


async def test_a_profile_is_told_and_confirmed(api: Asking) -> None:
    update = """mutation($input: UpdateProfileInput!) { updateProfile(input: $input) {
      member { address { street village city province postalCode } emergencyContact { name phone relation }
        profileConfirmedAt } errors { code field } } }"""
    token = await api.token_of(UCOK.email)
    address = {"street": "Jalan Contoh 1", "city": "Medan", "province": "Sumatera Utara", "postalCode": "20111"}
    contact = {"name": "Butet Reka", "phone": "084000000099", "relation": "adik"}

    refused = (await api.data(update, token, input={"address": address | {"city": ""}}))["updateProfile"]
    told = (await api.data(update, token, input={"address": address, "emergencyContact": contact, "confirm": True}))[
        "updateProfile"
    ]

    assert refused == {"member": None, "errors": [{"code": "REQUIRED", "field": ["address", "city"]}]}
    assert told["errors"] == []
    assert told["member"] == {
        "address": address | {"village": None},
        "emergencyContact": contact | {"phone": "+6284000000099"},
        "profileConfirmedAt": "2026-11-23T05:00:00Z",
    }


async def test_a_hidden_membership_is_linked_and_merged(api: Asking) -> None:
    token = await api.token_of(UCOK.email)
    hidden = "{ viewer { member { hiddenMemberships { maskedKpj employerName lastContribution } } } }"
    (found,) = (await api.data(hidden, token))["viewer"]["member"]["hiddenMemberships"]
    link = """mutation { linkMembership(input: {kpj: "99260000108"}) {
      membership { kpj balance { total } dispute { state } } errors { code } } }"""
    linked = (await api.data(link, token))["linkMembership"]
    merge = """mutation { mergeMemberships(input: {kpjs: ["99260000108"], into: "99260000008"}) {
      merge { kpjs into state slaDueAt decision { hasil } } errors { code } } }"""
    asked = (await api.data(merge, token))["mergeMemberships"]
    running = (await api.data(merge, token))["mergeMemberships"]

    await clock.advance(api.world, by=timedelta(days=3))
    (ended,) = (
        await api.data("{ viewer { member { merges { state decision { hasil sebab tindakLanjut } } } } }", token)
    )["viewer"]["member"]["merges"]

    assert found == {
        "maskedKpj": "*******0108",
        "employerName": "PT Busana Rekaan (fiktif)",
        "lastContribution": "2025-05",
    }
    assert linked["errors"] == []
    assert (linked["membership"]["kpj"], linked["membership"]["dispute"]) == ("99260000108", None)
    assert linked["membership"]["balance"]["total"] > 0
    assert asked["merge"] == {
        "kpjs": ["99260000108"],
        "into": "99260000008",
        "state": "REQUESTED",
        "slaDueAt": "2026-11-30T10:00:00Z",
        "decision": None,
    }
    assert (running["merge"], running["errors"]) == (asked["merge"], [{"code": "WRONG_STEP"}])
    assert ended["state"] == "MERGED"
    assert ended["decision"] == {
        "hasil": "The balances were merged.",
        "sebab": "Membership *******0108 has ended and is in your name.",
        "tindakLanjut": "Please look at the balance of KPJ *******0008. There is nothing more for you to do.",
    }


async def test_a_dispute_is_shown_on_its_membership(api: Asking) -> None:
    token = await api.token_of(LARAS.email)
    dispute = """mutation($kpj: String!) { disputeMembership(input: {kpj: $kpj, statement: "Bukan saya, sungguh."}) {
      membership { kpj dispute { state slaDueAt decision { hasil } } } errors { code } } }"""

    said = (await api.data(dispute, token, kpj=LARAS_OTHER_KPJ))["disputeMembership"]
    again = (await api.data(dispute, token, kpj=LARAS_OTHER_KPJ))["disputeMembership"]

    shown = {"state": "OPEN", "slaDueAt": "2026-11-30T10:00:00Z", "decision": None}
    assert said == {"membership": {"kpj": LARAS_OTHER_KPJ, "dispute": shown}, "errors": []}
    assert again == {"membership": said["membership"], "errors": [{"code": "WRONG_STEP"}]}


async def test_a_card_has_signed_addresses_and_anybody_may_verify_it(api: Asking) -> None:
    cards = """{ viewer { member { cards { id kpj holderName segment programs employerName status memberSince
      verification { url expiresInSeconds } pdf: download { url expiresInSeconds } png: download(format: PNG) { url }
    } } } }"""
    (card,) = (await api.data(cards, await api.token_of(UCOK.email)))["viewer"]["member"]["cards"]
    code = card["verification"]["url"].partition("token=")[2]
    verify = (
        "query($t: String!) { verifyCard(token: $t) { valid maskedHolderName maskedKpj status programs checkedAt } }"
    )
    proved = (await api.data(verify, None, t=code))["verifyCard"]
    foreign = (await api.data(verify, None, t="x"))["verifyCard"]

    assert (card["holderName"], card["employerName"], card["memberSince"]) == ("Ucok Reka", None, "2025-07-23")
    assert card["verification"]["url"].startswith("http://127.0.0.1:8000/kartu?token=")
    assert card["verification"]["expiresInSeconds"] == 19 * 3600
    assert card["pdf"]["url"].startswith("http://127.0.0.1:8000/berkas/kartu?token=")
    assert (card["pdf"]["expiresInSeconds"], card["png"]["url"] != card["pdf"]["url"]) == (300, True)
    assert proved == {
        "valid": True,
        "maskedHolderName": "U*** R***",
        "maskedKpj": "*******0008",
        "status": "ACTIVE",
        "programs": ["JHT", "JKK", "JKM"],
        "checkedAt": "2026-11-23T05:00:00Z",
    }
    assert foreign == dict.fromkeys(proved) | {"valid": False, "checkedAt": "2026-11-23T05:00:00Z"}


async def test_reference_data_need_no_session(api: Asking) -> None:
    found = await api.data("""{
      branchOffices(city: "jawa", first: 2) { totalCount nodes { code city } pageInfo { hasNextPage endCursor } }
      banks { code name } uploadRules { maxBytes contentTypes } support { phone hours }
      serviceStatus { service available message }
      claimRequirements(reason: PARTIAL_10) { kind required note state problem }
    }""")

    assert found["branchOffices"]["totalCount"] == 13
    assert [office["code"] for office in found["branchOffices"]["nodes"]] == ["BKS", "BGR"]
    assert found["branchOffices"]["pageInfo"]["hasNextPage"]
    assert found["uploadRules"] == {
        "maxBytes": 6_291_456,
        "contentTypes": ["image/jpeg", "image/png", "application/pdf"],
    }
    assert {status["available"] for status in found["serviceStatus"]} == {True}
    assert found["claimRequirements"][-1] == {
        "kind": "NPWP",
        "required": False,
        "note": "Needed when the balance is above Rp50 million or part of it was claimed before.",
        "state": "MISSING",
        "problem": None,
    }


@pytest.mark.parametrize("arguments", ["first: -1", "first: 1000000", "first: 1, last: 1", 'after: "x"'])
async def test_a_page_of_offices_that_cannot_be_is_refused(api: Asking, arguments: str) -> None:
    answer = await api.ask(f"{{ branchOffices({arguments}) {{ totalCount }} }}")

    assert codes(answer) == ["BAD_USER_INPUT"]
    assert answer["data"] == {"branchOffices": None}


async def test_a_city_without_end_is_refused(api: Asking) -> None:
    answer = await api.ask("query($c: String) { branchOffices(city: $c) { totalCount } }", None, c="x" * 101)

    assert answer["errors"][0]["extensions"] == {"field": "city", "code": "BAD_USER_INPUT"}


async def test_statements_do_not_grow_with_what_is_asked_of_memberships(
    api: Asking, caplog: pytest.LogCaptureFixture
) -> None:
    document = """{ viewer { account { id pendingEmail { maskedTarget } pendingPhone { maskedTarget } }
      member { address { city } emergencyContact { name } profileConfirmedAt hiddenMemberships { maskedKpj }
        merges { id } memberships { id balance { total } dispute { state } }
        cards { id download { url } verification { url } } } } }"""

    async def count(email: str) -> int:
        token = await api.token_of(email)
        caplog.clear()
        with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
            await api.data(document, token)
        return len([line for line in caplog.messages if line.startswith("SELECT")])

    one, two = await count(UCOK.email), await count(LARAS.email)

    assert one == two
    assert one <= 12


async def test_nothing_of_a_library_reaches_a_client(api: Asking) -> None:
    documents: dict[str, dict[str, Any]] = {
        "query($id: ID!) { node(id: $id) { id } }": {"id": "🙂" * 10},
        "query($t: String!) { verifyCard(token: $t) { valid } }": {"t": "\x00" * 32},
        "query($c: String) { branchOffices(city: $c) { totalCount } }": {"c": "\ud800"},
    }
    token = await api.token_of(UCOK.email)
    for document, variables in documents.items():
        assert "INTERNAL" not in codes(await api.ask(document, token, **variables))


@pytest.mark.parametrize("place", [2**31, 10**17])
async def test_a_cursor_beyond_every_row_finds_what_is_before_it(api: Asking, place: int) -> None:
    read = "query($c: String) { viewer { account { activity(after: $c) { totalCount nodes { kind } } } } }"

    answer = await api.data(read, await api.token_of(UCOK.email), c=encode_cursor(place))

    assert answer["viewer"]["account"]["activity"] == {"totalCount": 0, "nodes": []}
