"""`node(id)`: one's own by their ids, and nothing of anybody else's."""

import pytest

from schema.node import global_id
from tests.schema.asking import Asking, codes
from tests.services.journey import LARAS, UCOK
from tests.services.staged import StagedWorld

NODE = """query($id: ID!) { node(id: $id) { __typename id
  ... on Account { kpj } ... on Member { fullName } ... on Membership { kpj } ... on BalanceMerge { into } } }"""
OWN = "{ viewer { account { id } member { id memberships { id } merges { id } } } }"


@pytest.fixture
def api(world: StagedWorld) -> Asking:
    return Asking(world)


async def own_ids(api: Asking, token: str) -> list[str]:
    """The ids of everything that the account behind a token has, a running merge among it."""
    await api.data('mutation { linkMembership(input: {kpj: "99260000108"}) { errors { code } } }', token)
    merge = 'mutation { mergeMemberships(input: {kpjs: ["99260000108"], into: "99260000008"}) { errors { code } } }'
    await api.data(merge, token)
    viewer = (await api.data(OWN, token))["viewer"]
    inner = [one["id"] for name in ("memberships", "merges") for one in viewer["member"][name]]
    return [viewer["account"]["id"], viewer["member"]["id"], *inner]


async def test_ones_own_objects_are_found_by_their_ids(api: Asking) -> None:
    token = await api.token_of(UCOK.email)

    found = [(await api.data(NODE, token, id=own))["node"] for own in await own_ids(api, token)]

    assert [{name: value for name, value in node.items() if name != "id"} for node in found] == [
        {"__typename": "Account", "kpj": UCOK.kpj},
        {"__typename": "Member", "fullName": "Ucok Reka"},
        {"__typename": "Membership", "kpj": UCOK.kpj},
        {"__typename": "Membership", "kpj": "99260000108"},
        {"__typename": "BalanceMerge", "into": UCOK.kpj},
    ]


async def test_somebody_elses_objects_are_not_found(api: Asking) -> None:
    ids = await own_ids(api, await api.token_of(UCOK.email))
    other = await api.token_of(LARAS.email)

    for foreign in ids:
        answer = await api.ask(NODE, other, id=foreign)
        assert (answer["data"], codes(answer)) == ({"node": None}, ["NOT_FOUND"])


async def test_nobody_finds_anything(api: Asking) -> None:
    for own in await own_ids(api, await api.token_of(UCOK.email)):
        answer = await api.ask(NODE, None, id=own)
        assert (answer["data"], codes(answer)) == ({"node": None}, ["UNAUTHENTICATED"])


MALFORMED = (
    *("", "x", "1", "Account:1", "🙂", "=" * 8, "QWNjb3VudDox " * 2),
    *(global_id("Account", 1) + "=", global_id("A" * 80, 1)),
    *(global_id("Account", number) for number in ("01", "-1", "١", 2**31, 2**70, 10**40)),
)


@pytest.mark.parametrize("malformed", MALFORMED)
async def test_an_id_that_we_never_gave_is_bad_input(api: Asking, malformed: str) -> None:
    answer = await api.ask(NODE, await api.token_of(UCOK.email), id=malformed)

    assert (answer["data"], codes(answer)) == ({"node": None}, ["BAD_USER_INPUT"])
    assert answer["errors"][0]["extensions"]["field"] == "id"


@pytest.mark.parametrize("kind", ["Employer", "Registration", "Nothing", "Card", "BranchOffice"])
async def test_an_id_of_what_is_no_node_is_not_found(api: Asking, kind: str) -> None:
    assert codes(await api.ask(NODE, await api.token_of(UCOK.email), id=global_id(kind, 1))) == ["NOT_FOUND"]


@pytest.mark.parametrize("kind", ["Account", "Member", "Membership", "BalanceMerge"])
async def test_a_number_that_nobody_has_is_not_found(api: Asking, kind: str) -> None:
    assert codes(await api.ask(NODE, await api.token_of(UCOK.email), id=global_id(kind, 2**31 - 1))) == ["NOT_FOUND"]
