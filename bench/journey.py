"""The sign-up as a caller sees it: nine requests from the form to the balance."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from bench.client import Client

PASSWORD = "kopi-susu-gula-aren"
TTL = "PT1H"

ERRORS = "errors { __typename code message }"
FLOW = f"registration {{ id state otp {{ channel maskedTarget attemptsLeft }} }} {ERRORS}"
START = f"""mutation Start($input: StartRegistrationInput!) {{
  startRegistration(input: $input) {{ registrationToken {FLOW} }} }}"""
VERIFY = f"mutation Verify($input: VerifyOtpInput!) {{ verifyOtp(input: $input) {{ {FLOW} }} }}"
SET_PASSWORD = f"mutation Set($input: SetPasswordInput!) {{ setPassword(input: $input) {{ {FLOW} }} }}"
ACTIVATE = (
    f"mutation Activate($input: ActivateAccountInput!) {{ activateAccount(input: $input) {{ accepted {ERRORS} }} }}"
)
SIGN_IN = f"""mutation SignIn($input: SignInInput!) {{
  signIn(input: $input) {{ session {{ accessToken refreshToken }} {ERRORS} }} }}"""
VIEWER = "query Viewer { viewer { member { fullName maskedNik status balance { total } } } }"
AWAIT = """query Await($filter: MessageFilter!) {
  awaitMessage(filter: $filter, timeout: "PT30S") { code link } }"""
CREATE = "mutation Create($input: CreateWorldInput) { createWorld(input: $input) { id } }"
DELETE = "mutation Delete($id: ID!) { deleteWorld(world: $id) }"
RESET = "mutation Reset($id: ID!) { resetWorld(world: $id) { id } }"
PERSONAS = "{ world { personas { kpj nik birthDate phone email stage } } }"
INBOX = "{ world { messages(first: 100) { totalCount nodes { to code link } } } }"


@dataclass(frozen=True, slots=True)
class Person:
    """What a person types into the form."""

    kpj: str
    nik: str
    birth_date: str
    phone: str
    email: str


@dataclass(frozen=True, slots=True)
class Walk:
    """One person in one world; no two journeys share both."""

    world: str
    person: Person


async def list_people(client: Client) -> tuple[Person, ...]:
    """The personas that have no account yet; they are the same in every world."""
    found = await client.ask("/control/graphql", PERSONAS)
    return tuple(
        Person(one["kpj"], one["nik"], one["birthDate"], one["phone"], one["email"])
        for one in found["personas"]
        if one["stage"] == "UNREGISTERED"
    )


async def make_walks(client: Client, count: int, people: tuple[Person, ...]) -> list[Walk]:
    """`count` walks in as few worlds as they need, which are made and opened here; neighbours are in different ones."""
    worlds = []
    for _ in range(-(-count // len(people))):
        made = await client.ask("/control/graphql", CREATE, input={"ttl": TTL})
        worlds.append(str(made["id"]))
        await client.ask(f"/w/{made['id']}/graphql", "{ serverTime }")
    return [Walk(world, person) for person in people for world in worlds][:count]


async def throw_away(client: Client, walks: list[Walk]) -> None:
    """Delete the worlds of these walks."""
    for world in {walk.world for walk in walks}:
        await client.ask("/control/graphql", DELETE, id=world)


async def sign_up(client: Client, walk: Walk) -> None:
    """The nine requests. Raises AssertionError where an answer is not the expected one."""
    person, graphql, control = walk.person, f"/w/{walk.world}/graphql", f"/w/{walk.world}/control/graphql"
    form = {"kpj": person.kpj, "nik": person.nik, "birthDate": person.birth_date}
    form |= {"phone": person.phone, "email": person.email}
    started = await client.ask(graphql, START, input=form)
    token = started["registrationToken"]
    sms = await client.ask(control, AWAIT, filter={"channel": "SMS", "to": person.phone})
    await client.ask(graphql, VERIFY, input={"registrationToken": token, "code": sms["code"]})
    await client.ask(graphql, SET_PASSWORD, input={"registrationToken": token, "password": PASSWORD})
    mail = await client.ask(control, AWAIT, filter={"channel": "EMAIL", "to": person.email})
    link = urlsplit(mail["link"])
    status, page = await client.request("GET", f"{link.path}?{link.query}")
    assert status == 200 and b"<form" in page, page[:300]
    await client.ask(graphql, ACTIVATE, input={"token": parse_qs(link.query)["token"][0]})
    signed_in = await client.ask(graphql, SIGN_IN, input={"login": person.kpj, "password": PASSWORD})
    viewer = await client.ask(graphql, VIEWER, token=signed_in["session"]["accessToken"])
    assert viewer["member"]["balance"]["total"] >= 0
