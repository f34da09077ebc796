"""Mails and text messages, rendered from the templates beside this module; text and HTML of a mail say the same."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.texts.sentences import locale_of


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """A mail in words: one line of subject, plain text and the same in HTML."""

    subject: str
    text: str
    html: str


def render_mail(name: str, locale: str, /, **params: object) -> RenderedMail:
    """The mail `name` in `locale` (id or en; any other is id).

    Parameters: otp and step_up (code, minutes) · activation and email_change (link, hours) · password_reset (link,
    minutes) · account_locked (minutes) · membership_linked (kpj, masked) · decision (about, hasil, sebab,
    tindak_lanjut) · claim_notice (number, hasil, sebab, tindak_lanjut) · email_taken, account_exists,
    password_changed, phone_changed and email_changed need none. `minutes` and `hours` are stated as they are. No mail
    names its reader: who opens it may be somebody else.

    Raises: jinja2.TemplateNotFound for an unknown name, jinja2.UndefinedError for a missing parameter.
    """
    folder = f"mail/{name}/{locale_of(locale)}"
    templates = _templates()
    return RenderedMail(
        subject=templates.get_template(f"{folder}/subject.txt").render(params).strip(),
        text=templates.get_template(f"{folder}/body.txt").render(params),
        html=templates.get_template(f"{folder}/body.html").render(params),
    )


def render_sms(name: str, locale: str, /, **params: object) -> str:
    """The text message `name` in `locale` (id or en; any other is id).

    Parameters: otp (code, minutes, and host for a browser to fill in the code) · password_reset (code, and minutes
    to state its life) · step_up and new_phone (code, minutes) · account_exists, phone_changed and email_changed need
    none. `host` is the portal's host name without scheme and port.

    Raises: as render_mail. Source: WICG origin-bound one-time codes, section 3 (the last line `@host #code`).
    """
    return _templates().get_template(f"sms/{name}/{locale_of(locale)}.txt").render(params).strip()


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(".html"),
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
