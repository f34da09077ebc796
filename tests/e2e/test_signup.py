"""The sign-up end to end over sockets, on SQLite and on PostgreSQL."""

import asyncio

import httpx
import pytest

from gateway.sandbox.serve import Running
from tests.e2e.journey import BUDI, SIGN_IN, VIEWER, Journey

pytestmark = pytest.mark.e2e
CREATE = "mutation($input: CreateWorldInput) { createWorld(input: $input) { id urls { graphql control } } }"
SITI = {
    "kpj": "99260000002",
    "nik": "3273996207919002",
    "birthDate": "1991-07-22",
    "phone": "+6284000000002",
    "email": "siti@peserta.test",
}


async def test_the_sign_up_leads_to_the_balance(sandbox: Running, http: httpx.AsyncClient) -> None:
    siti = Journey(http, sandbox.line["graphql"], sandbox.line["control"], dict(SITI))

    started = await siti.start()
    verified = await siti.verify()
    set_password = await siti.set_password()
    activated = await siti.activate()
    session = (await siti.sign_in())["session"]
    viewer = (await siti.ask(VIEWER, Authorization=f"Bearer {session['accessToken']}"))["data"]["viewer"]

    assert started["registration"]["state"] == "AWAITING_OTP"
    assert started["registration"]["otp"] == {"channel": "SMS", "attemptsLeft": 5}
    assert verified["registration"]["state"] == "AWAITING_PASSWORD"
    assert set_password["registration"]["state"] == "AWAITING_ACTIVATION"
    assert activated == {"accepted": True, "errors": []}
    assert viewer["account"] == {"kpj": SITI["kpj"], "email": SITI["email"], "status": "ACTIVE"}
    member = viewer["member"]
    assert (member["fullName"], member["maskedNik"], member["status"]) == (
        "Siti Fiktif",
        "3273********9002",
        "INACTIVE",
    )
    assert abs(member["balance"]["total"] - 14_200_000) <= 1_000
    assert member["memberships"][0]["balance"] == member["balance"]


async def test_two_worlds_sign_up_the_same_person_at_the_same_time(
    sandbox: Running, http: httpx.AsyncClient
) -> None:
    main = Journey(http, sandbox.line["graphql"], sandbox.line["control"])
    urls = (await main.command(CREATE))["createWorld"]["urls"]
    other = Journey(http, urls["graphql"], urls["control"])

    await asyncio.gather(main.sign_up(), other.sign_up())
    tokens = [(await journey.sign_in())["session"]["accessToken"] for journey in (main, other)]
    crossed = await other.ask(VIEWER, Authorization=f"Bearer {tokens[0]}")

    assert tokens[0] != tokens[1]
    assert crossed["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED", "reason": "INVALID"}


async def test_the_header_names_the_world_too(sandbox: Running, http: httpx.AsyncClient) -> None:
    main = Journey(http, sandbox.line["graphql"], sandbox.line["control"])
    world = (await main.command(CREATE, {"input": {"id": "kedua"}}))["createWorld"]
    by_header = Journey(http, main.graphql, world["urls"]["control"], headers={"X-Peserta-World": "kedua"})

    await by_header.sign_up()
    refused = await main.mutate(SIGN_IN, {"login": BUDI["kpj"], "password": "kopi-susu-gula-aren"})

    assert [error["code"] for error in refused["errors"]] == ["INVALID_CREDENTIALS"]


async def test_a_moved_clock_ends_the_code(sandbox: Running, http: httpx.AsyncClient) -> None:
    budi = Journey(http, sandbox.line["graphql"], sandbox.line["control"])
    await budi.start()

    await budi.command('mutation { advanceClock(by: "PT5M1S") { jobsRun } }')
    refused = await budi.verify()

    assert [(error["__typename"], error["code"]) for error in refused["errors"]] == [("OtpError", "OTP_EXPIRED")]


async def test_a_flow_that_is_left_expires_by_the_clock(sandbox: Running, http: httpx.AsyncClient) -> None:
    budi = Journey(http, sandbox.line["graphql"], sandbox.line["control"])
    await budi.start()

    moved = await budi.command('mutation { advanceClock(by: "PT31M") { jobsRun } }')
    found = await budi.ask("query($t: String!) { registration(token: $t) { state } }", {"t": budi.token})

    assert [job for job in moved["advanceClock"]["jobsRun"] if job.startswith("registration")] == [
        "registration.expired 1"
    ]
    assert found["data"]["registration"] == {"state": "EXPIRED"}
