"""The sign-up end to end over sockets, on SQLite and on PostgreSQL."""

import asyncio

import httpx
import pytest

from tests.e2e.conftest import at_main, new_world
from tests.e2e.journey import Journey
from tests.e2e.server import Server

pytestmark = pytest.mark.e2e


async def test_the_sign_up_leads_to_the_balance(sandbox: Server, http: httpx.AsyncClient) -> None:
    siti = (await new_world(http, sandbox)).of("siti")

    started = await siti.start()
    verified = await siti.verify()
    set_password = await siti.set_password()
    activated = await siti.activate()
    viewer = (await siti.view(await siti.access()))["data"]["viewer"]

    assert started["registration"]["state"] == "AWAITING_OTP"
    assert started["registration"]["otp"] == {"channel": "SMS", "attemptsLeft": 5}
    assert verified["registration"]["state"] == "AWAITING_PASSWORD"
    assert set_password["registration"]["state"] == "AWAITING_ACTIVATION"
    assert activated == {"accepted": True, "errors": []}
    assert viewer["account"] == {"kpj": "99260000002", "email": "siti@peserta.test", "status": "ACTIVE"}
    member = viewer["member"]
    seen = (member["fullName"], member["maskedNik"], member["status"])
    assert seen == ("Siti Fiktif", "3273********9002", "INACTIVE")
    assert abs(member["balance"]["total"] - 14_200_000) <= 1_000
    assert member["memberships"][0]["balance"] == member["balance"]


async def test_two_worlds_sign_up_the_same_person_at_the_same_time(sandbox: Server, http: httpx.AsyncClient) -> None:
    one, other = await new_world(http, sandbox), await new_world(http, sandbox)

    await asyncio.gather(one.sign_up(), other.sign_up())
    tokens = [await journey.access() for journey in (one, other)]
    crossed = await other.view(tokens[0])

    assert tokens[0] != tokens[1]
    assert crossed["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED", "reason": "INVALID"}


async def test_the_header_names_the_world_too(sandbox: Server, http: httpx.AsyncClient) -> None:
    main, other = at_main(http, sandbox), await new_world(http, sandbox)
    world_id = other.graphql.split("/")[-2]
    by_header = Journey(http, main.graphql, other.control, headers={"X-Peserta-World": world_id})

    await by_header.sign_up()
    in_main, in_other = await main.sign_in(), await other.sign_in()

    assert [error["code"] for error in in_main["errors"]] == ["INVALID_CREDENTIALS"]
    assert in_other["errors"] == []


async def test_a_moved_clock_ends_the_code(sandbox: Server, http: httpx.AsyncClient) -> None:
    budi = await new_world(http, sandbox)
    await budi.start()

    await budi.advance("PT5M1S")
    refused = await budi.verify()

    assert [(error["__typename"], error["code"]) for error in refused["errors"]] == [("OtpError", "OTP_EXPIRED")]


async def test_a_flow_that_is_left_expires_by_the_clock(sandbox: Server, http: httpx.AsyncClient) -> None:
    budi = await new_world(http, sandbox)
    await budi.start()

    jobs = await budi.advance("PT31M")
    found = await budi.ask("query($t: String!) { registration(token: $t) { state } }", {"t": budi.token})

    assert [job for job in jobs if job.startswith("registration")] == ["registration.expired 1"]
    assert found["data"]["registration"] == {"state": "EXPIRED"}
