"""What leaves the executor: data, our own errors, and nothing of the inside."""

import json
import logging

import pytest
from graphql import get_introspection_query

from schema.execution import EVERYTHING, QUERIES, Answer
from schema.frame import make_schema
from tests.schema.toy import SECRET, FakeTokens, Query, make_context, make_toy


async def run(document: str, variables: dict[str, object] | None = None, **context: object) -> Answer:
    return await make_toy().execute(document, variables, context=make_context(**context))


def codes(answer: Answer) -> list[str]:
    return [error["extensions"]["code"] for error in answer.errors]


async def test_query_answers_data_alone():
    answer = await run("{ hello }")

    assert answer.body() == {"data": {"hello": "world"}}
    assert answer.ran


@pytest.mark.parametrize(
    ("document", "variables", "code"),
    [
        ("{ hello", None, "GRAPHQL_PARSE_FAILED"),
        ("{ nothingOfTheKind }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query ($x: String!) { echo(text: $x) }", {"x": 1}, "BAD_USER_INPUT"),
        ("query ($x: String!) { echo(text: $x) }", {}, "BAD_USER_INPUT"),
        ("query a { hello } query b { hello }", None, "BAD_USER_INPUT"),
        ("subscription { ticks }", None, "BAD_USER_INPUT"),
        ("{ rupiah(amount: 1.5) }", None, "BAD_USER_INPUT"),
        ("query ($x: Rupiah!) { rupiah(amount: $x) }", {"x": "1"}, "BAD_USER_INPUT"),
    ],
)
async def test_request_that_cannot_run_gets_one_coded_error_and_no_data(document, variables, code):
    answer = await run(document, variables)

    assert codes(answer) == [code]
    assert not answer.ran
    assert set(answer.body()) == {"errors"}


async def test_operation_is_chosen_by_name():
    toy, document = make_toy(), 'query a { hello } query b { echo(text: "b") }'

    named = await toy.execute(document, context=make_context(), operation_name="b")
    unknown = await toy.execute(document, context=make_context(), operation_name="c")

    assert named.data == {"echo": "b"}
    assert codes(unknown) == ["BAD_USER_INPUT"]


async def test_variable_that_reaches_an_argument_as_null_is_the_callers_fault():
    answer = await run('query ($x: String = "") { echo(text: $x) }', {"x": None})

    assert codes(answer) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("field", ["broken", "tooBig"])
async def test_mistake_of_ours_is_told_by_number_alone(field: str, caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR):
        answer = await run("{ hello " + field + " }")

    assert answer.data == {"hello": "world", field: None}
    [error] = answer.errors
    assert error["extensions"] == {"code": "INTERNAL", "traceId": "trace-1"}
    assert error["path"] == [field]
    assert "trace-1" in error["message"]
    assert SECRET not in json.dumps(answer.body()) + caplog.text
    assert "column" not in error["message"]
    assert "Traceback" in caplog.text
    assert "trace-1" in caplog.text


async def test_mutations_own_mistake_is_masked_too():
    answer = await run('mutation { step(input: {code: "BROKEN"}) { errors { code } } }')

    assert codes(answer) == ["INTERNAL"]
    assert SECRET not in json.dumps(answer.body())


async def test_outage_is_logged_under_its_number_and_hides_its_cause(caplog: pytest.LogCaptureFixture):
    with caplog.at_level(logging.ERROR):
        answer = await run("{ unavailable }")

    [error] = answer.errors
    assert error["extensions"] == {"code": "UNAVAILABLE", "traceId": "trace-1"}
    assert "refused" not in error["message"]
    assert "OSError" in caplog.text


async def test_rejection_keeps_its_extensions_and_logs_nothing(caplog: pytest.LogCaptureFixture):
    answer = await run("{ limited }")

    assert answer.errors[0]["extensions"] == {"retryAfterSeconds": 7, "code": "RATE_LIMITED"}
    assert caplog.text == ""


async def test_mutation_is_not_run_where_only_queries_are_allowed():
    answer = await make_toy().execute("mutation { forget }", context=make_context(), allowed=QUERIES)

    assert answer.mutation_by_get
    assert codes(answer) == ["BAD_USER_INPUT"]
    assert not answer.ran


async def test_viewer_is_read_once_for_all_fields_of_a_request():
    tokens = FakeTokens()

    answer = await run("{ viewer required again: viewer }", tokens=tokens, authorization="Bearer good")

    assert answer.data == {"viewer": "s1", "required": "s1", "again": "s1"}
    assert tokens.asked == 1


async def test_without_a_token_viewer_is_null_and_what_needs_one_is_refused():
    answer = await run("{ viewer required }")

    assert answer.data == {"viewer": None, "required": None}
    assert codes(answer) == ["UNAUTHENTICATED"]
    assert answer.errors[0]["path"] == ["required"]


@pytest.mark.parametrize("sent", ["Bearer dead", "Basic good", "good", "Bearer " + "x" * 5_000])
async def test_token_that_is_not_taken_is_said_at_every_field_that_asks(sent: str):
    answer = await run("{ viewer required hello }", authorization=sent)

    assert answer.data == {"viewer": None, "required": None, "hello": "world"}
    assert codes(answer) == ["UNAUTHENTICATED", "UNAUTHENTICATED"]
    assert sorted(error["path"][0] for error in answer.errors) == ["required", "viewer"]


async def collect(document: str) -> list[dict[str, object]]:
    return [answer.body() async for answer in make_toy().stream(document, context=make_context())]


async def test_subscription_gives_an_answer_per_event():
    assert await collect("subscription { ticks(to: 2) }") == [{"data": {"ticks": 1}}, {"data": {"ticks": 2}}]


async def test_stream_runs_a_query_as_one_answer():
    assert await collect("{ hello }") == [{"data": {"hello": "world"}}]


async def test_subscription_that_breaks_ends_with_a_masked_error():
    first, last = await collect("subscription { breaks }")

    assert first == {"data": {"breaks": 1}}
    assert last["errors"][0]["extensions"] == {"code": "INTERNAL", "traceId": "trace-1"}


async def test_subscription_without_the_right_says_so():
    [only] = await collect("subscription { refused }")

    assert only["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_stream_refuses_what_is_not_allowed():
    answers = make_toy().stream("mutation { forget }", context=make_context(), allowed=EVERYTHING - {*EVERYTHING})

    assert [codes(answer) async for answer in answers] == [["BAD_USER_INPUT"]]


async def test_standard_introspection_stays_within_the_limits():
    full = get_introspection_query(
        specified_by_url=True, directive_is_repeatable=True, schema_description=True, input_value_deprecation=True
    )

    answer = await run(full)

    assert answer.errors == ()


def test_schema_prints_what_the_contract_compares():
    printed = make_schema(Query).as_str()

    assert "directive @semanticNonNull(levels: [Int!]! = [0]) on FIELD_DEFINITION" in printed
    assert "broken: String @semanticNonNull" in printed
    assert "enum ErrorCode {" in printed
    assert "type RateLimitError implements UserError {" in printed
    assert "retryAfterSeconds: Int!" in printed
    assert "scalar DateTime @specifiedBy(url:" in printed
