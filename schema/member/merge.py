"""Merging the balances of several KPJ into one."""

from datetime import datetime

import strawberry

from gateway.domain import membership_care
from gateway.domain.membership_care import MergeState
from gateway.services import merge as merges
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.errors import RefusalsAsData, UserError
from schema.member.decision import Decision
from schema.node import Node, global_id

strawberry.enum(MergeState, description="Where a merge stands; MERGED and REJECTED are ends.")

Info = strawberry.Info[Context, None]


@strawberry.type(description="Balances of several KPJ on their way into one.")
class BalanceMerge(Node):
    """The owner's view."""

    kpjs: list[str] = strawberry.field(description="What is merged.")
    into: str = strawberry.field(description="The KPJ that is left.")
    state: MergeState
    requested_at: datetime
    sla_due_at: datetime = strawberry.field(description="When it is to be decided at the latest: 5 working days.")
    decision: Decision | None = strawberry.field(description="Once it has ended.")

    @staticmethod
    def of(known: membership_care.BalanceMerge, context: Context) -> "BalanceMerge":
        """The merge as its owner sees it."""
        return BalanceMerge(
            id=global_id("BalanceMerge", known.id),
            kpjs=list(known.kpjs),
            into=known.into,
            state=known.state,
            requested_at=known.requested_at,
            sla_due_at=known.sla_due_at,
            decision=Decision.of(known.decision, context.locale) if known.decision else None,
        )


@strawberry.input(description="Which linked KPJ are merged, and which one is left.")
class MergeMembershipsInput:
    """`into` may be named among `kpjs`."""

    kpjs: list[str]
    into: str


@strawberry.type(description="The merge; on WRONG_STEP the one that runs already.")
class MergePayload:
    """The merge, or why there is none."""

    merge: BalanceMerge | None = None
    errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class MergeMutation:
    """Merging."""

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(MergePayload, subject="merge", convert=BalanceMerge.of)],
        description="Ask for balances to be merged; it is decided by the world's clock within 5 working days.",
    )
    async def merge_memberships(self, info: Info, input: MergeMembershipsInput) -> MergePayload | None:
        """Thin: one service call."""
        context = info.context
        viewer = await context.require_viewer()
        asked = await merges.request(
            context.world, viewer=viewer, kpjs=input.kpjs, into=input.into, caller=context.caller
        )
        return MergePayload(merge=BalanceMerge.of(asked, context))
