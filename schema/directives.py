"""Schema directives that the contract names."""

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="semanticNonNull",
    description="Null only together with an error: one failing source never blanks the whole answer.",
)
class SemanticNonNull:
    """Put on a nullable field whose null is never an answer; `levels` counts list levels, 0 is the field itself.

    Source: RFC "Semantic Nullability" of the GraphQL working group, as Relay and Apollo read it.
    """

    levels: list[int] = strawberry.directive_field(name="levels", default=(0,))
