"""What one document may ask for, at the limit and one over it."""

import pytest

from schema.documents import Documents, RefusedDocument
from schema.limits import Limits
from tests.schema.toy import make_toy

LIMITS = Limits()


def refused_limit(text: str) -> str | None:
    documents: Documents = make_toy()._documents
    try:
        documents.prepare(text, "en")
    except RefusedDocument as refused:
        [error] = refused.errors
        return str(error["extensions"].get("limit", error["extensions"]["code"]))
    return None


def nested(levels: int) -> str:
    return "{" + "nested { self {" * 1 + "self {" * (levels - 3) + "name" + "}" * (levels - 3) + "}}}"


def aliases(count: int) -> str:
    return "{" + " ".join(f"a{number}: hello" for number in range(count)) + "}"


def mutations(count: int) -> str:
    # Ten root fields of one name would merge into one; the aliases make them ten calls.
    return "mutation {" + " ".join(f"a{number}: forget" for number in range(count)) + "}"


def directives(count: int) -> str:
    return "{" + "hello " * 0 + " ".join("hello @include(if: true)" for _ in range(count)) + "}"


def fields(count: int) -> str:
    return "{" + "hello " * count + "}"


@pytest.mark.parametrize(
    ("make", "most", "name"),
    [
        (nested, LIMITS.depth, "depth"),
        (aliases, LIMITS.aliases, "aliases"),
        (mutations, LIMITS.mutations, "mutations"),
        (directives, LIMITS.directives, "directives"),
        (fields, LIMITS.fields, "fields"),
    ],
)
def test_document_at_the_limit_runs_and_one_over_it_does_not(make, most: int, name: str):
    assert refused_limit(make(most)) is None
    assert refused_limit(make(most + 1)) == name


def test_too_many_tokens_are_refused_before_they_are_all_read():
    assert refused_limit("{" + "hello " * (LIMITS.tokens - 1) + "}") == "tokens"


def test_comments_cannot_carry_what_tokens_may_not():
    assert refused_limit("#\n" * (LIMITS.tokens + 1) + "{ hello }") == "GRAPHQL_PARSE_FAILED"


def test_over_long_text_is_refused_unread():
    assert refused_limit("{ hello }" + " " * LIMITS.characters) == "GRAPHQL_PARSE_FAILED"


def test_fragments_count_where_they_are_spread():
    # Each fragment spreads the one below twice: 2^12 fields in a text of a few hundred tokens.
    chain = "".join(
        f"fragment f{n} on Nested {{ a: self {{ ...f{n + 1} }} b: self {{ ...f{n + 1} }} }} " for n in range(9)
    )

    assert refused_limit("{ nested { ...f0 } } " + chain + "fragment f9 on Nested { name }") == "aliases"


def test_depth_counts_through_fragments():
    chain = "".join(f"fragment f{n} on Nested {{ self {{ ...f{n + 1} }} }} " for n in range(12))

    assert refused_limit("{ nested { ...f0 } } " + chain + "fragment f12 on Nested { name }") == "depth"


def test_fragment_that_spreads_itself_is_a_validation_error_not_a_loop():
    text = "{ nested { ...f } } fragment f on Nested { self { ...f } }"

    assert refused_limit(text) == "GRAPHQL_VALIDATION_FAILED"


def test_text_nested_beyond_all_measure_is_one_clear_error():
    assert refused_limit("{nested" * 600 + "}" * 600) in ("GRAPHQL_PARSE_FAILED", "depth")


def test_introspection_in_circles_is_refused():
    circle = "fields { type { " * 4 + "name" + "}}" * 4

    assert refused_limit('{ __type(name: "Query") { ' + circle + " } }") == "GRAPHQL_VALIDATION_FAILED"


def test_limit_is_named_in_the_callers_language():
    documents = make_toy()._documents
    messages = {}
    for locale in ("id", "en"):
        with pytest.raises(RefusedDocument) as refused:
            documents.prepare(aliases(31), locale)
        messages[locale] = refused.value.errors[0]["message"]
        assert refused.value.errors[0]["extensions"]["max"] == 30

    assert "30" in messages["id"]
    assert messages["id"] != messages["en"]


def test_prepared_documents_are_remembered_within_bounds_and_bad_ones_not_at_all():
    documents = make_toy()._documents
    first = documents.prepare("{ hello }", "en")

    assert documents.prepare("{ hello }", "en") is first
    for number in range(600):
        documents.prepare(f'{{ echo(text: "{number}") }}', "en")
    assert len(documents) == 512
    with pytest.raises(RefusedDocument):
        documents.prepare("{ nothing }", "en")
    assert len(documents) == 512


def test_long_documents_push_older_ones_out():
    documents = make_toy()._documents
    for number in range(20):
        documents.prepare("{ hello }" + " " * 90_000 + f"#{number}", "en")

    assert len(documents) == 5
