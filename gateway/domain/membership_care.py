"""Looking after memberships: finding a forgotten KPJ, merging balances, and saying "ini bukan saya"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from gateway.domain.decision import Decision
from gateway.domain.identity import mask_kpj
from gateway.domain.member import Membership, MembershipStatus, Program

# Source: assumed for the sandbox; the agency promises an answer within 5 working days (domain notes 2.6, row 9).
MERGE_SLA_DAYS = 5
DISPUTE_SLA_DAYS = 5
STEP_DAYS = 1
DISPUTE_DAYS = 2
STATEMENT_MIN, STATEMENT_MAX = 10, 1_000


class Link(StrEnum):
    """How a membership stands to its person's account: HIDDEN until linked, DISOWNED once a dispute was upheld."""

    LINKED = "LINKED"
    HIDDEN = "HIDDEN"
    DISOWNED = "DISOWNED"


class MergeState(StrEnum):
    """Where a merge stands; the last two are ends."""

    REQUESTED = "REQUESTED"
    IN_PROGRESS = "IN_PROGRESS"
    MERGED = "MERGED"
    REJECTED = "REJECTED"


class DisputeState(StrEnum):
    """Where a dispute stands; the last two are ends."""

    OPEN = "OPEN"
    UPHELD = "UPHELD"
    REJECTED = "REJECTED"


class MergeOutcome(StrEnum):
    """Why a merge ended as it did; each names its three sentences."""

    MERGED = "merge.merged"
    STILL_ACTIVE = "merge.still_active"
    NO_JHT = "merge.no_jht"
    NOT_LINKED = "merge.not_linked"


@dataclass(frozen=True, slots=True)
class HiddenMembership:
    """A membership of the same NIK that the account does not show yet; `last_contribution` as YYYY-MM."""

    masked_kpj: str
    employer_name: str | None
    last_contribution: str | None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A membership that its holder does not know, and what came of it."""

    state: DisputeState
    opened_at: datetime
    sla_due_at: datetime
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class BalanceMerge:
    """Balances of `kpjs` on their way into one KPJ."""

    id: int
    kpjs: tuple[str, ...]
    into: str
    state: MergeState
    requested_at: datetime
    sla_due_at: datetime
    decision: Decision | None


def judge_merge(memberships: Sequence[Membership], kpjs: Sequence[str], into: str) -> MergeOutcome:
    """What comes of a merge: sources have to be linked and inactive, and both sides need JHT.

    Source: assumed for the sandbox (domain notes 1.2: balances of ended memberships are merged on demand).
    """
    linked = {membership.kpj: membership for membership in memberships}
    if any(kpj not in linked for kpj in (*kpjs, into)):
        return MergeOutcome.NOT_LINKED
    sources, target = [linked[kpj] for kpj in kpjs], linked[into]
    if any(source.status is MembershipStatus.ACTIVE for source in sources):
        return MergeOutcome.STILL_ACTIVE
    if any(Program.JHT not in one.programs for one in (*sources, target)):
        return MergeOutcome.NO_JHT
    return MergeOutcome.MERGED


def merge_decision(outcome: str, kpjs: Sequence[str], into: str) -> Decision:
    """The decision of a merge's outcome."""
    return Decision(outcome, {"kpjs": ", ".join(mask_kpj(kpj) for kpj in kpjs), "into": mask_kpj(into)})


def judge_dispute(memberships: Sequence[Membership], disputed: Membership, account_kpj: str) -> DisputeState:
    """Whether a membership is taken off its holder: it began while another employer was paying for the same person.

    The KPJ that the account was opened with is never taken off. Source: assumed for the sandbox.
    """
    if disputed.kpj == account_kpj or disputed.employer is None:
        return DisputeState.REJECTED
    others = (one for one in memberships if one.kpj != disputed.kpj and one.employer is not None)
    overlaps = any(_runs_on(other, disputed.member_since) for other in others)
    return DisputeState.UPHELD if overlaps else DisputeState.REJECTED


def _runs_on(membership: Membership, day: date) -> bool:
    return membership.member_since <= day and (membership.inactive_since is None or day < membership.inactive_since)


def dispute_decision(state: DisputeState, kpj: str) -> Decision | None:
    """The decision of a dispute that has ended."""
    key = {DisputeState.UPHELD: "dispute.upheld", DisputeState.REJECTED: "dispute.rejected"}.get(state)
    return Decision(key, {"kpj": mask_kpj(kpj)}) if key is not None else None
