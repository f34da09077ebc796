"""Faults that a tester injects on purpose, and what each target can do."""

from dataclasses import dataclass
from enum import StrEnum


class FaultTarget(StrEnum):
    """Which part of a world misbehaves."""

    SMS = "SMS"
    MAIL = "MAIL"
    REGISTRY = "REGISTRY"
    BANK = "BANK"


class FaultMode(StrEnum):
    """How it misbehaves."""

    DELAY = "DELAY"
    DROP = "DROP"
    DUPLICATE = "DUPLICATE"
    REORDER = "REORDER"
    REJECT = "REJECT"
    ERROR = "ERROR"
    TIMEOUT = "TIMEOUT"
    DISCONNECT = "DISCONNECT"


MODES_OF = {
    FaultTarget.SMS: frozenset(FaultMode),
    FaultTarget.MAIL: frozenset(FaultMode),
    FaultTarget.REGISTRY: frozenset({FaultMode.DELAY, FaultMode.ERROR, FaultMode.TIMEOUT}),
    FaultTarget.BANK: frozenset({FaultMode.DELAY, FaultMode.ERROR, FaultMode.TIMEOUT}),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """A planned fault.

    `remaining` None means without end; `probability` 0 to 1; `delay_s` seconds; `match` is a glob on the recipient.
    """

    id: int
    target: FaultTarget
    mode: FaultMode
    match: str | None
    remaining: int | None
    fired: int
    delay_s: float
    status_code: int | None
    probability: float
