"""The provider's own host: realms named on the command line, people from a file, rows in its own SQLite file."""

import hmac
import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files
from types import MappingProxyType
from typing import Protocol

from starlette.types import Scope

from mockidp.host import JSON, Authenticated, Directory, Locale, PersonaButton, Rejected
from mockidp.models import transaction

MAIN = "main"
REFUSALS: Mapping[str, Mapping[Locale, str]] = MappingProxyType(
    {
        "INVALID_CREDENTIALS": {
            "id": "Nomor KPJ, e-mail, atau kata sandi tidak cocok.",
            "en": "The KPJ number, e-mail address or password does not match.",
        },
        "ACCOUNT_LOCKED": {
            "id": "Akun ini terkunci untuk sementara.",
            "en": "This account is locked for the time being.",
        },
    }
)


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The time, aware UTC."""
        ...


class RealClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The time, aware UTC."""
        # Alone there is no world to ask; this is the one place where the machine's clock is read.
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Persona:
    """A fictitious person; without `subject` there is no account, and a locked one cannot sign in."""

    key: str
    full_name: str
    login: str
    password: str | None
    subject: str | None
    locked: bool
    scenario: Mapping[Locale, str]
    claims: Mapping[str, JSON]


def load_personas() -> tuple[Persona, ...]:
    """Read the people that come with the package."""
    text = (files("mockidp") / "personas.json").read_text("utf-8")
    return tuple(Persona(**person) for person in json.loads(text))


class PersonaDirectory:
    """Signs in the personas: with the password that the file publishes, or by one click."""

    def __init__(self, personas: Sequence[Persona], *, one_click: bool) -> None:
        self._personas = personas
        self._one_click = one_click

    async def authenticate(
        self, login: str, password: str, *, locale: Locale, user_agent: str | None, ip_address: str | None
    ) -> Authenticated | Rejected:
        """Check the login, which is case-insensitive, and the password."""
        del user_agent, ip_address
        wanted = login.strip().casefold()
        person = next((known for known in self._personas if known.login == wanted), None)
        expected = person.password if person and person.password else ""
        right = hmac.compare_digest(password.encode(), expected.encode())
        if person is None or person.subject is None or not right:
            return Rejected("INVALID_CREDENTIALS", REFUSALS["INVALID_CREDENTIALS"][locale])
        if person.locked:
            return Rejected("ACCOUNT_LOCKED", REFUSALS["ACCOUNT_LOCKED"][locale])
        return Authenticated(person.subject)

    async def claims(self, subject: str) -> Mapping[str, JSON] | None:
        """Tell a persona's claims."""
        return next((person.claims for person in self._personas if person.subject == subject), None)

    async def personas(self, *, locale: Locale) -> Sequence[PersonaButton]:
        """List everybody; only those who can sign in have a subject."""
        return [
            PersonaButton(
                key=person.key,
                full_name=person.full_name,
                scenario=person.scenario[locale],
                login=person.login,
                subject=None if person.locked else person.subject,
            )
            for person in self._personas
        ]

    async def person_page_allowed(self) -> bool:
        """One click is for a provider that only this machine can reach."""
        return self._one_click


@dataclass(frozen=True, slots=True)
class AloneRealm:
    """A realm in the provider's own database, which other realms share."""

    name: str
    issuer: str
    directory: Directory
    clock: Clock
    epoch: str = "1"
    portal_urls: Sequence[str] = ()

    def now(self) -> datetime:
        """The time of the clock that was given."""
        return self.clock.now()

    def writing(self) -> AbstractAsyncContextManager[object]:
        """Open a transaction."""
        return transaction()

    def reading(self) -> AbstractAsyncContextManager[object]:
        """Nothing to do: the database is open."""
        return nullcontext()

    def revoked(self, session_ids: Sequence[str]) -> None:
        """Nobody else verifies tokens here: every check reads the rows."""


class AloneHost:
    """Serves realm `main` at / and every other realm at /w/{name}."""

    def __init__(self, realms: Sequence[AloneRealm]) -> None:
        self.realms = {realm.name: realm for realm in realms}

    async def realm_of(self, scope: Scope) -> AloneRealm | None:
        """Find the realm by the path that the server has stripped."""
        root: str = scope.get("root_path", "")
        return self.realms.get(root.removeprefix("/w/") or MAIN)


def make_host(
    base_url: str,
    *,
    clock: Clock,
    names: Sequence[str] = (MAIN,),
    one_click: bool = True,
    portal_urls: Sequence[str] = (),
) -> AloneHost:
    """Make the realms `names`, all with the same people; the database must be open."""
    directory = PersonaDirectory(load_personas(), one_click=one_click)
    return AloneHost(
        [
            AloneRealm(
                name=name,
                issuer=base_url if name == MAIN else f"{base_url}/w/{name}",
                directory=directory,
                clock=clock,
                portal_urls=tuple(portal_urls),
            )
            for name in names
        ]
    )
