"""What an operation answered, as the pages read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

from schema.context import Context
from schema.execution import Answer

# Any: the shape of an answer is fixed by its document, and the documents are tested against the schema.
Values: TypeAlias = Mapping[str, Any]


class Executes(Protocol):
    """Runs a document with the same limits, errors and rights as over HTTP; `schema.execution.Executor` does."""

    async def execute(self, document: str, variables: Values | None = None, *, context: Context) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why the answer is no, in words; `field` is the input's name, None when no single one is to blame."""

    code: str
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """What a mutation answered: its fields, and why not."""

    values: Values
    problems: Sequence[Problem] = field(default=())

    @property
    def codes(self) -> frozenset[str]:
        """The codes of all problems."""
        return frozenset(problem.code for problem in self.problems)


class Unanswered(Exception):
    """The operation as a whole has no answer; `code` and `message` are those of its first GraphQL error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


def need(answer: Answer) -> Values:
    """The data of an answer whose root fields are there.

    A null below the root comes with an error too, but leaves something to show. Raises Unanswered.
    """
    lost = [error for error in answer.errors if len(error.get("path") or ()) <= 1]
    if answer.data is None or lost:
        error = lost[0] if lost else answer.errors[0]
        raise Unanswered(str((error.get("extensions") or {}).get("code", "INTERNAL")), str(error["message"]))
    return answer.data


def payload_of(answer: Answer) -> Payload:
    """The payload of the one mutation that was run. Raises Unanswered."""
    (values,) = need(answer).values()
    return Payload(values, tuple(_problem(error) for error in values["errors"]))


def _problem(error: Values) -> Problem:
    path = error["field"]
    return Problem(str(error["code"]), str(error["message"]), str(path[0]) if path else None)
