"""How much one document may ask for. Counted once per document, before validation, over all its operations."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a document may hold. Fields and aliases are counted as they run, fragments spread out.

    Source: assumed for the sandbox; the full introspection query selects 229 fields, and 500 fields of one
    name take validation 40 ms, which grows with the square.
    """

    tokens: int = 2_000
    characters: int = 100_000
    depth: int = 12
    aliases: int = 30
    fields: int = 500
    directives: int = 50
    mutations: int = 10


@dataclass(frozen=True, slots=True)
class Excess:
    """A limit that was passed: its name, what was found and what is allowed. `text` names the sentence."""

    limit: str
    text: str
    found: int
    allowed: int


@dataclass(frozen=True, slots=True)
class _Size:
    depth: int = 0
    fields: int = 0
    aliases: int = 0
    roots: int = 0


_NOTHING: Final = _Size()
# Introspection nests deeper than any of our own types; graphql-core's MaxIntrospectionDepthRule keeps it bounded.
_INTROSPECTION: Final = frozenset({"__schema", "__type"})


def find_excess(document: DocumentNode, limits: Limits) -> Excess | None:
    """The first limit that `document` passes, None when it keeps them all. Cyclic fragments count once."""
    directives = sum(_directives(document))
    if directives > limits.directives:
        return Excess("directives", "request.too_many_directives", directives, limits.directives)
    try:
        return _find_oversized(document, limits)
    except RecursionError:
        return Excess("depth", "request.too_deep", limits.depth + 1, limits.depth)


def _find_oversized(document: DocumentNode, limits: Limits) -> Excess | None:
    measure = _Measure(document)
    for definition in document.definitions:
        if not isinstance(definition, OperationDefinitionNode):
            continue
        size = measure.of(definition.selection_set)
        if size.depth > limits.depth:
            return Excess("depth", "request.too_deep", size.depth, limits.depth)
        if size.aliases > limits.aliases:
            return Excess("aliases", "request.too_many_aliases", size.aliases, limits.aliases)
        if size.fields > limits.fields:
            return Excess("fields", "request.too_many_fields", size.fields, limits.fields)
        if definition.operation is OperationType.MUTATION and size.roots > limits.mutations:
            return Excess("mutations", "request.too_many_mutations", size.roots, limits.mutations)
    return None


class _Measure:
    """Sizes of selection sets. Each fragment is measured once, so a chain that doubles costs no more to measure."""

    def __init__(self, document: DocumentNode) -> None:
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._sizes: dict[str, _Size] = {}

    def of(self, selections: SelectionSetNode | None) -> _Size:
        """The size of what is selected, one level of depth for the fields at its top."""
        depth = fields = aliases = roots = 0
        for selection in selections.selections if selections else ():
            if isinstance(selection, FieldNode):
                inner = self.of(selection.selection_set)
                below = 0 if selection.name.value in _INTROSPECTION else inner.depth
                found = _Size(below + 1, inner.fields + 1, inner.aliases + (selection.alias is not None), 1)
            elif isinstance(selection, InlineFragmentNode):
                found = self.of(selection.selection_set)
            else:
                assert isinstance(selection, FragmentSpreadNode), "a selection is a field or a fragment"
                found = self._fragment(selection.name.value)
            depth = max(depth, found.depth)
            fields += found.fields
            aliases += found.aliases
            roots += found.roots
        return _Size(depth, fields, aliases, roots)

    def _fragment(self, name: str) -> _Size:
        known = self._sizes.get(name)
        if known is not None:
            return known
        self._sizes[name] = _NOTHING  # Breaks cycles, which validation reports by name.
        definition = self._fragments.get(name)
        size = self.of(definition.selection_set) if definition else _NOTHING
        self._sizes[name] = size
        return size


def _directives(document: DocumentNode) -> Iterator[int]:
    """Counts directives where they are written: on operations, fragments and selections."""
    stack: list[object] = list(document.definitions)
    while stack:
        node = stack.pop()
        yield len(getattr(node, "directives", None) or ())
        selections = getattr(node, "selection_set", None)
        if selections is not None:
            stack.extend(selections.selections)
