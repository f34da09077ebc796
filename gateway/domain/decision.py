"""Decisions as a member reads them: hasil, sebab, tindak lanjut (what was decided, why, and what to do next)."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided. `key` names three sentences, `decision.<key>.hasil`, `.sebab` and `.tindak_lanjut`.

    `params` fills the braces of all three. Source: domain notes 4.4 (every answer has the three parts).
    """

    key: str
    params: Mapping[str, object] = default(default_factory=dict)
