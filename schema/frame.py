"""How both schemas are put together: the scalars, the error types and the naming that they share."""

from collections.abc import Iterable

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryType

from schema.errors import USER_ERRORS
from schema.scalars import scalar_types


def make_schema(
    query: type,
    mutation: type | None = None,
    subscription: type | None = None,
    *,
    types: Iterable[type | StrawberryType] = (),
    user_errors: bool = True,
) -> strawberry.Schema:
    """A schema with our scalars. `user_errors` brings the error types of the member contract; control has none."""
    return strawberry.Schema(
        query,
        mutation,
        subscription,
        types=(*types, *(USER_ERRORS if user_errors else ())),
        config=StrawberryConfig(scalar_map=dict(scalar_types())),
    )
