"""The link to a new e-mail address: a button uses it, and both ends are told."""

from tests.portal.staging import problem


async def test_opening_the_link_uses_nothing_up(stage):
    browser = await stage.browser.open("/email-baru?token=a.b-c_d")

    assert stage.member.calls == []
    assert browser.shows("confirm-email")
    assert 'name="token" value="a.b-c_d"' in browser.page


async def test_button_changes_the_address(stage):
    stage.member.answers["ConfirmEmail"] = {"confirmEmail": {"accepted": True, "errors": []}}
    browser = await stage.browser.open("/email-baru?token=a.b-c_d")

    await browser.submit("/email-baru", token="a.b-c_d")
    await browser.follow()

    assert stage.member.calls[-1].variables == {"input": {"token": "a.b-c_d"}}
    assert browser.at == "/email-baru/berhasil"
    assert browser.text_of("email-changed") == "Alamat e-mail Anda sudah diganti"


async def test_used_link_says_so_and_offers_no_button(stage):
    errors = [problem("TOKEN_USED", "Tautan sudah dipakai.")]
    stage.member.answers["ConfirmEmail"] = {"confirmEmail": {"accepted": False, "errors": errors}}
    browser = await stage.browser.open("/email-baru?token=a.b-c_d")

    await browser.submit("/email-baru", token="a.b-c_d")
    await browser.follow()

    assert browser.text_of("problem-TOKEN_USED") == "Tautan sudah dipakai."
    assert not browser.shows("confirm-email")


async def test_page_without_a_token_leads_home(stage):
    browser = await stage.browser.open("/email-baru")

    assert (browser.response.status_code, browser.at) == (303, "/")
