"""What a world needs from outside, as small Protocols. Adapters and simulators implement them; tests bring fakes."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from gateway.domain.account import ActiveSession
from gateway.domain.card import CardFace, CardFormat
from gateway.domain.claim import BankAccount
from gateway.domain.member import Member
from gateway.domain.message import Message, MessageFilter, OutgoingMail, OutgoingSms
from gateway.domain.page import Page, PageRequest


class Clock(Protocol):
    """World time. It moves on with real time unless frozen, and never goes back."""

    @property
    def frozen(self) -> bool: ...

    @property
    def offset(self) -> timedelta: ...

    def now(self) -> datetime: ...

    def freeze(self, at: datetime | None = None) -> None: ...

    def advance(self, by: timedelta) -> None: ...

    def resume(self) -> None: ...

    def real_now(self) -> datetime: ...


class Ids(Protocol):
    """Randomness: what guards is random, what may be replayed follows the world's seed."""

    def token(self) -> str:
        """128 random bits, URL-safe; never from the seed."""

    def subject(self) -> str:
        """A random name for an account in tokens."""

    def otp_secret(self, challenge: int) -> str:
        """The HOTP secret (base32) of a challenge: HMAC of seed, world and challenge number."""

    def draw(self, purpose: str, number: int) -> float:
        """A number in [0, 1) that follows the seed: the same for the same purpose and number."""

    def key(self, purpose: str, value: str) -> str:
        """A keyed hash (hex) of `value`: counts and joins without keeping the value. Keyed per world."""


class BadToken(Exception):
    """A signed token that is none of ours, or of another purpose."""


class ExpiredToken(Exception):
    """A signed token past its life."""


class Signer(Protocol):
    """Signs what goes out in links; one purpose cannot be used as another. Life is counted in world time."""

    def sign(self, purpose: str, payload: dict[str, object]) -> str: ...

    def read(self, purpose: str, token: str, max_age_s: int) -> dict[str, object]:
        """Raises BadToken or ExpiredToken."""


class Store(Protocol):
    """The world's one database. Rows are touched only inside one of these two; they never nest."""

    def writing(self) -> AbstractAsyncContextManager[None]:
        """One transaction. Nothing may await the network inside."""

    def reading(self) -> AbstractAsyncContextManager[None]:
        """Committed rows; never waits for a writer."""


class DeliveryFailed(Exception):
    """A message did not go out. `permanent` means that trying again is useless."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.permanent = permanent


class MailSender(Protocol):
    """Hands a mail to an SMTP server."""

    async def send(self, mail: OutgoingMail) -> None:
        """Returns once the server took it. Raises DeliveryFailed."""


class SmsSender(Protocol):
    """Hands a text message to an SMS gateway."""

    async def send(self, sms: OutgoingSms) -> None:
        """Returns once the gateway took it. Raises DeliveryFailed."""


class RegistryUnavailable(Exception):
    """The population registry does not answer."""


class PopulationRegistry(Protocol):
    """Who exists: the mock of the population and membership registry."""

    async def match(self, *, kpj: str, nik: str, birth_date: date) -> Member | None:
        """The member to whom all three belong, else None. Raises RegistryUnavailable."""


class BankUnavailable(Exception):
    """The bank does not answer."""


class BankGateway(Protocol):
    """The banks: who holds an account, and sending money there."""

    async def owns(self, account: BankAccount, full_name: str) -> bool:
        """Whether the account exists and is held by that person. Raises BankUnavailable."""

    async def transfer(self, account: BankAccount, amount_idr: int, reference: str) -> bool:
        """Whether the money arrived; a repeat with the same reference sends none again. Raises BankUnavailable."""


class Reachability(Protocol):
    """Whether what stands behind the ports answers at all; nothing is sent and nothing is asked for."""

    async def mail(self) -> bool: ...

    async def sms(self) -> bool: ...


class CardPainter(Protocol):
    """Paints cards."""

    def prepare(self) -> None:
        """Begin to load what painting needs, without waiting for it: somebody is about to ask for a card."""

    async def paint(self, face: CardFace, form: CardFormat) -> bytes:
        """The card as a file of that format."""


class PasswordHasher(Protocol):
    """Slow hashes in worker threads."""

    async def hash(self, password: str) -> str: ...

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether they match. With None the same work is done and the answer is no."""


class StrengthMeter(Protocol):
    """How hard a password is to guess."""

    async def score(self, password: str, known: Sequence[str]) -> int:
        """0 (at once) to 4 (very hard); `known` are words that an attacker would try first."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the identity provider issues for one session. Never logged."""

    access_token: str
    refresh_token: str
    expires_at: datetime
    refresh_expires_at: datetime
    session_id: str
    subject: str


class IdentityUnavailable(Exception):
    """The identity provider does not answer, or is a foreign one that takes no first-party sign-in."""


class RefreshRejected(Exception):
    """A refresh token that is not taken. `reason` is INVALID, EXPIRED or REVOKED."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Sessions(Protocol):
    """The identity provider's sessions, as the gateway uses them. All raise IdentityUnavailable."""

    async def issue(self, subject: str, *, user_agent: str | None, ip_address: str | None) -> Tokens: ...

    async def refresh(self, refresh_token: str) -> Tokens:
        """Raises RefreshRejected."""

    async def list(self, subject: str) -> Sequence[ActiveSession]: ...

    async def revoke(self, subject: str, *, session_id: str | None = None, except_session_id: str | None = None) -> int:
        """Ends one session, or all, or all but one; answers how many ended. Every verifier knows at once."""

    async def is_live(self, session_id: str) -> bool: ...


class TokenRejected(Exception):
    """An access token that is not taken. `reason` is EXPIRED, REVOKED or INVALID."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a verified access token says."""

    subject: str
    session_id: str
    expires_at: datetime


class TokenVerifier(Protocol):
    """Checks access tokens: issuer, audience, signature, expiry, session."""

    async def verify(self, access_token: str) -> AccessClaims:
        """Raises TokenRejected, IdentityUnavailable."""

    def forget(self, session_ids: Collection[str]) -> None:
        """These sessions ended: whatever was remembered of them is asked anew."""


class InvalidCursor(Exception):
    """A cursor that the inbox did not give."""


class Inbox(Protocol):
    """The world's caught messages, mail and SMS."""

    async def cursor(self) -> str: ...

    async def page(self, wanted: MessageFilter, request: PageRequest) -> Page[Message]:
        """Newest first. Raises InvalidCursor."""

    async def wait(self, wanted: MessageFilter, timeout_s: float) -> Message | None:
        """With `after`: the oldest match after it, else the newest match; waits when there is none.

        None after `timeout_s` seconds of real time. Raises InvalidCursor.
        """

    def watch(self, wanted: MessageFilter) -> AsyncIterator[Message]:
        """Every match after the cursor, and each one to come."""

    async def next_due(self) -> datetime | None: ...

    async def release_due(self, now: datetime) -> list[str]:
        """Lets messages arrive that a fault held back; answers what was released."""


class Bus(Protocol):
    """News inside a world, after commit. A listener that is slow loses the oldest news, never blocks."""

    def publish(self, topic: str) -> None: ...

    def listen(self, topic: str) -> AbstractAsyncContextManager[AsyncIterator[None]]: ...

    def close(self) -> None: ...


class Agenda(Protocol):
    """Tells the world's worker that there is something to do."""

    def now(self) -> None:
        """Something is due already, such as a message in the outbox."""

    def at(self, when: datetime) -> None:
        """Something falls due at that world time."""

    def clock_moved(self) -> None:
        """Due times have to be looked at again."""

    async def settle(self) -> Sequence[str]:
        """Runs what is due right now, the outbox too, and answers what was done. One runner at a time."""

    def still(self) -> AbstractAsyncContextManager[None]:
        """Inside, nothing runs but what this task settles: whoever moves the clock, one at a time, sees every job."""
