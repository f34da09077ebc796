"""Documents made ready to run: parsed, measured, validated, and remembered within bounds, one store per schema."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from graphql import DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode, parse, specified_rules, validate
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from schema.faults import FormattedError, document_error, request_error
from schema.limits import Limits, find_excess

_RULES: Final = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
_MAX_ERRORS: Final = 10
_MAX_REMEMBERED: Final = 512
_MAX_REMEMBERED_CHARS: Final = 500_000


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that may run, and its operations by name (the empty name for the nameless one)."""

    document: DocumentNode
    operations: dict[str, OperationDefinitionNode]


class RefusedDocument(Exception):
    """A document that will not run; `errors` say why."""

    def __init__(self, errors: list[FormattedError]) -> None:
        super().__init__("document refused")
        self.errors = errors


class Documents:
    """Prepares documents for one schema. Only good ones are remembered, so that rubbish never pushes them out.

    At most 512 documents and 500,000 characters are kept, least recently used first out.
    Source: assumed for the sandbox.
    """

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[str, Prepared] = OrderedDict()
        self._kept_chars = 0

    def __len__(self) -> int:
        return len(self._kept)

    def prepare(self, text: str, locale: str) -> Prepared:
        """The document of `text`. Raises RefusedDocument with GRAPHQL_PARSE_FAILED or GRAPHQL_VALIDATION_FAILED."""
        known = self._kept.get(text)
        if known is not None:
            self._kept.move_to_end(text)
            return known
        document = self._parse(text, locale)
        self._check(document, locale)
        operations = {
            definition.name.value if definition.name else "": definition
            for definition in document.definitions
            if isinstance(definition, OperationDefinitionNode)
        }
        prepared = Prepared(document, operations)
        self._keep(text, prepared)
        return prepared

    def _parse(self, text: str, locale: str) -> DocumentNode:
        limits = self._limits
        if len(text) > limits.characters:
            raise RefusedDocument([request_error(locale, "GRAPHQL_PARSE_FAILED", "request.too_large")])
        try:
            return parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
        except GraphQLError as error:
            if "tokens. Parsing aborted" in error.message:
                found = request_error(locale, "GRAPHQL_PARSE_FAILED", "request.too_many_tokens", max=limits.tokens)
                found["extensions"] |= {"limit": "tokens", "max": limits.tokens}
                raise RefusedDocument([found]) from None
            raise RefusedDocument([document_error(error, "GRAPHQL_PARSE_FAILED")]) from None

    def _check(self, document: DocumentNode, locale: str) -> None:
        excess = find_excess(document, self._limits)
        if excess is not None:
            found = request_error(locale, "GRAPHQL_VALIDATION_FAILED", excess.text, max=excess.allowed)
            found["extensions"] |= {"limit": excess.limit, "max": excess.allowed}
            raise RefusedDocument([found])
        errors = validate(self._schema, document, _RULES, max_errors=_MAX_ERRORS)
        if errors:
            raise RefusedDocument([document_error(error, "GRAPHQL_VALIDATION_FAILED") for error in errors])

    def _keep(self, text: str, prepared: Prepared) -> None:
        self._kept[text] = prepared
        self._kept_chars += len(text)
        while len(self._kept) > _MAX_REMEMBERED or self._kept_chars > _MAX_REMEMBERED_CHARS:
            dropped, _ = self._kept.popitem(last=False)
            self._kept_chars -= len(dropped)
