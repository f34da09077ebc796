"""The balance page shows what the member API answers, and says plainly what it cannot show."""

from typing import Any

from schema.execution import Answer
from tests.portal.staging import Browser, Stage

BALANCE = {
    "total": 14_200_000,
    "employerContributions": 7_400_000,
    "employeeContributions": 4_000_000,
    "development": 2_800_000,
    "paidOut": 0,
    "asOf": "2026-03-02T05:00:00Z",
    "history": [
        {"period": "2024", "contributions": 5_000_000, "development": 300_000, "closing": 5_300_000},
        {"period": "2025", "contributions": 6_400_000, "development": 2_500_000, "closing": 14_200_000},
    ],
}


def viewer(**changes: object) -> dict[str, Any]:
    membership = {
        "kpj": "99260000002",
        "segment": "PU",
        "status": "INACTIVE",
        "programs": ["JHT", "JKK"],
        "memberSince": "2019-01-07",
        "inactiveSince": "2026-01-21",
        "lastContribution": "2026-01",
        "employer": {"name": "PT Contoh (fiktif)"},
        "balance": {"total": 14_200_000},
    }
    member = {
        "fullName": "Siti Fiktif",
        "maskedNik": "3273********9002",
        "status": "INACTIVE",
        "memberships": [membership],
        "balance": BALANCE,
    }
    return {
        "viewer": {"account": {"kpj": "99260000002", "email": "siti@peserta.test"}, "member": {**member, **changes}}
    }


async def signed_in(stage: Stage, answer: object) -> Browser:
    stage.member.answers["Balance"] = answer
    stage.browser.client.cookies.set("peserta_access_main", "akses", domain="127.0.0.1", path="/")
    return await stage.browser.open("/saldo")


async def test_balance_is_shown_to_whoever_the_token_speaks_for(stage):
    browser = await signed_in(stage, viewer())

    assert [(call.name, call.token) for call in stage.member.calls] == [("Balance", "akses")]
    assert browser.text_of("member-name") == "Siti Fiktif"
    assert browser.text_of("member-nik") == "3273********9002"
    assert browser.text_of("member-status") == "Nonaktif"
    assert browser.text_of("balance-total") == "Rp14.200.000"
    assert browser.text_of("balance-employer") == "Rp7.400.000"
    assert browser.text_of("balance-employee") == "Rp4.000.000"
    assert browser.text_of("balance-development") == "Rp2.800.000"
    assert browser.text_of("balance-paid-out") == "Rp0"
    words = browser.text_of("membership-99260000002")
    for expected in ("PT Contoh (fiktif)", "Penerima upah", "7 Januari 2019", "21 Januari 2026", "Januari 2026"):
        assert expected in words
    assert browser.text_of("history").index("2025") < browser.text_of("history").index("2024")


async def test_balance_in_english(stage):
    stage.member.answers["Balance"] = viewer()
    stage.browser.client.cookies.set("peserta_access_main", "akses", domain="127.0.0.1", path="/")

    browser = await stage.browser.open("/saldo?lang=en")

    assert browser.text_of("balance-total") == "Rp14,200,000"
    assert "21 January 2026" in browser.text_of("membership-99260000002")
    assert stage.member.calls[0].locale == "en"


async def test_member_without_jht_is_told_so(stage):
    browser = await signed_in(stage, viewer(balance=None))

    assert browser.text_of("no-balance").startswith("Tidak ada saldo JHT")
    assert browser.shows("membership-99260000002")


async def test_failing_source_does_not_blank_the_page(stage):
    error = {"message": "x", "path": ["viewer", "member", "memberships"], "extensions": {"code": "UNAVAILABLE"}}

    browser = await signed_in(stage, Answer(viewer(memberships=None), (error,)))

    assert browser.response.status_code == 200
    assert browser.text_of("balance-total") == "Rp14.200.000"


async def test_unreadable_member_is_told(stage):
    error = {"message": "x", "path": ["viewer", "member"], "extensions": {"code": "UNAVAILABLE"}}
    data = {"viewer": {"account": {"kpj": "1", "email": "x"}, "member": None}}

    browser = await signed_in(stage, Answer(data, (error,)))

    assert browser.shows("no-member")


async def test_nobody_signed_in_is_sent_to_sign_in(stage):
    browser = await stage.browser.open("/saldo")

    assert browser.at == "/masuk"
    assert stage.member.calls == []


async def test_session_that_is_over_is_told_and_not_sent_in_circles(stage):
    error = {"message": "x", "path": ["viewer"], "extensions": {"code": "UNAUTHENTICATED", "reason": "EXPIRED"}}

    browser = await signed_in(stage, Answer({"viewer": None}, (error,)))

    assert browser.response.status_code == 401
    assert browser.text_of("session-ended") == "Sesi Anda sudah berakhir. Silakan masuk lagi."
    assert "peserta_access_main" not in browser.client.cookies
