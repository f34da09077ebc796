"""The world: everything that one run can touch, handed to every service as its first argument."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from gateway.domain.policy import Policy
from gateway.ports import (
    Agenda,
    BankGateway,
    Bus,
    CardPainter,
    Clock,
    Ids,
    Inbox,
    MailSender,
    PasswordHasher,
    PopulationRegistry,
    Reachability,
    Sessions,
    Signer,
    SmsSender,
    Store,
    StrengthMeter,
    TokenVerifier,
)


class TokenTime(StrEnum):
    """Which clock tokens follow."""

    WORLD = "WORLD"
    REAL = "REAL"


@dataclass(frozen=True, slots=True)
class WorldUrls:
    """Where a world is reached. No address ends with a slash; `smtp` is host:port."""

    portal: str
    graphql: str
    subscriptions: str
    control: str
    inbox: str
    issuer: str
    smtp: str
    sms: str


class FaultIndex:
    """Which targets have a live fault, so that a world without faults pays nothing for asking."""

    def __init__(self) -> None:
        self._targets: frozenset[str] = frozenset()

    def replace(self, targets: Sequence[str]) -> None:
        """Says anew which targets have a fault with something left to do."""
        self._targets = frozenset(targets)

    def any(self, target: str) -> bool:
        """Whether a fault on `target` may fire."""
        return target in self._targets


@dataclass(frozen=True, slots=True)
class World:
    """One isolated run: its time, chance, rows, messages, news, faults and limits."""

    id: str
    seed: int
    urls: WorldUrls
    limits: Policy
    clock: Clock
    ids: Ids
    signer: Signer
    store: Store
    mail: MailSender
    sms: SmsSender
    registry: PopulationRegistry
    bank: BankGateway
    reach: Reachability
    cards: CardPainter
    passwords: PasswordHasher
    strength: StrengthMeter
    sessions: Sessions
    tokens: TokenVerifier
    inbox: Inbox
    bus: Bus
    agenda: Agenda
    faults: FaultIndex
    token_time: TokenTime


@dataclass(frozen=True, slots=True)
class WorldInfo:
    """A world's own dates, in real time, and how its tokens count time."""

    id: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime | None
    seed: int
    token_time: TokenTime


@dataclass(frozen=True, slots=True)
class NewWorld:
    """What is asked of a world to be made. `at` None starts it at real now; `ttl` is real time, None keeps it."""

    id: str | None = None
    seed: int = 1
    at: datetime | None = None
    token_time: TokenTime = TokenTime.WORLD
    ttl: timedelta | None = timedelta(hours=1)


class Worlds(Protocol):
    """All worlds of this process. Raises Rejected: NOT_FOUND, CONFLICT, BAD_USER_INPUT, RATE_LIMITED."""

    def using(self, world_id: str) -> AbstractAsyncContextManager[World]:
        """The world, opened if need be, and kept open while inside."""

    def info(self, world: World) -> WorldInfo: ...

    async def list_ids(self) -> Sequence[str]: ...

    async def create(self, wanted: NewWorld) -> str: ...

    async def reset(self, world_id: str) -> None: ...

    async def delete(self, world_id: str) -> bool: ...
