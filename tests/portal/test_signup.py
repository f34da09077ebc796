"""The sign-up's form: what it asks, what it refuses, and what it keeps in the browser."""

from datetime import timedelta

import pytest

from schema.execution import Answer
from tests.portal.staging import BASE, begin, build, problem, registration

FORM = {
    "kpj": "99260000001",
    "nik": "3171991403889001",
    "birthDate": "14-03-1988",
    "phone": "0840",
    "email": "b@x.test",
}


async def test_form_says_what_to_have_at_hand(stage):
    browser = await stage.browser.open("/daftar")

    prepared = browser.text_of("prepare")
    for words in ("KPJ, 11 angka", "NIK, 16 angka", "Tanggal lahir", "ponsel", "e-mail"):
        assert words in prepared
    assert stage.member.calls == []


async def test_persona_fills_the_form(stage):
    browser = await stage.browser.open("/daftar?persona=budi")

    assert browser.value_of("kpj") == "99260000004"
    assert browser.value_of("nik") == "3171991403889004"
    assert browser.value_of("birthDate") == "1988-03-14"
    assert browser.value_of("phone") == "+6284000000004"
    assert browser.value_of("email") == "budi@peserta.test"


@pytest.mark.parametrize("key", ["tidak-ada", "", "<script>"])
async def test_unknown_persona_leaves_the_form_empty(stage, key):
    browser = await stage.browser.open(f"/daftar?persona={key}")

    assert browser.response.status_code == 200
    assert browser.value_of("kpj") == ""


async def test_sent_form_starts_a_registration_and_leads_to_the_code(stage):
    stage.member.answers["StartRegistration"] = {"startRegistration": {"registrationToken": "r-1", "errors": []}}
    browser = await stage.browser.open("/daftar")

    await browser.submit("/daftar", **{**FORM, "kpj": "  99260000001 "})

    assert stage.member.calls[0].variables == {"input": FORM}
    assert browser.response.status_code == 303
    assert browser.at == "/daftar/otp"
    cookie = next(
        c for c in browser.response.headers.get_list("set-cookie") if c.startswith("peserta_registration_main=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "r-1" not in cookie


async def test_errors_stand_beside_their_fields_and_the_first_gets_the_focus(stage):
    errors = [problem("INVALID_NIK", "NIK salah.", "nik"), problem("INVALID_PHONE", "Ponsel salah.", "phone")]
    stage.member.answers["StartRegistration"] = {"startRegistration": {"registrationToken": None, "errors": errors}}
    browser = await stage.browser.open("/daftar")

    await browser.submit("/daftar", **FORM)

    assert browser.response.status_code == 422
    assert browser.text_of("error-nik") == "NIK salah."
    assert browser.text_of("error-phone") == "Ponsel salah."
    assert not browser.shows("error-kpj")
    assert browser.focused() == "nik"
    assert 'href="#nik"' in browser.page
    assert browser.value_of("email") == "b@x.test"
    assert not any("registration" in c or "flash" in c for c in browser.response.headers.get_list("set-cookie"))


async def test_error_about_no_single_field_stands_in_the_summary(stage):
    errors = [problem("MEMBER_NOT_MATCHED", "Data tidak ditemukan.")]
    stage.member.answers["StartRegistration"] = {"startRegistration": {"registrationToken": None, "errors": errors}}
    browser = await stage.browser.open("/daftar")

    await browser.submit("/daftar", **FORM)

    assert browser.text_of("problem-MEMBER_NOT_MATCHED") == "Data tidak ditemukan."
    assert browser.focused() is None


async def test_what_was_typed_is_shown_as_text(stage):
    errors = [problem("INVALID_KPJ", "KPJ <b>salah</b>.", "kpj")]
    stage.member.answers["StartRegistration"] = {"startRegistration": {"registrationToken": None, "errors": errors}}
    browser = await stage.browser.open("/daftar")

    await browser.submit("/daftar", **{**FORM, "kpj": '"><script>alert(1)</script>'})

    assert "<script" not in browser.page
    assert "<b>salah</b>" not in browser.page
    assert browser.value_of("kpj") == '"><script>alert(1)</script>'


async def test_form_of_another_browser_is_refused_and_nothing_runs(stage):
    other = await stage.browse().open("/daftar")
    await stage.browser.open("/daftar")

    stage.browser.page = other.page
    browser = await stage.browser.submit("/daftar", **FORM)

    assert browser.response.status_code == 403
    assert browser.text_of("wrong") == "Formulir ini tidak berlaku lagi"
    assert stage.member.calls == []
    await other.client.aclose()


@pytest.mark.parametrize("token", ["", "x", "bukan.token.kami"])
async def test_form_without_its_token_is_refused_and_nothing_runs(stage, token):
    await stage.browser.open("/daftar")

    response = await stage.browser.client.post("/daftar", data={**FORM, "form_token": token})

    assert response.status_code == 403
    assert stage.member.calls == []


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("a=" + "x" * 17_000, "application/x-www-form-urlencoded", 413),
        ("{}", "application/json", 415),
        ("a=%ff", "application/x-www-form-urlencoded", 400),
        ("&".join(f"a{i}=1" for i in range(40)), "application/x-www-form-urlencoded", 400),
    ],
)
async def test_body_that_is_no_form_is_refused_and_nothing_runs(stage, body, kind, status):
    response = await stage.browser.client.post("/daftar", content=body, headers={"content-type": kind})

    assert response.status_code == status
    assert 'data-testid="wrong"' in response.text
    assert stage.member.calls == []


async def test_second_tab_is_told_of_the_sign_up_under_way(stage):
    await begin(stage, "AWAITING_PASSWORD")

    browser = await stage.browser.open("/daftar")

    assert "99260000001" in browser.text_of("going-on")
    assert 'href="/daftar/sandi"' in browser.page


async def test_cancelled_sign_up_frees_the_form(stage):
    await begin(stage)
    stage.member.answers["CancelRegistration"] = {"cancelRegistration": {"registration": None, "errors": []}}
    browser = await stage.browser.open("/daftar")

    await browser.submit("/daftar/batal")
    await browser.follow()

    assert stage.member.calls[-1].variables == {"input": {"registrationToken": "r-1"}}
    assert browser.text_of("notice") == "Pendaftaran dibatalkan. Silakan mulai lagi kapan saja."
    assert not browser.shows("going-on")


async def test_operation_without_an_answer_is_told_plainly(stage):
    error = {"message": "Coba lagi sebentar lagi.", "extensions": {"code": "UNAVAILABLE", "traceId": "t"}}
    stage.member.answers["StartRegistration"] = Answer(None, ({**error, "path": ["startRegistration"]},))
    browser = await stage.browser.open("/daftar")

    await browser.submit("/daftar", **FORM)

    assert browser.response.status_code == 503
    assert browser.text_of("wrong-message") == "Coba lagi sebentar lagi."


async def test_sign_ups_of_two_worlds_do_not_meet():
    here, there = build("satu"), build("dua")
    await begin(here)
    cookies = here.browser.client.cookies

    there.member.answers = here.member.answers
    there.browser.client.cookies = cookies
    browser = await there.browser.open("/daftar/otp")

    assert {cookie.path for cookie in cookies.jar} == {"/w/satu"}
    assert browser.at == "/w/dua/daftar"
    assert "Registration" not in there.member.names()
    await here.browser.client.aclose()
    await there.browser.client.aclose()


async def test_cookie_that_somebody_else_wrote_is_no_sign_up(stage):
    stage.member.answers |= registration()
    stage.browser.client.cookies.set("peserta_registration_main", "r-1", domain="127.0.0.1", path="/")

    browser = await stage.browser.open("/daftar/otp")

    assert browser.at == "/daftar"
    assert stage.member.calls == []


async def test_moved_clock_does_not_end_a_half_filled_form(stage):
    stage.member.answers["StartRegistration"] = {"startRegistration": {"registrationToken": "r-1", "errors": []}}
    browser = await stage.browser.open("/daftar")

    stage.clock.advance(timedelta(days=800))
    await browser.submit("/daftar", **FORM)

    assert browser.at == "/daftar/otp"
    assert str(browser.response.url) == f"{BASE}/daftar"
