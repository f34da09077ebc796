"""What the portal keeps in a browser between two pages: signed, HttpOnly, for one world only."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from gateway.ports import BadToken, ExpiredToken
from gateway.world import World

# What a cookie carries has a life of its own, counted where it is used; a moved clock must not end a half-filled form.
_LIFE_S: Final = 3_153_600_000
_FORM: Final = "form"


@dataclass(frozen=True, slots=True)
class Jar:
    """One request's cookies of one world. `path` is the world's, `secure` true where the portal is reached by https."""

    world: World
    path: str
    secure: bool
    given: Mapping[str, str]
    changed: dict[str, str | None]

    def plain(self, purpose: str) -> str | None:
        """The value as it was sent; None if there is none."""
        name = self._name(purpose)
        return self.changed[name] if name in self.changed else self.given.get(name)

    def set_plain(self, purpose: str, value: str) -> None:
        """Keep a value that guards itself, such as a token, or that needs no guard, such as a language."""
        self.changed[self._name(purpose)] = value

    def recall(self, purpose: str) -> dict[str, object] | None:
        """What was kept under `purpose`; None if nothing was, or somebody else wrote it."""
        value = self.plain(purpose)
        if not value:
            return None
        try:
            return self.world.signer.read(f"cookie.{purpose}", value, _LIFE_S)
        except (BadToken, ExpiredToken):
            return None

    def keep(self, purpose: str, payload: dict[str, object]) -> None:
        """Keep `payload` until the browser is closed."""
        self.set_plain(purpose, self.world.signer.sign(f"cookie.{purpose}", payload))

    def forget(self, *purposes: str) -> None:
        """Take back what was kept."""
        for purpose in purposes:
            if self.plain(purpose) is not None:
                self.changed[self._name(purpose)] = None

    def form_token(self) -> str:
        """What a form must carry to be taken: it belongs to this browser and cannot be made elsewhere."""
        browser = self.plain("browser")
        if not browser:
            browser = self.world.ids.token()
            self.set_plain("browser", browser)
        return self.world.signer.sign(_FORM, {"b": browser})

    def is_own_form(self, token: str) -> bool:
        """Whether a form with this token was made for this browser (double submit, signed)."""
        browser = self.plain("browser")
        try:
            payload = self.world.signer.read(_FORM, token, _LIFE_S)
        except (BadToken, ExpiredToken):
            return False
        return bool(browser) and hmac.compare_digest(str(payload.get("b")).encode(), str(browser).encode())

    def write_to(self, response: Response) -> None:
        """Send what changed."""
        for name, value in self.changed.items():
            if value is None:
                response.delete_cookie(name, path=self.path, secure=self.secure, httponly=True, samesite="lax")
            else:
                response.set_cookie(name, value, path=self.path, secure=self.secure, httponly=True, samesite="lax")

    def _name(self, purpose: str) -> str:
        return f"peserta_{purpose}_{self.world.id}"
