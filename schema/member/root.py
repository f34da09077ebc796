"""The member schema: a list of what it is made of."""

import strawberry

from schema.frame import make_schema
from schema.member.activation import ActivationMutation, ActivationQuery
from schema.member.card import CardQuery
from schema.member.claiming import ClaimMutation, ClaimSubscription
from schema.member.contact import ContactMutation
from schema.member.contribution import ContributionQuery
from schema.member.linking import LinkingMutation
from schema.member.member import MemberQuery
from schema.member.merge import MergeMutation
from schema.member.nodes import NodeQuery
from schema.member.profile import ProfileMutation
from schema.member.program import ProgramQuery
from schema.member.reference import ReferenceQuery
from schema.member.registration import RegistrationMutation, RegistrationQuery, RegistrationSubscription
from schema.member.session import SessionMutation
from schema.member.simulation import SimulationQuery


@strawberry.type(description="Reads. Every root field with a source of its own is null only together with an error.")
class Query(
    MemberQuery,
    RegistrationQuery,
    ActivationQuery,
    CardQuery,
    ReferenceQuery,
    NodeQuery,
    ProgramQuery,
    ContributionQuery,
    SimulationQuery,
):
    """All queries."""


@strawberry.type(description="Changes. A refusal is data: look at `errors` of the payload.")
class Mutation(
    RegistrationMutation,
    ActivationMutation,
    SessionMutation,
    ContactMutation,
    ProfileMutation,
    LinkingMutation,
    MergeMutation,
    ClaimMutation,
):
    """All mutations."""


@strawberry.type(description="News, over graphql-transport-ws or graphql-sse.")
class Subscription(RegistrationSubscription, ClaimSubscription):
    """All subscriptions."""


def build() -> strawberry.Schema:
    """The member schema."""
    return make_schema(query=Query, mutation=Mutation, subscription=Subscription)
