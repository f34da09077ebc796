"""The sign-up after its form: the code, the password, and where every wrong turn leads."""

import pytest

from tests.portal.staging import begin, problem


@pytest.mark.parametrize("path", ["/daftar/otp", "/daftar/sandi", "/daftar/cek-email"])
async def test_lost_sign_up_leads_to_the_form_with_a_word(stage, path):
    browser = await stage.browser.open(path)

    assert browser.at == "/daftar"
    await browser.follow()
    assert browser.text_of("notice").startswith("Pendaftaran sebelumnya tidak ditemukan")


@pytest.mark.parametrize(
    ("state", "due"),
    [
        ("AWAITING_OTP", "/daftar/otp"),
        ("AWAITING_PASSWORD", "/daftar/sandi"),
        ("AWAITING_ACTIVATION", "/daftar/cek-email"),
        ("ACTIVE", "/aktivasi/berhasil"),
    ],
)
@pytest.mark.parametrize("path", ["/daftar/otp", "/daftar/sandi", "/daftar/cek-email"])
async def test_every_step_leads_to_the_one_that_is_due(stage, state, due, path):
    await begin(stage, state)

    browser = await stage.browser.open(path)

    assert browser.response.status_code == (200 if path == due else 303)
    assert browser.at == due


@pytest.mark.parametrize("state", ["EXPIRED", "LOCKED", "CANCELLED"])
async def test_ended_sign_up_leads_to_an_empty_form_with_a_word(stage, state):
    await begin(stage, state)

    browser = await stage.browser.open("/daftar/otp")
    assert browser.at == "/daftar"
    stage.member.calls.clear()
    await browser.follow()

    assert browser.shows("notice")
    assert stage.member.calls == []
    await browser.open("/daftar")
    assert not browser.shows("notice")


async def test_code_page_says_where_the_code_went_and_how_long_it_lives(stage):
    await begin(stage)

    browser = await stage.browser.open("/daftar/otp")

    assert browser.text_of("target") == "Kode dikirim lewat SMS ke +62840*****001."
    assert browser.text_of("expires") == "2 Maret 2026 pukul 12.05 WIB (5 menit lagi)"
    assert browser.text_of("attempts-left") == "5"
    assert browser.text_of("resend-rule") == "Kode baru dapat diminta 60 detik lagi. Sisa pengiriman jam ini: 4."
    assert 'autocomplete="one-time-code"' in browser.page
    assert browser.focused() == "code"


async def test_right_code_leads_to_the_password(stage):
    await begin(stage)
    stage.member.answers["VerifyOtp"] = {"verifyOtp": {"registration": {"state": "AWAITING_PASSWORD"}, "errors": []}}
    browser = await stage.browser.open("/daftar/otp")

    await browser.submit("/daftar/otp", code="482913")

    assert stage.member.calls[-1].variables == {"input": {"registrationToken": "r-1", "code": "482913"}}
    assert browser.at == "/daftar/sandi"


async def test_wrong_code_is_told_once_after_a_redirect(stage):
    await begin(stage)
    error = problem("OTP_INVALID", "Sisa 4.", "code", attemptsLeft=4)
    stage.member.answers["VerifyOtp"] = {"verifyOtp": {"registration": None, "errors": [error]}}
    browser = await stage.browser.open("/daftar/otp")

    await browser.submit("/daftar/otp", code="000000")
    assert browser.response.status_code == 303
    assert browser.at == "/daftar/otp"
    await browser.follow()
    assert browser.text_of("error-code") == "Sisa 4."
    assert browser.focused() == "code"

    await browser.open("/daftar/otp")
    assert not browser.shows("error-code")
    assert stage.member.names().count("VerifyOtp") == 1


@pytest.mark.parametrize(
    ("code", "state", "leads_to"),
    [
        ("OTP_LOCKED", None, "/daftar"),
        ("FLOW_EXPIRED", None, "/daftar"),
        ("TOKEN_INVALID", None, "/daftar"),
        ("ACCOUNT_EXISTS", None, "/masuk/pilih"),
        ("WRONG_STEP", "AWAITING_ACTIVATION", "/daftar/cek-email"),
        ("WRONG_STEP", "CANCELLED", "/daftar"),
        ("OTP_ALREADY_USED", None, "/daftar/sandi"),
        ("OTP_EXPIRED", None, "/daftar/otp"),
    ],
)
async def test_refused_code_leads_somewhere_sensible(stage, code, state, leads_to):
    await begin(stage)
    subject = {"state": state} if state else None
    stage.member.answers["VerifyOtp"] = {"verifyOtp": {"registration": subject, "errors": [problem(code)]}}
    browser = await stage.browser.open("/daftar/otp")

    await browser.submit("/daftar/otp", code="000000")

    assert browser.response.status_code == 303
    assert browser.at == leads_to


@pytest.mark.parametrize(("channel", "sent"), [("SMS", "SMS"), ("EMAIL", "EMAIL"), ("PIGEON", "SMS"), ("", "SMS")])
async def test_code_is_sent_again_by_the_chosen_channel(stage, channel, sent):
    await begin(stage)
    stage.member.answers["ResendOtp"] = {"resendOtp": {"registration": {"state": "AWAITING_OTP"}, "errors": []}}
    browser = await stage.browser.open("/daftar/otp")

    await browser.submit("/daftar/otp/kirim-ulang", channel=channel)
    await browser.follow()

    assert next(call for call in stage.member.calls if call.name == "ResendOtp").variables == {
        "input": {"registrationToken": "r-1", "channel": sent}
    }
    assert browser.text_of("notice").startswith("Kode baru dikirim lewat")


async def test_too_early_resend_is_told_in_words(stage):
    await begin(stage)
    error = problem("RATE_LIMITED", "Coba lagi 1 menit lagi.", retryAfterSeconds=45)
    stage.member.answers["ResendOtp"] = {"resendOtp": {"registration": None, "errors": [error]}}
    browser = await stage.browser.open("/daftar/otp")

    await browser.submit("/daftar/otp/kirim-ulang", channel="SMS")
    await browser.follow()

    assert browser.text_of("problem-RATE_LIMITED") == "Coba lagi 1 menit lagi."
    assert not browser.shows("notice")


async def test_password_page_shows_the_rules(stage):
    await begin(stage, "AWAITING_PASSWORD")

    browser = await stage.browser.open("/daftar/sandi")

    assert browser.text_of("password-rules") == "Paling sedikit 8 karakter Tanpa KPJ"
    assert 'autocomplete="new-password"' in browser.page


async def test_password_is_sent_as_typed_and_leads_to_the_waiting_page(stage):
    await begin(stage, "AWAITING_PASSWORD")
    stage.member.answers["SetPassword"] = {"setPassword": {"registration": None, "errors": []}}
    browser = await stage.browser.open("/daftar/sandi")

    await browser.submit("/daftar/sandi", password="  dua kata ")

    assert stage.member.calls[-1].variables == {"input": {"registrationToken": "r-1", "password": "  dua kata "}}
    assert browser.at == "/daftar/cek-email"


async def test_refused_password_is_explained_and_never_repeated(stage):
    await begin(stage, "AWAITING_PASSWORD")
    errors = [problem("PASSWORD_TOO_WEAK", "Mudah ditebak.", "password")]
    stage.member.answers["SetPassword"] = {"setPassword": {"registration": None, "errors": errors}}
    browser = await stage.browser.open("/daftar/sandi")

    await browser.submit("/daftar/sandi", password="rahasia123")
    assert "rahasia123" not in str(browser.response.headers)
    await browser.follow()

    assert browser.text_of("error-password") == "Mudah ditebak."
    assert "rahasia123" not in browser.page
