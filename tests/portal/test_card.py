"""The page behind a card's QR: it says yes with everything masked, or no and nothing else."""

CHECKED_AT = "2026-03-02T05:00:00Z"


def verified():
    """What a true card proves."""
    return {
        "verifyCard": {
            "valid": True,
            "maskedHolderName": "B*** C*****",
            "maskedKpj": "*******0001",
            "status": "ACTIVE",
            "programs": ["JHT", "JP"],
            "checkedAt": CHECKED_AT,
        }
    }


async def test_true_card_is_shown_masked(stage):
    stage.member.answers["VerifyCard"] = verified()

    browser = await stage.browser.open("/kartu?token=abc")

    assert stage.member.calls[-1].variables == {"token": "abc"}
    shown = [browser.text_of(f"card-{name}") for name in ("holder", "kpj", "status", "programs")]
    assert shown == ["B*** C*****", "*******0001", "Aktif", "JHT, JP"]
    assert browser.text_of("card-checked") == "Diperiksa pada 2 Maret 2026 pukul 12.00 WIB."
    assert browser.shows("card-valid")


async def test_code_that_proves_nothing_shows_nothing(stage):
    nothing = dict.fromkeys(("maskedHolderName", "maskedKpj", "status", "programs"))
    stage.member.answers["VerifyCard"] = {"verifyCard": {"valid": False, "checkedAt": CHECKED_AT, **nothing}}

    browser = await stage.browser.open("/kartu", **{"Accept-Language": "en"})

    assert stage.member.calls[-1].variables == {"token": ""}
    assert browser.shows("card-invalid")
    assert not browser.shows("card-holder")
    assert browser.text_of("card-checked") == "Checked on 2 March 2026, 12:00 WIB."
