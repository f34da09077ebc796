"""The activation mail: waiting, the link's page with its button, and asking for another link."""

import pytest

from tests.portal.staging import begin, problem


async def test_waiting_page_says_where_the_mail_went(stage):
    await begin(stage, "AWAITING_ACTIVATION")

    browser = await stage.browser.open("/daftar/cek-email")

    assert "b***@peserta.test" in browser.text_of("target")
    assert browser.text_of("expires") == "3 Maret 2026 pukul 12.00 WIB"
    assert browser.text_of("resend-rule") == "Dapat dikirim ulang 60 detik lagi."
    assert "http-equiv" not in browser.page


async def test_mail_is_sent_again_to_the_same_address(stage):
    await begin(stage, "AWAITING_ACTIVATION")
    stage.member.answers["ResendActivation"] = {"resendActivation": {"registration": None, "errors": []}}
    browser = await stage.browser.open("/daftar/cek-email")

    await browser.submit("/daftar/cek-email")

    assert stage.member.calls[-1].variables == {"input": {"registrationToken": "r-1"}}
    await browser.follow()
    assert browser.text_of("notice").startswith("E-mail aktivasi dikirim ulang.")


async def test_mistyped_address_can_be_mended(stage):
    await begin(stage, "AWAITING_ACTIVATION")
    stage.member.answers["ResendActivation"] = {"resendActivation": {"registration": None, "errors": []}}
    browser = await stage.browser.open("/daftar/cek-email?ubah=1")

    assert browser.shows("field-newEmail")
    await browser.submit("/daftar/cek-email", newEmail=" baru@peserta.test ")

    assert stage.member.calls[-1].variables == {"input": {"registrationToken": "r-1", "newEmail": "baru@peserta.test"}}


async def test_bad_new_address_is_told_beside_its_field(stage):
    await begin(stage, "AWAITING_ACTIVATION")
    errors = [problem("INVALID_EMAIL", "Periksa ejaannya.", "newEmail")]
    stage.member.answers["ResendActivation"] = {"resendActivation": {"registration": None, "errors": errors}}
    browser = await stage.browser.open("/daftar/cek-email?ubah=1")

    await browser.submit("/daftar/cek-email", newEmail="x")
    await browser.follow()

    assert browser.text_of("error-newEmail") == "Periksa ejaannya."
    assert browser.focused() == "newEmail"


async def test_opening_the_link_uses_nothing_up(stage):
    browser = await stage.browser.open("/aktivasi?token=a.b-c_d")

    assert stage.member.calls == []
    assert browser.shows("activate")
    assert 'name="token" value="a.b-c_d"' in browser.page


async def test_button_activates_the_account(stage):
    stage.member.answers["ActivateAccount"] = {"activateAccount": {"accepted": True, "errors": []}}
    browser = await stage.browser.open("/aktivasi?token=a.b-c_d")

    await browser.submit("/aktivasi", token="a.b-c_d")
    await browser.follow()

    assert stage.member.calls[-1].variables == {"input": {"token": "a.b-c_d"}}
    assert browser.text_of("activated") == "Akun sudah aktif"
    assert browser.shows("sign-in")


@pytest.mark.parametrize("code", ["TOKEN_INVALID", "TOKEN_EXPIRED", "TOKEN_USED"])
async def test_link_that_is_not_taken_offers_another(stage, code):
    errors = [problem(code, "Tautan tidak berlaku.", "token")]
    stage.member.answers["ActivateAccount"] = {"activateAccount": {"accepted": False, "errors": errors}}
    browser = await stage.browser.open("/aktivasi?token=lama")

    await browser.submit("/aktivasi", token="lama")
    await browser.follow()

    assert browser.text_of(f"problem-{code}") == "Tautan tidak berlaku."
    assert browser.shows("ask-again")
    assert browser.shows("sign-in-instead")
    assert not browser.shows("activate")


async def test_activation_page_without_a_token_asks_for_a_link(stage):
    browser = await stage.browser.open("/aktivasi")

    assert browser.at == "/aktivasi/kirim-ulang"


async def test_new_link_is_asked_for_by_kpj_and_email(stage):
    stage.member.answers["RequestActivationMail"] = {"requestActivationMail": {"accepted": True, "errors": []}}
    browser = await stage.browser.open("/aktivasi/kirim-ulang")

    await browser.submit("/aktivasi/kirim-ulang", kpj="99260000001", email=" b@x.test")
    await browser.follow()

    assert stage.member.calls[0].variables == {"input": {"kpj": "99260000001", "email": "b@x.test"}}
    assert browser.text_of("notice").startswith("Jika data ini sesuai")


async def test_malformed_request_for_a_link_is_told_beside_its_field(stage):
    errors = [problem("INVALID_KPJ", "KPJ salah.", "kpj")]
    stage.member.answers["RequestActivationMail"] = {"requestActivationMail": {"accepted": False, "errors": errors}}
    browser = await stage.browser.open("/aktivasi/kirim-ulang")

    await browser.submit("/aktivasi/kirim-ulang", kpj="1", email="b@x.test")

    assert browser.response.status_code == 422
    assert browser.text_of("error-kpj") == "KPJ salah."
    assert browser.value_of("email") == "b@x.test"


async def test_reset_link_is_asked_for_and_the_answer_tells_nothing(stage):
    stage.member.answers["RequestPasswordReset"] = {"requestPasswordReset": {"accepted": True, "errors": []}}
    browser = await stage.browser.open("/lupa-sandi")

    await browser.submit("/lupa-sandi", kpj="99260000001", email="b@x.test")
    await browser.follow()

    assert stage.member.calls[0].variables == {"input": {"kpj": "99260000001", "email": "b@x.test"}}
    assert browser.text_of("notice").startswith("Jika data ini sesuai")


async def test_reset_link_opens_a_form_and_only_sending_it_uses_the_token(stage):
    await begin(stage)
    stage.member.answers["ResetPassword"] = {"resetPassword": {"accepted": True, "errors": []}}
    browser = await stage.browser.open("/sandi-baru?token=t.1")
    assert stage.member.names() == ["PasswordRules"]

    await browser.submit("/sandi-baru", token="t.1", password="empat kata baru")
    assert stage.member.calls[-1].variables == {"input": {"token": "t.1", "password": "empat kata baru"}}
    assert browser.at == "/masuk/pilih"
    await browser.follow()
    assert browser.text_of("notice").startswith("Kata sandi baru tersimpan")


async def test_reset_link_that_is_not_taken_is_told(stage):
    await begin(stage)
    errors = [problem("TOKEN_USED", "Sudah dipakai.", "token")]
    stage.member.answers["ResetPassword"] = {"resetPassword": {"accepted": False, "errors": errors}}
    browser = await stage.browser.open("/sandi-baru?token=t.1")

    await browser.submit("/sandi-baru", token="t.1", password="empat kata baru")
    await browser.follow()

    assert browser.text_of("problem-TOKEN_USED") == "Sudah dipakai."
    assert browser.shows("ask-again")
    assert (await browser.open("/sandi-baru")).at == "/lupa-sandi"
