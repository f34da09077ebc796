"""What the provider needs from whoever runs it: who may sign in, where rows go and what time it is."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from starlette.types import Scope

JSON: TypeAlias = "str | int | float | bool | Sequence[JSON] | Mapping[str, JSON] | None"
Locale: TypeAlias = Literal["id", "en"]


@dataclass(frozen=True, slots=True)
class Authenticated:
    """The login and password are right; `subject` (at most 64 characters) names the account for good."""

    subject: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The sign-in is refused; `message` is shown to the person and is already in their language."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class PersonaButton:
    """One fictitious person on the sign-in page; only one with an account (`subject`) gets a button."""

    key: str
    full_name: str
    scenario: str
    login: str
    subject: str | None


class Directory(Protocol):
    """Who may sign in. No method is ever called while the provider holds `Realm.writing()` open."""

    async def authenticate(
        self, login: str, password: str, *, locale: Locale, user_agent: str | None, ip_address: str | None
    ) -> Authenticated | Rejected:
        """Check a login (KPJ or e-mail) and a password as the sign-in page got them."""
        ...

    async def claims(self, subject: str) -> Mapping[str, JSON] | None:
        """Tell what is known of a subject: name, email, email_verified, phone_number, member; None: unknown."""
        ...

    async def personas(self, *, locale: Locale) -> Sequence[PersonaButton]:
        """List the people whom the sign-in page offers, scenarios in the person's language."""
        ...

    async def person_page_allowed(self) -> bool:
        """Say whether one-click personas and the details of a refused request may be shown."""
        ...


class Realm(Protocol):
    """One issuer with keys, clients and sessions of its own, in one database."""

    @property
    def name(self) -> str:
        """The realm's name, [a-z0-9][a-z0-9-]{0,31}; part of its cookie names."""
        ...

    @property
    def epoch(self) -> str:
        """A value that changes when the realm's database is replaced (reset, restored, made again).

        Parsed keys and clients are kept in memory for one epoch only.
        """
        ...

    @property
    def issuer(self) -> str:
        """The issuer address without a trailing slash, for example http://127.0.0.1:8400/w/a/idp."""
        ...

    @property
    def portal_urls(self) -> Sequence[str]:
        """Addresses of the host's own browser client, without a trailing slash; empty: there is no such client.

        `{url}/auth/callback` may receive codes and `{url}/` may follow a sign-out.
        """
        ...

    @property
    def directory(self) -> Directory:
        """Who may sign in here."""
        ...

    def now(self) -> datetime:
        """The realm's own time, aware UTC: iat, exp, code life and session life follow it."""
        ...

    def writing(self) -> AbstractAsyncContextManager[object]:
        """Run the ORM statements inside in one transaction on this realm's database."""
        ...

    def reading(self) -> AbstractAsyncContextManager[object]:
        """Run the ORM statements inside on this realm's database; they only read."""
        ...

    def revoked(self, session_ids: Sequence[str]) -> None:
        """Learn, after the commit, that these sessions are over: every verifier drops what it cached."""
        ...


class Host(Protocol):
    """Whoever serves the provider."""

    async def realm_of(self, scope: Scope) -> Realm | None:
        """Find the realm that an HTTP request addresses; None is answered by 404."""
        ...
