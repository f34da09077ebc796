"""Mails and text messages say the same in text and HTML, state their life exactly and name nobody."""

import html
import re
from pathlib import Path

import jinja2
import pytest

from gateway import texts
from gateway.texts import render_mail, render_sms

LINK = "http://127.0.0.1:8400/w/a/aktivasi?token=abc.def-1_2&x=1"
PARAMS = {
    "otp": {"code": "482913", "minutes": 5},
    "activation": {"link": LINK, "hours": 24},
    "password_reset": {"link": LINK, "minutes": 60},
    "email_taken": {},
    "account_exists": {},
    "account_locked": {"minutes": 15},
    "password_changed": {},
    "step_up": {"code": "482913", "minutes": 5},
    "email_change": {"link": LINK, "hours": 24},
    "email_changed": {},
    "phone_changed": {},
    "membership_linked": {"kpj": "*******0001"},
    "decision": {"about": "x", "hasil": "Ya.", "sebab": "Karena begitu.", "tindak_lanjut": "Selesai."},
    "claim_notice": {"number": "JHT-1", "hasil": "Ya.", "sebab": "Karena begitu.", "tindak_lanjut": "Selesai."},
}
SMS_PARAMS = {
    "otp": {"code": "482913", "minutes": 5, "host": "127.0.0.1"},
    "password_reset": {"code": "482913"},
    "account_exists": {},
    "step_up": {"code": "482913", "minutes": 5},
    "new_phone": {"code": "482913", "minutes": 5},
    "phone_changed": {},
    "email_changed": {},
}
FOLDER = Path(texts.__file__).parent
MAILS = [(name, locale) for name in PARAMS for locale in ("id", "en")]
each_mail = pytest.mark.parametrize(("name", "locale"), MAILS)


def visible(markup: str) -> str:
    body = re.sub(r"<(style|title)>.*?</\1>", "", markup, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_every_template_is_tested():
    assert {path.name for path in (FOLDER / "mail").iterdir()} == set(PARAMS)
    assert {path.name for path in (FOLDER / "sms").iterdir()} == set(SMS_PARAMS)


@each_mail
def test_text_and_html_say_the_same(name, locale):
    mail = render_mail(name, locale, **PARAMS[name])

    lines = [line.rstrip(":") for line in mail.text.splitlines() if line.strip() and line != "-- "]
    assert [line for line in lines if line not in visible(mail.html)] == []
    assert len(visible(mail.html)) <= len(" ".join(lines)) + 10


@each_mail
def test_subject_is_one_line_and_the_title_of_the_html(name, locale):
    mail = render_mail(name, locale, **PARAMS[name])

    assert mail.subject
    assert "\n" not in mail.subject
    assert f"<title>{html.escape(mail.subject, quote=False)}</title>" in mail.html


@each_mail
def test_mail_says_that_it_is_a_simulation(name, locale):
    mail = render_mail(name, locale, **PARAMS[name])

    words = "Simulasi, data fiktif" if locale == "id" else "Simulation, fictitious data"
    assert words in mail.text
    assert words in mail.html


@each_mail
def test_mail_has_at_most_its_one_action_link_and_loads_nothing(name, locale):
    mail = render_mail(name, locale, **PARAMS[name])

    wanted = [html.escape(LINK)] if "link" in PARAMS[name] else []
    assert re.findall(r'href="([^"]*)"', mail.html) == wanted
    assert re.findall(r"https?://\S+", mail.text) == ([LINK] if wanted else [])
    assert "src=" not in mail.html
    assert "url(" not in mail.html


@pytest.mark.parametrize(
    ("name", "locale", "params", "stated"),
    [
        ("otp", "id", {"code": "482913", "minutes": 5}, "Kode berlaku 5 menit"),
        ("otp", "en", {"code": "482913", "minutes": 1}, "valid for 1 minute and"),
        ("activation", "id", {"link": LINK, "hours": 24}, "Tautan berlaku 24 jam"),
        ("activation", "en", {"link": LINK, "hours": 24}, "valid for 24 hours"),
        ("activation", "en", {"link": LINK, "hours": 1}, "valid for 1 hour and"),
        ("password_reset", "id", {"link": LINK, "minutes": 60}, "Tautan berlaku 60 menit"),
        ("password_reset", "en", {"link": LINK, "minutes": 60}, "valid for 60 minutes"),
        ("account_locked", "id", {"minutes": 15}, "dikunci selama 15 menit"),
        ("account_locked", "en", {"minutes": 15}, "locked for 15 minutes"),
    ],
)
def test_stated_life_is_the_parameter(name, locale, params, stated):
    mail = render_mail(name, locale, **params)

    assert stated in mail.text
    assert stated in mail.html


def test_html_of_a_mail_escapes_its_parameters():
    mail = render_mail("otp", "id", code="<b>1</b>", minutes=5)

    assert "<b>1</b>" not in mail.html
    assert "&lt;b&gt;1&lt;/b&gt;" in mail.html
    assert "<b>1</b>" in mail.text


@pytest.mark.parametrize("locale", ["fr", "", "id-ID"])
def test_mail_in_an_unknown_language_is_in_bahasa_indonesia(locale):
    assert render_mail("email_taken", locale).subject == "Alamat e-mail ini sudah dipakai"


def test_unknown_mail_is_a_programmers_mistake():
    with pytest.raises(jinja2.TemplateNotFound):
        render_mail("not_there", "id")


def test_missing_parameter_is_a_programmers_mistake():
    with pytest.raises(jinja2.UndefinedError):
        render_mail("otp", "id", code="482913")


@pytest.mark.parametrize("locale", ["id", "en"])
def test_otp_message_ends_with_the_line_for_browsers(locale):
    text = render_sms("otp", locale, **SMS_PARAMS["otp"])

    assert text.splitlines()[-2:] == ["", "@127.0.0.1 #482913"]
    assert text.count("482913") == 2


@pytest.mark.parametrize("locale", ["id", "en"])
def test_life_of_a_reset_code_is_stated_when_it_is_known(locale):
    stated = {"id": "Berlaku 60 menit.", "en": "Valid for 60 minutes."}[locale]

    assert stated in render_sms("password_reset", locale, code="482913", minutes=60)
    assert stated not in render_sms("password_reset", locale, code="482913")


@pytest.mark.parametrize("name", SMS_PARAMS)
@pytest.mark.parametrize("locale", ["id", "en"])
def test_text_message_fits_in_one_and_says_that_it_is_a_simulation(name, locale):
    text = render_sms(name, locale, **SMS_PARAMS[name])

    assert text.isascii()
    assert len(text) <= 160
    assert ("simulasi" if locale == "id" else "simulation") in text.lower()
