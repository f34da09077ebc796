"""The pages a person sees, rendered on the server without script, in Bahasa Indonesia and English."""

import json
import secrets
from collections.abc import Mapping, Sequence
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from mockidp.host import Locale, PersonaButton, Rejected

SHOWN_CHARS = 200
# Never shown back: they would open something, or are somebody's.
HIDDEN = frozenset({"password", "login", "form", "code", "id_token_hint", "access_token", "refresh_token"})


class PageRefusal(Exception):
    """A request that must not be sent back to the application, because its address cannot be trusted.

    `check` names the check that refused it and its text `mend.<check>`; `sent` is shown to the developer.
    """

    def __init__(self, check: str, error: str, *, status: int = 400, sent: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(check)
        self.check = check
        self.error = error
        self.status = status
        self.sent = sent


class Pages:
    """Renders the pages; holds the templates and both languages' sentences."""

    def __init__(self) -> None:
        loader = PackageLoader("mockidp")
        self._templates = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, auto_reload=False, trim_blocks=True
        )
        texts = files("mockidp") / "texts"
        self._texts: dict[str, dict[str, str]] = {
            locale: json.loads((texts / f"{locale}.json").read_text("utf-8")) for locale in ("id", "en")
        }

    def sign_in(
        self,
        locale: Locale,
        *,
        client: str,
        action: str,
        other_href: str,
        request: str,
        form: str,
        personas: Sequence[PersonaButton],
        login: str = "",
        problem: Rejected | None = None,
    ) -> Response:
        """Render the sign-in page; 422 when it tells of a refused attempt."""
        values: Mapping[str, object] = {
            "client": client,
            "action": action,
            "other_href": other_href,
            "other_locale": "en" if locale == "id" else "id",
            "request": request,
            "form": form,
            "personas": personas,
            "login": login,
            "problem": problem,
        }
        return self._page("sign_in.html", locale, 422 if problem else 200, values)

    def refused(self, locale: Locale, refusal: PageRefusal, *, explained: bool) -> Response:
        """Render the page of a refused request; `explained` adds what was sent and how to mend it."""
        sent = [(name[:SHOWN_CHARS], "…" if name in HIDDEN else value[:SHOWN_CHARS]) for name, value in refusal.sent]
        values = {
            "check": refusal.check,
            "error": refusal.error,
            "mend": self._texts[locale][f"mend.{refusal.check}"],
            "explained": explained,
            "sent": sent,
        }
        return self._page("refused.html", locale, refusal.status, values)

    def sign_out(self, locale: Locale, *, action: str, request: str, form: str) -> Response:
        """Render the question whether to sign out."""
        return self._page("sign_out.html", locale, 200, {"action": action, "request": request, "form": form})

    def signed_out(self, locale: Locale) -> Response:
        """Render the page after signing out."""
        return self._page("signed_out.html", locale, 200, {})

    def _page(self, name: str, locale: Locale, status: int, values: Mapping[str, object]) -> Response:
        nonce = secrets.token_urlsafe(16)
        html = self._templates.get_template(name).render(t=self._texts[locale], locale=locale, nonce=nonce, **values)
        return HTMLResponse(html, status, page_headers(nonce))


def page_headers(nonce: str) -> dict[str, str]:
    """Write the headers of every page.

    There is no form-action rule: Chromium applies it to the redirect after a form, and the application
    that the person returns to may be anywhere. The referrer policy is same-origin and not stricter, since
    a browser would then send `Origin: null` with our own form.
    Source: RFC 6749 section 10.13 (framing), RFC 9700 section 4.2.4 (referrer).
    """
    policy = f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; frame-ancestors 'none'"
    return {
        "Content-Security-Policy": policy,
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Vary": "Accept-Language",
    }
