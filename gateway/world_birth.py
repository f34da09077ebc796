"""The values with which a world starts, or starts anew: its name, seed, secret, first moment and end."""

import secrets  # noqa: TID251  # a world's own secret and name are made before it has `ids`
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from gateway.domain.problem import Rejected
from gateway.models.store import WorldRecord, is_world_id
from gateway.world import NewWorld

# Easy to read out and to tell apart.
NAMES = (
    "cempaka",
    "cengkih",
    "delima",
    "jahe",
    "kelapa",
    "kenanga",
    "kopi",
    "kunyit",
    "melati",
    "padi",
    "pala",
    "serai",
)
LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"
# A world's clock cannot be moved further at once either. Source: assumed for the sandbox.
FARTHEST = timedelta(days=36_525)
# GraphQL's Int.
SEEDS = 2**31


def new_id(taken: Collection[str]) -> str:
    """A short random name that is free, such as melati-4k7q."""
    while True:
        name = f"{secrets.choice(NAMES)}-{''.join(secrets.choice(LETTERS) for _ in range(4))}"
        if name not in taken:
            return name


def check_new_world(wanted: NewWorld, real_now: datetime) -> None:
    """Raises Rejected BAD_USER_INPUT when no such world can be made."""
    if wanted.id is not None and not is_world_id(wanted.id):
        raise Rejected("BAD_USER_INPUT", "world.bad_id", params={"id": wanted.id[:64]}, extensions={"field": "id"})
    if wanted.at is not None and abs(wanted.at - real_now) > FARTHEST:
        raise Rejected("BAD_USER_INPUT", "clock.too_far", params={"years": 100}, extensions={"field": "at"})
    if wanted.ttl is not None and wanted.ttl <= timedelta(0):
        raise Rejected("BAD_USER_INPUT", "clock.not_positive", extensions={"field": "ttl"})
    if wanted.ttl is not None and wanted.ttl > FARTHEST:
        raise Rejected("BAD_USER_INPUT", "clock.too_far", params={"years": 100}, extensions={"field": "ttl"})


def make_record(wanted: NewWorld, world_id: str, real_now: datetime) -> WorldRecord:
    """The row of a new world with a secret of its own."""
    starts_at = wanted.at or real_now
    return WorldRecord(
        id=world_id,
        seed=wanted.seed,
        secret=secrets.token_hex(32),
        starts_at=starts_at,
        created_at=real_now,
        last_used_at=real_now,
        expires_at=real_now + wanted.ttl if wanted.ttl is not None else None,
        token_time=wanted.token_time.value,
        offset_us=(starts_at - real_now) // timedelta(microseconds=1),
        frozen_at=None,
    )


def make_main(world_id: str, seed: int | None, starts_at: datetime | None, real_now: datetime) -> WorldRecord:
    """The row of world main: it never ends; without a seed of its own it draws one."""
    drawn = secrets.randbelow(SEEDS) if seed is None else seed
    return make_record(NewWorld(seed=drawn, at=starts_at, ttl=None), world_id, real_now)


def make_anew(record: WorldRecord, starts_at: datetime | None, real_now: datetime) -> WorldRecord:
    """The row of a world that is reset: same name, seed and end, new secret, clock running from its start.

    A world that was made for a moment (`at`) starts there again, any other at real now. `starts_at` is the moment
    that the settings give world main. `created_at` moves along, for it is what tells the two apart.
    """
    pinned = record.starts_at if record.starts_at != record.created_at else None
    start = starts_at or pinned or real_now
    return replace(
        record,
        secret=secrets.token_hex(32),
        starts_at=start,
        created_at=real_now,
        last_used_at=real_now,
        offset_us=(start - real_now) // timedelta(microseconds=1),
        frozen_at=None,
    )
