"""World records with only the values that matter to a test visible."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gateway.models.world import WorldRecord

NOON = datetime(2030, 5, 1, 5, tzinfo=UTC)  # noon in Jakarta


def record(world_id: str = "main", **values: Any) -> WorldRecord:
    """A world that was created at noon."""
    plain = WorldRecord(
        id=world_id,
        seed=7,
        secret="00" * 32,
        starts_at=NOON,
        created_at=NOON,
        last_used_at=NOON,
        expires_at=None,
        token_time="WORLD",
        offset_us=0,
        frozen_at=None,
    )
    return replace(plain, **values)
