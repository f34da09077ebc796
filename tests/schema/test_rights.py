"""Rights: every field and mutation of the built schema as anonymous, another member, not yet active, and owner."""

import json
from typing import Any

import pytest
from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema

from schema.member.root import build
from schema.node import global_id
from tests.schema.asking import Asking, codes
from tests.schema.documents import call, document_for, reachable
from tests.schema.rights import ANSWERS, OWNERS_KPJ, PERSONAL, ROOTS, SHARED, SHUT, Root, Rule
from tests.services.journey import BUDI, LARAS, UCOK, await_activation
from tests.services.staged import StagedWorld

SCHEMA: GraphQLSchema = build()._schema
# What a personal field's needed arguments are; the owner's own.
GIVEN = {"Member.membership": f'kpj: "{OWNERS_KPJ}"', "Member.claim": f'id: "{global_id("Claim", 1)}"'}
# What only the owner's answers may hold.
MARKS = ("Laras Ilusi", LARAS.kpj, "99260000109", LARAS.email, LARAS.phone, "3471********9009", "Jalan Rahasia")
PROFILE = """mutation { updateProfile(input: {
  address: {street: "Jalan Rahasia 1", city: "Yogyakarta", province: "DIY"},
  emergencyContact: {name: "Ibu Ilusi", phone: "084000000199", relation: "ibu"}}) { errors { code } } }"""


def roots() -> dict[str, GraphQLField]:
    kinds = {"Query": SCHEMA.query_type, "Mutation": SCHEMA.mutation_type, "Subscription": SCHEMA.subscription_type}
    return {
        f"{name}.{field}": inner
        for name, kind in kinds.items()
        if kind is not None
        for field, inner in kind.fields.items()
    }


def with_rule(*rules: Rule, kind: str = "") -> list[tuple[str, Root]]:
    return [(name, root) for name, root in ROOTS.items() if root.rule in rules and name.startswith(kind)]


async def send(api: Asking, name: str, token: str | None, given: dict[str, Any]) -> dict[str, Any]:
    """Call a root field of Query or Mutation with arguments that are just enough."""
    kind, _, field = name.partition(".")
    document, variables = call(field, roots()[name], kind.lower(), given)
    return await api.ask(document, token, **variables)


def arguments(name: str, given: dict[str, Any]) -> dict[str, Any]:
    return {"input": given} if "input" in roots()[name].args else given


@pytest.fixture
async def api(world: StagedWorld) -> Asking:
    """The API of a world in which Laras, the owner, has told of herself."""
    made = Asking(world)
    await made.data(PROFILE, await made.token_of(LARAS.email))
    return made


async def pending_token(api: Asking) -> str:
    """A token for an account that is not active yet, as no sign-in would give one."""
    await await_activation(api.world)
    return await api.token_of(BUDI.email)


def test_every_root_field_has_a_rule() -> None:
    assert sorted(ROOTS) == sorted(roots()), "write the new root field's rule down in tests/schema/rights.py"


def test_every_field_of_every_type_is_written_down() -> None:
    built = {
        name: set(kind.fields)
        for name, kind in SCHEMA.type_map.items()
        if isinstance(kind, GraphQLObjectType) and not name.startswith("__")
    }
    for name in ("Query", "Mutation", "Subscription"):
        del built[name]

    known = {name: set(fields.split()) for table in (PERSONAL, SHARED, ANSWERS) for name, fields in table.items()}
    assert known == built, "write the new field down in tests/schema/rights.py, where its rule is"


def test_no_way_leads_to_personal_types_without_a_session() -> None:
    fields = roots()
    # Signing in answers the account with whoever proved to be its owner by a password.
    opened = [fields[name] for name, _ in with_rule(Rule.OPEN, Rule.CARRIED) if name not in SIGNING_IN]

    assert reachable(SCHEMA, opened, SHUT) & set(PERSONAL) == set()
    assert {"Account", "Member", "Membership", "Card"} <= reachable(SCHEMA, [fields["Query.viewer"]])


SIGNING_IN = {"Mutation.signIn", "Mutation.refreshSession"}


def personal_fields() -> list[tuple[str, str]]:
    from_viewer = reachable(SCHEMA, [roots()["Query.viewer"]])
    return [(name, field) for name, fields in PERSONAL.items() if name in from_viewer for field in fields.split()]


async def test_nobody_reads_personal_fields_as_anonymous(api: Asking) -> None:
    for name, field in personal_fields():
        assert await api.ask(document_for(SCHEMA, name, field, GIVEN)) == {"data": {"viewer": None}}, (name, field)


async def test_nobody_reads_personal_fields_before_activation(api: Asking) -> None:
    token = await pending_token(api)

    for name, field in personal_fields():
        answer = await api.ask(document_for(SCHEMA, name, field, GIVEN), token)
        assert (answer["data"], codes(answer)) == ({"viewer": None}, ["UNAUTHENTICATED"]), (name, field)


async def test_the_owner_reads_every_personal_field(api: Asking) -> None:
    token = await api.token_of(LARAS.email)

    for name, field in personal_fields():
        answer = await api.ask(document_for(SCHEMA, name, field, GIVEN), token)
        assert codes(answer) in ([], ["BAD_USER_INPUT"] if f"{name}.{field}" == "Member.claim" else []), (name, field)
        assert answer["data"]["viewer"] is not None


async def test_another_member_reads_nothing_of_the_owner(api: Asking) -> None:
    own, other = await api.token_of(LARAS.email), await api.token_of(UCOK.email)
    seen = ""

    for name, field in personal_fields():
        document = document_for(SCHEMA, name, field, GIVEN)
        seen += json.dumps(await api.ask(document, own))
        answer = json.dumps(await api.ask(document, other))
        assert [mark for mark in MARKS if mark in answer] == [], (name, field)
    # The marks would show if another's answers held them.
    assert [mark for mark in MARKS if mark not in seen] == []


@pytest.mark.parametrize("kind", ["Query", "Mutation"])
async def test_what_needs_a_session_is_refused_without_one(api: Asking, kind: str) -> None:
    for name, root in with_rule(Rule.SESSION, kind=kind):
        answer = await send(api, name, None, dict(root.arguments))
        assert codes(answer) == ["UNAUTHENTICATED"], name
        assert answer["data"] == {name.partition(".")[2]: None}


@pytest.mark.parametrize("kind", ["Query", "Mutation"])
async def test_what_needs_a_session_is_refused_before_activation(api: Asking, kind: str) -> None:
    await await_activation(api.world)

    for name, root in with_rule(Rule.SESSION, kind=kind):
        answer = await send(api, name, await api.token_of(BUDI.email), dict(root.arguments))
        if root.pending is None:
            assert codes(answer) == ["UNAUTHENTICATED"], name
        else:
            assert says(answer, root.pending), name


@pytest.mark.parametrize("kind", ["Query", "Mutation"])
async def test_what_needs_a_session_is_reached_with_one(api: Asking, kind: str) -> None:
    for name, root in with_rule(Rule.SESSION, kind=kind):
        answer = await send(api, name, await api.token_of(LARAS.email), dict(root.arguments))
        # A sample is no good id, or one of nothing, which is said only to who may ask at all.
        assert codes(answer) in ([], ["BAD_USER_INPUT"], [root.told]), name


async def test_another_member_reaches_nothing_of_the_owners_by_naming_it(api: Asking) -> None:
    viewer = await api.data("{ viewer { account { id sessions { id } } } }", await api.token_of(LARAS.email))
    account = viewer["viewer"]["account"]
    ids = {"id": account["id"], "sessionId": account["sessions"][0]["id"]}

    for name, root in ROOTS.items():
        if root.foreign is not None:
            given = {key: ids[key] if value == "of the owner" else value for key, value in root.foreign.items()}
            answer = await send(api, name, await api.token_of(UCOK.email), arguments(name, given))
            assert root.told is not None
            assert says(answer, root.told), (name, answer)


@pytest.mark.parametrize("kind", ["Query", "Mutation"])
@pytest.mark.parametrize("email", [None, UCOK.email])
async def test_what_is_open_asks_for_no_session(api: Asking, kind: str, email: str | None) -> None:
    for name, root in with_rule(Rule.OPEN, Rule.CARRIED, kind=kind):
        token = await api.token_of(email) if email else None
        answer = await send(api, name, token, dict(root.arguments))
        assert set(codes(answer)) <= {"BAD_USER_INPUT"}, (name, answer)


async def test_what_carries_its_right_gives_nothing_for_a_foreign_one(api: Asking) -> None:
    for name, root in with_rule(Rule.CARRIED):
        if not name.startswith("Subscription"):
            answer = await send(api, name, None, dict(root.arguments))
            assert [mark for mark in MARKS if mark in json.dumps(answer)] == [], name


async def test_a_subscription_with_a_foreign_token_is_not_found(api: Asking) -> None:
    for name, root in with_rule(Rule.CARRIED, Rule.SESSION, kind="Subscription"):
        field = name.partition(".")[2]
        document, variables = call(field, roots()[name], "subscription", dict(root.arguments))
        answers = [answer async for answer in api.stream(document, None, **variables)]
        wanted = "NOT_FOUND" if root.rule is Rule.CARRIED else "UNAUTHENTICATED"
        assert [codes(answer) for answer in answers] == [[wanted]], name


def says(answer: dict[str, Any], told: str) -> bool:
    """Whether an answer has that code at its top or in its payload, or that field with that value."""
    if "errors" in answer:
        return codes(answer) == [told]
    ((_, payload),) = answer["data"].items()
    field, _, value = told.partition(" ")
    if value:
        return str(payload[field]) == value and not payload["errors"]
    return bool(payload["errors"]) and {error["code"] for error in payload["errors"]} == {told}
