"""A real database with the ten personas in it, and a world over it whose outside is made of fakes."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from gateway.adapters.bank import BankSimulator
from gateway.adapters.bus import InProcessBus
from gateway.adapters.clock import WorldClock
from gateway.adapters.ids import SeededIds
from gateway.adapters.passwords import Argon2PasswordHasher
from gateway.adapters.registry import RegistrySimulator
from gateway.adapters.signer import WorldSigner
from gateway.domain.fault import Fault, FaultTarget
from gateway.domain.persona_file import published_passwords
from gateway.domain.policy import Policy
from gateway.models.account import AccountRow, ActivityRow
from gateway.models.claim import ClaimEventRow, ClaimRow
from gateway.models.contact import ContactChangeRow
from gateway.models.dispute import DisputeRow
from gateway.models.document import DocumentPartRow, DocumentRow
from gateway.models.fault import FaultRow
from gateway.models.member import MembershipRow, PostingRow
from gateway.models.merge import MergeRow
from gateway.models.outbox import OutboxRow
from gateway.models.registration import AttemptRow, ChallengeRow, RegistrationRow, ResetRow
from gateway.models.store import Database, WorldRecord, WorldStore
from gateway.models.world import WorldRow
from gateway.services import fault as faults
from gateway.services.persona import seed
from gateway.world import FaultIndex, TokenTime, World, WorldUrls
from tests.fakes import RecordingMailSender, RecordingSmsSender
from tests.models.records import record
from tests.services.standins import (
    DirectAgenda,
    GivenReachability,
    GivenStrengthMeter,
    HoldingInbox,
    MemorySessions,
    MemoryTokens,
    RecordingCardPainter,
)

START = datetime(2026, 11, 23, 5, tzinfo=UTC)  # noon in Jakarta
RECORD = record("main", starts_at=START, created_at=START, last_used_at=START)
TABLES = (
    *(AccountRow, ActivityRow, AttemptRow, ChallengeRow, FaultRow, OutboxRow, RegistrationRow, ResetRow),
    *(ContactChangeRow, DisputeRow, MembershipRow, MergeRow, PostingRow),
    *(ClaimEventRow, ClaimRow, DocumentPartRow, DocumentRow),
)
# Enough for sixteen callers to be inside of transactions side by side with some waiting for a connection.
POOL_SIZE = 10
URLS = WorldUrls(
    portal="http://127.0.0.1:8000",
    graphql="http://127.0.0.1:8000/graphql",
    subscriptions="ws://127.0.0.1:8000/graphql",
    control="http://127.0.0.1:8000/control/graphql",
    inbox="http://127.0.0.1:8000/inbox",
    issuer="http://127.0.0.1:8000/idp",
    smtp="127.0.0.1:1025",
    sms="http://127.0.0.1:8000/sms",
)
# A new PostgreSQL database for each test would cost a quarter of a second: the rows that tests change are put back.
KEEP = "CREATE TABLE sealed.{0} AS TABLE w_main.{0};"
RESTORE = """
DELETE FROM w_main.{0};
INSERT INTO w_main.{0} SELECT * FROM sealed.{0};
SELECT setval(sequence, (SELECT count(*) + 1 FROM sealed.{0}), false)
FROM pg_get_serial_sequence('w_main.{0}', 'id') AS sequence WHERE sequence IS NOT NULL;
"""


@dataclass(frozen=True, slots=True)
class StagedWorld(World):
    """A world whose fakes a test can reach."""

    clock: WorldClock
    mail: RecordingMailSender
    sms: RecordingSmsSender
    reach: GivenReachability
    cards: RecordingCardPainter
    strength: GivenStrengthMeter
    sessions: MemorySessions
    tokens: MemoryTokens
    inbox: HoldingInbox
    bus: InProcessBus
    agenda: DirectAgenda


def stage(store: WorldStore, passwords: Argon2PasswordHasher, known: WorldRecord = RECORD) -> StagedWorld:
    """The world of `known` over an open store; its real time stands still."""
    clock = WorldClock(lambda: START, timedelta(microseconds=known.offset_us), known.frozen_at)
    sessions = MemorySessions(clock)

    async def registry_fault() -> Fault | None:
        return await faults.take(world, target=FaultTarget.REGISTRY)

    async def bank_fault() -> Fault | None:
        return await faults.take(world, target=FaultTarget.BANK)

    world = StagedWorld(
        id=known.id,
        seed=known.seed,
        urls=URLS,
        limits=Policy(),
        clock=clock,
        ids=SeededIds(known.seed, known.id, known.secret),
        signer=WorldSigner(known.secret, clock),
        store=store,
        mail=RecordingMailSender(),
        sms=RecordingSmsSender(),
        registry=RegistrySimulator(store, registry_fault, wait=_no_wait),
        bank=BankSimulator(bank_fault, wait=_no_wait),
        reach=GivenReachability(),
        cards=RecordingCardPainter(),
        passwords=passwords,
        strength=GivenStrengthMeter(),
        sessions=sessions,
        tokens=MemoryTokens(sessions, clock),
        inbox=HoldingInbox(),
        bus=InProcessBus(),
        agenda=DirectAgenda(),
        faults=FaultIndex(),
        token_time=TokenTime.WORLD,
    )
    world.agenda.world = world
    return world


async def _no_wait(_: float) -> None:
    """A delay that takes no time."""


async def kept(world: World) -> dict[str, list[dict[str, Any]]]:
    """All that sign-up and sessions have written: a refusal must leave it as it was."""
    async with world.store.reading():
        return {table.__name__: await table.all().order_by("id").values() for table in TABLES}


async def persona_hashes(passwords: Argon2PasswordHasher) -> Mapping[str, str]:
    """The published passwords, hashed."""
    published = published_passwords()
    hashes = await asyncio.gather(*(passwords.hash(password) for password in published.values()))
    return dict(zip(published, hashes, strict=True))


async def seal(data: Path, url: str | None, hashes: Mapping[str, str]) -> None:
    """Make world main once, to be copied or restored for each test."""
    database = await Database.open(data=data, url=url, seed=partial(seed, password_hashes=hashes))
    try:
        await database.create_world(RECORD)
    finally:
        await database.close()
    if url is not None:
        await _run(url, "CREATE SCHEMA sealed;" + "".join(KEEP.format(name) for name in _changing()))


@asynccontextmanager
async def fresh_database(sealed: Path | str, data: Path) -> AsyncIterator[Database]:
    """What was sealed in a folder, copied; or what was sealed in a PostgreSQL database, restored."""
    url = sealed if isinstance(sealed, str) else None
    if isinstance(sealed, str):
        # Whatever order the tables stand in: references are whole again once all rows are back.
        restore = "".join(RESTORE.format(name) for name in _changing())
        await _run(sealed, "SET session_replication_role = replica;" + restore)
    else:
        shutil.copytree(sealed / "worlds", data / "worlds")
    database = await Database.open(data=data, url=url, pool_size=POOL_SIZE)
    try:
        yield database
    finally:
        await database.close()


def _changing() -> list[str]:
    return [str(table._meta.db_table) for table in (*TABLES, WorldRow)]


async def _run(url: str, script: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(script)
    finally:
        await connection.close()
