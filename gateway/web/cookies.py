"""Cookies as the edge reads and writes them: HttpOnly, SameSite=Lax, one name per purpose and world."""

from starlette.requests import cookie_parser

from gateway.web.places import Headers


def read_cookies(headers: Headers) -> dict[str, str]:
    """The caller's cookies by name."""
    raw = headers.get(b"cookie")
    return cookie_parser(raw.decode("latin-1")) if raw else {}


def make_set_cookie(name: str, value: str, path: str, max_age_s: int | None, *, secure: bool) -> bytes:
    """A Set-Cookie field. `max_age_s` None lasts as long as the browser, 0 forgets the cookie.

    Source: RFC 6265 section 4.1. Values are tokens of ours, which need no quoting.
    """
    assert value.isascii() and not set(value) & set('";, \\'), "a cookie's value is a token"
    parts = [f"{name}={value}", f"Path={path}", "HttpOnly", "SameSite=Lax"]
    if max_age_s is not None:
        parts.append(f"Max-Age={max_age_s}")
    if secure:
        parts.append("Secure")
    return "; ".join(parts).encode("ascii")
