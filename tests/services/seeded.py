"""A world with the ten personas in it, as far as the registry's services need one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from gateway.domain.persona_file import published_passwords
from gateway.domain.policy import Policy
from gateway.models.store import Database
from gateway.services.persona import seed
from tests.fakes import FixedClock
from tests.models.records import record

START = datetime(2026, 11, 23, 5, tzinfo=UTC)  # noon in Jakarta
HASHES = {key: f"hash of {key}" for key in published_passwords()}


@asynccontextmanager
async def seeded_world(data: Path, url: str | None = None, starts_at: datetime = START) -> AsyncIterator[Any]:
    """A world at its start. It has the store, the clock and the limits, and no other part of a World."""
    database = await Database.open(data=data, url=url, pool_size=4, seed=partial(seed, password_hashes=HASHES))
    try:
        await database.create_world(record("main", starts_at=starts_at))
        store = await database.open_world("main")
        yield SimpleNamespace(store=store, clock=FixedClock(starts_at), limits=Policy())
    finally:
        await database.close()
