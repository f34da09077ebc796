"""`node(id)`: any object of one's own by its id. What is somebody else's is not found, like what is not there."""

from collections.abc import Awaitable, Callable
from typing import Final

import strawberry

from gateway.domain import account
from gateway.domain.problem import Rejected
from gateway.services import account as accounts
from gateway.services import claim_view
from gateway.services import document as documents
from gateway.services import member as members
from gateway.services import merge as merges
from schema.context import Context
from schema.member.account import Account
from schema.member.claim import Claim
from schema.member.document import Document
from schema.member.member import Member, Membership
from schema.member.merge import BalanceMerge
from schema.node import Node, read_global_id

Info = strawberry.Info[Context, None]
Find = Callable[[Context, account.Account, int], Awaitable[Node | None]]


async def _account(_: Context, owner: account.Account, number: int) -> Node | None:
    return Account.of(owner) if owner.id == number else None


async def _member(context: Context, owner: account.Account, number: int) -> Node | None:
    known = await members.load(context.world, nik=owner.nik)
    return Member.of(known) if known.id == number else None


async def _membership(context: Context, owner: account.Account, number: int) -> Node | None:
    known = await members.load(context.world, nik=owner.nik)
    found = await members.list_memberships(context.world, member_id=known.id)
    return next((Membership.of(one) for one in found if one.id == number), None)


async def _merge(context: Context, owner: account.Account, number: int) -> Node | None:
    known = await members.load(context.world, nik=owner.nik)
    found = await merges.find(context.world, member_id=known.id, merge_id=number)
    return BalanceMerge.of(found, context) if found is not None else None


async def _claim(context: Context, owner: account.Account, number: int) -> Node | None:
    known = await members.load(context.world, nik=owner.nik)
    found = await claim_view.find(context.world, member_id=known.id, claim_id=number)
    return Claim.of(found, context) if found is not None else None


async def _document(context: Context, owner: account.Account, number: int) -> Node | None:
    known = await members.load(context.world, nik=owner.nik)
    found = await documents.find(context.world, member_id=known.id, document_id=number)
    return Document.of(found) if found is not None else None


_FINDERS: Final[dict[str, Find]] = {
    "Account": _account,
    "BalanceMerge": _merge,
    "Claim": _claim,
    "Document": _document,
    "Member": _member,
    "Membership": _membership,
}


@strawberry.type
class NodeQuery:
    """Objects by id."""

    @strawberry.field(description="An object of one's own by its id; NOT_FOUND for anybody else's.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:
        """Thin: the id names who looks; every finder looks among the viewer's own only."""
        context = info.context
        viewer = await context.require_viewer()
        owner = await accounts.load(context.world, viewer=viewer)
        type_name, number = read_global_id(id)
        find = _FINDERS.get(type_name)
        found = await find(context, owner, number) if find is not None else None
        if found is None:
            raise Rejected("NOT_FOUND", "request.not_found")
        return found
