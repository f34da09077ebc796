"""Linking a KPJ to the account, and disputing one."""

import strawberry

from gateway.domain import member
from gateway.services import membership as memberships
from schema.context import Context
from schema.directives import SemanticNonNull
from schema.errors import RefusalsAsData, UserError
from schema.member.member import Membership

Info = strawberry.Info[Context, None]


@strawberry.input(description="A KPJ of one's own that the account does not show yet (Tambah Kartu Peserta).")
class LinkMembershipInput:
    """As typed; spaces, dots and dashes do not matter."""

    kpj: str


@strawberry.input(description="A linked KPJ that its holder does not know (Ini bukan saya), and why.")
class DisputeMembershipInput:
    """`statement` has 10 to 1,000 characters."""

    kpj: str
    statement: str


@strawberry.type(description="The membership; on WRONG_STEP as it stands.")
class MembershipPayload:
    """The membership, or why there is none."""

    membership: Membership | None = None
    errors: list[UserError] = strawberry.field(default_factory=list)


def _show(known: member.Membership, _: Context) -> Membership:
    return Membership.of(known)


@strawberry.type
class LinkingMutation:
    """Linking and disputing."""

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(MembershipPayload)],
        description="Add a KPJ to the account; its balance counts from then on.",
    )
    async def link_membership(self, info: Info, input: LinkMembershipInput) -> MembershipPayload | None:
        """Thin: one service call."""
        context = info.context
        viewer = await context.require_viewer()
        linked = await memberships.link(context.world, viewer=viewer, kpj=input.kpj, caller=context.caller)
        return MembershipPayload(membership=Membership.of(linked))

    @strawberry.mutation(
        directives=[SemanticNonNull()],
        extensions=[RefusalsAsData(MembershipPayload, subject="membership", convert=_show)],
        description="Say that a linked membership is not one's own; decided within 5 working days of world time.",
    )
    async def dispute_membership(self, info: Info, input: DisputeMembershipInput) -> MembershipPayload | None:
        """Thin: one service call."""
        context = info.context
        viewer = await context.require_viewer()
        disputed = await memberships.dispute(
            context.world, viewer=viewer, kpj=input.kpj, statement=input.statement, caller=context.caller
        )
        return MembershipPayload(membership=Membership.of(disputed))
