"""Fakes of the ports that only the services' tests need: a quick strength meter, a provider, an agenda."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from gateway.domain.account import ActiveSession
from gateway.domain.card import CardFace, CardFormat
from gateway.ports import AccessClaims, Clock, IdentityUnavailable, RefreshRejected, TokenRejected, Tokens
from gateway.services import jobs
from tests.fakes import FakeInbox

if TYPE_CHECKING:
    from tests.services.staged import StagedWorld

ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(days=30)


class GivenStrengthMeter:
    """Every password is as strong as the test says."""

    def __init__(self) -> None:
        self.answer = 4

    async def score(self, password: str, known: Sequence[str]) -> int:
        return self.answer


class GivenReachability:
    """Servers that are there or not, as the test says."""

    def __init__(self) -> None:
        self.mail_answers = True
        self.sms_answers = True

    async def mail(self) -> bool:
        return self.mail_answers

    async def sms(self) -> bool:
        return self.sms_answers


class RecordingCardPainter:
    """Paints nothing and keeps what it was to paint."""

    def __init__(self) -> None:
        self.painted: list[tuple[CardFace, CardFormat]] = []

    def prepare(self) -> None:
        """There is nothing to load."""

    async def paint(self, face: CardFace, form: CardFormat) -> bytes:
        self.painted.append((face, form))
        return f"{form.value} of {face.holder}".encode()


class MemorySessions:
    """A provider in memory; while `unavailable` it answers nothing. `refreshing` refuses the next refreshes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = count(1)
        self.live: dict[str, str] = {}
        self.unavailable = False
        self.refreshing: str | None = None

    def _check(self) -> None:
        if self.unavailable:
            raise IdentityUnavailable("the provider does not answer")

    def _tokens(self, session_id: str) -> Tokens:
        now = self._clock.now()
        return Tokens(
            f"access.{session_id}",
            f"refresh.{session_id}",
            now + ACCESS_LIFE,
            now + REFRESH_LIFE,
            session_id,
            self.live[session_id],
        )

    async def issue(self, subject: str, *, user_agent: str | None, ip_address: str | None) -> Tokens:
        self._check()
        session_id = f"s{next(self._numbers)}"
        self.live[session_id] = subject
        return self._tokens(session_id)

    async def refresh(self, refresh_token: str) -> Tokens:
        self._check()
        if self.refreshing is not None:
            raise RefreshRejected(self.refreshing)
        session_id = refresh_token.removeprefix("refresh.")
        if session_id not in self.live:
            raise RefreshRejected("INVALID")
        return self._tokens(session_id)

    async def list(self, subject: str) -> Sequence[ActiveSession]:
        self._check()
        now = self._clock.now()
        return [ActiveSession(key, now, now, None) for key, owner in self.live.items() if owner == subject]

    async def revoke(self, subject: str, *, session_id: str | None = None, except_session_id: str | None = None) -> int:
        self._check()
        gone = [
            key
            for key, owner in self.live.items()
            if owner == subject and session_id in (None, key) and key != except_session_id
        ]
        for key in gone:
            del self.live[key]
        return len(gone)

    async def is_live(self, session_id: str) -> bool:
        self._check()
        return session_id in self.live


class MemoryTokens:
    """Takes the access tokens of MemorySessions; `rejecting` names the reason why it takes none."""

    def __init__(self, sessions: MemorySessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock
        self.rejecting: str | None = None

    async def verify(self, access_token: str) -> AccessClaims:
        if self.rejecting is not None:
            raise TokenRejected(self.rejecting)
        session_id = access_token.removeprefix("access.")
        if not await self._sessions.is_live(session_id):
            raise TokenRejected("REVOKED")
        return AccessClaims(self._sessions.live[session_id], session_id, self._clock.now() + ACCESS_LIFE)

    def forget(self, session_ids: Collection[str]) -> None:
        """Nothing is remembered."""


class HoldingInbox(FakeInbox):
    """An inbox that holds messages back until their moments, and says at which moment each was released."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[datetime] = []
        self.released_at: list[datetime] = []

    async def next_due(self) -> datetime | None:
        return min(self.held, default=None)

    async def release_due(self, now: datetime) -> list[str]:
        due = [moment for moment in sorted(self.held) if moment <= now]
        self.held = [moment for moment in self.held if moment > now]
        self.released_at += [now] * len(due)
        return [f"message.released {moment:%H:%M}" for moment in due]


class DirectAgenda:
    """Runs what is due when `settle` is called and never by itself; keeps what it was told."""

    def __init__(self) -> None:
        self.world: StagedWorld | None = None
        self.moments: list[datetime] = []
        self.moves = 0

    def now(self) -> None:
        """A test settles when it wants."""

    def at(self, when: datetime) -> None:
        self.moments.append(when)

    def clock_moved(self) -> None:
        self.moves += 1

    async def settle(self) -> Sequence[str]:
        assert self.world is not None, "the world is given after it was made"
        done, _ = await jobs.run_due(self.world)
        return done

    @asynccontextmanager
    async def still(self) -> AsyncIterator[None]:
        yield
