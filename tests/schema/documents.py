"""Documents made from the built schema: the way to any field, and arguments that are just enough."""

from collections import deque
from collections.abc import Collection, Mapping
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_leaf_type,
)

SAMPLES: Mapping[str, Any] = {
    "String": "x",
    "ID": "x",
    "Int": 1,
    "Float": 1.0,
    "Boolean": False,
    "Rupiah": 5_000_000,
    "Rate": "0.05",
    "Date": "2026-01-01",
    "DateTime": "2026-01-01T00:00:00Z",
    "YearMonth": "2026-01",
    "Upload": b"",
}


def sample(kind: GraphQLInputType) -> Any:
    """A value of that type with nothing in it that may be left out."""
    if isinstance(kind, GraphQLNonNull):
        return sample(kind.of_type)
    if isinstance(kind, GraphQLList):
        return [sample(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        return next(iter(kind.values))
    if isinstance(kind, GraphQLInputObjectType):
        return {name: sample(inner.type) for name, inner in kind.fields.items() if needed(inner)}
    return SAMPLES[kind.name]


def needed(argument: Any) -> bool:
    """Whether an argument or an input's field has to be given."""
    return isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined


def call(name: str, root: GraphQLField, kind: str, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """An operation with one root field and its variables; `given` replaces samples, an `input` as a whole."""
    wanted: dict[str, GraphQLArgument] = {
        argument: found for argument, found in root.args.items() if needed(found) or argument in given
    }
    variables = {argument: given.get(argument, sample(found.type)) for argument, found in wanted.items()}
    heads = ", ".join(f"${argument}: {found.type}" for argument, found in wanted.items())
    inner = ", ".join(f"{argument}: ${argument}" for argument in wanted)
    head, arguments = (f"({heads})", f"({inner})") if wanted else ("", "")
    return f"{kind}{head} {{ {name}{arguments} {leaves(root)} }}", variables


def leaves(field: GraphQLField) -> str:
    """The simple fields of what a field answers; of a payload its codes, too."""
    named = get_named_type(field.type)
    if is_leaf_type(named):
        return ""
    if not isinstance(named, GraphQLObjectType):
        return "{ __typename }"
    simple = [
        name for name, inner in named.fields.items() if is_leaf_type(get_named_type(inner.type)) and not inner.args
    ]
    errors = ["errors { code }"] if "errors" in named.fields else []
    return "{ " + " ".join(["__typename", *simple, *errors]) + " }"


def reachable(schema: GraphQLSchema, roots: list[GraphQLField], shut: Collection[str] = ()) -> set[str]:
    """The names of all object types that some root fields lead to, by no type or `Type.field` that is `shut`."""
    found: set[str] = set()
    waiting = deque(get_named_type(root.type) for root in roots)
    while waiting:
        kind = waiting.popleft()
        possible = [kind] if isinstance(kind, GraphQLObjectType) else []
        if not possible and not is_leaf_type(kind):
            possible = list(schema.get_possible_types(kind))  # type: ignore[arg-type]  # an interface is left
        for one in possible:
            if one.name not in found and one.name not in shut:
                found.add(one.name)
                open_fields = [inner for name, inner in one.fields.items() if f"{one.name}.{name}" not in shut]
                waiting += [get_named_type(inner.type) for inner in open_fields]
    return found


def way_to(schema: GraphQLSchema, type_name: str, given: Mapping[str, str]) -> list[str]:
    """The fields, with their arguments, that lead from Query.viewer to a type; the shortest way."""
    start = schema.query_type
    assert start is not None
    waiting: deque[tuple[str, list[str]]] = deque([("Viewer", ["viewer"])])
    seen = {"Viewer"}
    while waiting:
        here, way = waiting.popleft()
        if here == type_name:
            return way
        kind = schema.type_map[here]
        assert isinstance(kind, GraphQLObjectType)
        for name, inner in kind.fields.items():
            named = get_named_type(inner.type)
            if isinstance(named, GraphQLObjectType) and named.name not in seen:
                seen.add(named.name)
                waiting.append((named.name, [*way, written(here, name, inner, given)]))
    raise LookupError(f"{type_name} is not reached from viewer")


def written(parent: str, name: str, field: GraphQLField, given: Mapping[str, str]) -> str:
    """A field with the arguments that it needs, as `given` writes them by `Type.field`."""
    if any(needed(argument) for argument in field.args.values()):
        return f"{name}({given[f'{parent}.{name}']})"
    return name


def document_for(schema: GraphQLSchema, type_name: str, field: str, given: Mapping[str, str]) -> str:
    """A query that reads one field of a type, on the shortest way from the viewer."""
    kind = schema.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    inner = kind.fields[field]
    last = f"{written(type_name, field, inner, given)} {leaves(inner)}"
    way = way_to(schema, type_name, given)
    return " { ".join(["query", *way, last]) + " }" * (len(way) + 1)
