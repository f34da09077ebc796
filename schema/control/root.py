"""The control schema: a list of what it is made of."""

import strawberry

from schema.control.fault import FaultMutation
from schema.control.message import MessageQuery, MessageSubscription
from schema.control.world import WorldMutation, WorldQuery
from schema.frame import make_schema


@strawberry.type(description="Reads. A query never changes anything.")
class Query(WorldQuery, MessageQuery):
    """All queries."""


@strawberry.type(description="Changes to worlds, their clocks and their faults.")
class Mutation(WorldMutation, FaultMutation):
    """All mutations."""


@strawberry.type(description="News, over graphql-transport-ws or graphql-sse.")
class Subscription(MessageSubscription):
    """All subscriptions."""


def build() -> strawberry.Schema:
    """The control schema."""
    return make_schema(query=Query, mutation=Mutation, subscription=Subscription, user_errors=False)
