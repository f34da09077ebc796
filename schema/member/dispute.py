"""Disputes: "ini bukan saya"."""

from datetime import datetime

import strawberry

from gateway.domain import membership_care
from gateway.domain.membership_care import DisputeState
from schema.member.decision import Decision

strawberry.enum(DisputeState, description="Where a dispute stands; UPHELD and REJECTED are ends.")


@strawberry.type(description="A membership that its holder does not know, and what came of it.")
class Dispute:
    """An upheld dispute takes the membership off the account, and itself with it."""

    state: DisputeState
    opened_at: datetime
    sla_due_at: datetime = strawberry.field(description="When it is to be decided at the latest: 5 working days.")
    decision: Decision | None = strawberry.field(description="Once it has ended.")

    @staticmethod
    def of(known: membership_care.Dispute, locale: str) -> "Dispute":
        """The dispute as the holder sees it."""
        return Dispute(
            state=known.state,
            opened_at=known.opened_at,
            sla_due_at=known.sla_due_at,
            decision=Decision.of(known.decision, locale) if known.decision else None,
        )
