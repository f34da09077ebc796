"""The one way to run an operation, for HTTP, WebSocket, event streams and the pages alike: same limits, same errors."""

from collections.abc import AsyncGenerator, Awaitable, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Final, cast

import strawberry
from graphql import ExecutionResult, GraphQLError, OperationDefinitionNode, OperationType
from graphql.execution import execute, subscribe
from strawberry.execution import optimized_is_awaitable

from gateway.domain.problem import Rejected
from schema.context import Context
from schema.documents import Documents, Prepared, RefusedDocument
from schema.faults import FormattedError, execution_error, fault, rejection, request_error
from schema.limits import Limits

QUERIES: Final = frozenset({OperationType.QUERY})
ONE_ANSWER: Final = frozenset({OperationType.QUERY, OperationType.MUTATION})
EVERYTHING: Final = frozenset(OperationType)

Data = dict[str, Any]  # Any: the JSON that the caller's own selection shapes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an operation. `ran` is False when it was refused before it began; then there is no data."""

    data: Data | None
    errors: tuple[FormattedError, ...] = ()
    ran: bool = True
    mutation_by_get: bool = False
    needs_stream: bool = False

    def body(self) -> dict[str, object]:
        """The answer as the GraphQL specification writes it."""
        if not self.ran:
            return {"errors": list(self.errors)}
        return {"errors": list(self.errors), "data": self.data} if self.errors else {"data": self.data}


class Executor:
    """Runs operations of one schema. Holds its prepared documents and nothing of any request."""

    def __init__(self, schema: strawberry.Schema, limits: Limits | None = None) -> None:
        # The built graphql-core schema has no public name in Strawberry; tests/schema/test_execution.py guards this.
        self._schema = schema._schema
        self._options: Mapping[str, Any] = {  # Any: keyword arguments of graphql-core
            "executor_class": schema.execution_context_class,
            "is_awaitable": optimized_is_awaitable,
            "operation_extensions": None,
        }
        self._documents = Documents(self._schema, limits or Limits())

    async def execute(
        self,
        document: str,
        variables: Mapping[str, object] | None = None,
        *,
        context: Context,
        operation_name: str | None = None,
        allowed: Collection[OperationType] = ONE_ANSWER,
    ) -> Answer:
        """Run one query or mutation. Never raises: whatever goes wrong is in the answer's errors."""
        try:
            prepared, operation = self._choose(document, operation_name, allowed, context)
        except _Refused as refused:
            return refused.answer
        return await self._run(prepared, operation, variables, context)

    async def stream(
        self,
        document: str,
        variables: Mapping[str, object] | None = None,
        *,
        context: Context,
        operation_name: str | None = None,
        allowed: Collection[OperationType] = EVERYTHING,
    ) -> AsyncGenerator[Answer, None]:
        """Run any operation: a subscription gives an answer per event, the others give one."""
        try:
            prepared, operation = self._choose(document, operation_name, allowed, context)
        except _Refused as refused:
            yield refused.answer
            return
        if operation.operation is not OperationType.SUBSCRIPTION:
            yield await self._run(prepared, operation, variables, context)
            return
        async with aclosing(self._subscribe(prepared, operation, variables, context)) as answers:
            async for answer in answers:
                yield answer

    def _choose(
        self, document: str, name: str | None, allowed: Collection[OperationType], context: Context
    ) -> tuple[Prepared, OperationDefinitionNode]:
        try:
            prepared = self._documents.prepare(document, context.locale)
        except RefusedDocument as refused:
            raise _Refused(Answer(None, tuple(refused.errors), ran=False)) from None
        operations = prepared.operations
        operation = operations.get(name) if name else next(iter(operations.values()), None)
        if operation is None or (not name and len(operations) > 1):
            raise _Refused(_refusal(context, "request.operation_name"))
        if operation.operation not in allowed:
            if operation.operation is OperationType.SUBSCRIPTION:
                raise _Refused(_refusal(context, "request.needs_stream", needs_stream=True))
            raise _Refused(_refusal(context, "request.mutation_by_get", mutation_by_get=True))
        return prepared, operation

    async def _run(
        self,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        variables: Mapping[str, object] | None,
        context: Context,
    ) -> Answer:
        try:
            found = execute(self._schema, prepared.document, **self._request(operation, variables, context))
            result = await found if isawaitable(found) else found
        except Exception as error:
            return Answer(None, (fault(error, context),))
        return _answer(result, context)

    async def _subscribe(
        self,
        prepared: Prepared,
        operation: OperationDefinitionNode,
        variables: Mapping[str, object] | None,
        context: Context,
    ) -> AsyncGenerator[Answer, None]:
        try:
            found: object = subscribe(self._schema, prepared.document, **self._request(operation, variables, context))
            source = await cast(Awaitable[object], found) if isawaitable(found) else found
            if isinstance(source, ExecutionResult):
                yield _answer(source, context)
                return
            async with aclosing(cast(Any, source)) as events:  # Any: graphql-core types it as a bare iterator
                async for event in events:
                    yield _answer(event, context)
                    # The next event is news: nothing that was loaded for this one may answer it.
                    context.loaders.clear()
        except Rejected as rejected:
            yield Answer(None, (rejection(rejected, context),))
        except GraphQLError as error:
            yield Answer(None, (execution_error(error, context),))
        except Exception as error:
            yield Answer(None, (fault(error, context),))

    def _request(
        self, operation: OperationDefinitionNode, variables: Mapping[str, object] | None, context: Context
    ) -> dict[str, Any]:  # Any: keyword arguments of graphql-core
        return {
            "variable_values": dict(variables or {}),
            "operation_name": operation.name.value if operation.name else None,
            "context_value": context,
            **self._options,
        }


class _Refused(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__("refused before it ran")
        self.answer = answer


def _refusal(context: Context, text: str, *, mutation_by_get: bool = False, needs_stream: bool = False) -> Answer:
    error = request_error(context.locale, "BAD_USER_INPUT", text)
    return Answer(None, (error,), ran=False, mutation_by_get=mutation_by_get, needs_stream=needs_stream)


def _answer(result: ExecutionResult, context: Context) -> Answer:
    errors = tuple(execution_error(error, context) for error in result.errors or ())
    # Without a path the error is about the request's variables: nothing ran, and the answer has no data at all.
    ran = result.data is not None or any("path" in error for error in errors) or not errors
    return Answer(result.data, errors, ran=ran)
