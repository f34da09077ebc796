"""Every sentence a person reads, in Bahasa Indonesia and English: single sentences, mails and text messages."""

from gateway.texts.letters import RenderedMail, render_mail, render_sms
from gateway.texts.sentences import LOCALES, locale_of, preferred_locale, sentence

__all__ = ["LOCALES", "RenderedMail", "locale_of", "preferred_locale", "render_mail", "render_sms", "sentence"]
