"""Faults, end to end: what is lost, late, doubled or refused on purpose, and that retried messages arrive once."""

import httpx
import pytest

from tests.e2e.conftest import Start, at_main
from tests.e2e.journey import JSON, Journey

pytestmark = pytest.mark.e2e

INJECT = "mutation($input: FaultInput!) { injectFault(input: $input) { id target mode match remaining fired } }"
CLEAR = "mutation($id: ID) { clearFaults(id: $id) }"
FAULTS = "{ world { faults { id target mode remaining fired } } }"
REFUSALS: list[JSON] = [
    {"mode": "REJECT", "statusCode": 451},
    {"mode": "ERROR"},
    {"mode": "TIMEOUT"},
    {"mode": "DISCONNECT"},
]
IDS = [str(fault["mode"]) for fault in REFUSALS]


async def inject(budi: Journey, **fault: object) -> JSON:
    """Plan a fault."""
    planned: JSON = (await budi.command(INJECT, {"input": fault}))["injectFault"]
    return planned


async def fired(budi: Journey) -> list[int]:
    """How often each fault has hit."""
    return [fault["fired"] for fault in (await budi.command(FAULTS))["world"]["faults"]]


async def kinds(budi: Journey) -> list[str]:
    """What arrived, newest first."""
    return [message["kind"] for message in await budi.inbox()]


async def test_a_lost_sms_is_sent_anew_after_the_cool_down(budi: Journey) -> None:
    await inject(budi, target="SMS", mode="DROP")
    await budi.start()

    await budi.advance("PT1M")
    nothing = await kinds(budi)
    resent = await budi.mutate("resendOtp", {"registrationToken": budi.token})
    verified = await budi.verify()

    assert (nothing, await fired(budi)) == ([], [1])
    assert (resent["errors"], verified["errors"]) == ([], [])


@pytest.mark.parametrize("channel", ["SMS", "MAIL"])
async def test_a_late_message_arrives_by_the_worlds_clock(budi: Journey, channel: str) -> None:
    await budi.command("mutation { freezeClock { now } }")
    await inject(budi, target=channel, mode="DELAY", delay="PT4M")
    if channel == "MAIL":
        await budi.reach_activation()
    else:
        await budi.start()
    kind = {"SMS": "OTP", "MAIL": "ACTIVATION"}[channel]

    await budi.advance("PT3M59S")
    early = await budi.find(kind=kind)
    jobs = await budi.advance("PT1S")
    due = await budi.find(kind=kind)

    assert early is None
    assert due is not None
    assert [job for job in jobs if "late" in job] != []
    assert await fired(budi) == [1]


@pytest.mark.parametrize("channel", ["SMS", "MAIL"])
async def test_a_doubled_message_arrives_twice(budi: Journey, channel: str) -> None:
    await inject(budi, target=channel, mode="DUPLICATE")
    await budi.reach_activation()
    await budi.message("EMAIL", budi.form["email"])

    expected = {"SMS": ["ACTIVATION", "OTP", "OTP"], "MAIL": ["ACTIVATION", "ACTIVATION", "OTP"]}
    assert await kinds(budi) == expected[channel]


async def test_reordered_messages_arrive_in_turned_order(budi: Journey) -> None:
    budi.cursor = (await budi.command("{ world { cursor } }"))["world"]["cursor"]
    await inject(budi, target="SMS", mode="REORDER")
    await budi.start()
    await budi.advance("PT1M")
    await budi.mutate("resendOtp", {"registrationToken": budi.token})
    newer = await budi.code()
    older = await budi.code()

    refused = await budi.verify(older)
    accepted = await budi.verify(newer)

    assert newer != older
    assert [error["code"] for error in refused["errors"]] == ["OTP_INVALID"]
    assert accepted["errors"] == []


@pytest.mark.parametrize("fault", REFUSALS, ids=IDS)
@pytest.mark.parametrize("channel", ["SMS", "MAIL"])
async def test_a_refused_message_is_tried_again_and_arrives_once(budi: Journey, channel: str, fault: JSON) -> None:
    status = {"statusCode": 503 if channel == "SMS" else 451} if "statusCode" in fault else {}
    await inject(budi, target=channel, **{**fault, **status})

    await budi.sign_up()

    assert await fired(budi) == [1]
    assert await kinds(budi) == ["ACTIVATION", "OTP"]


@pytest.mark.parametrize(("channel", "status"), [("SMS", 422), ("MAIL", 550)])
async def test_a_message_that_is_refused_for_good_is_not_tried_again(budi: Journey, channel: str, status: int) -> None:
    await inject(budi, target=channel, mode="REJECT", statusCode=status)
    await (budi.start() if channel == "SMS" else budi.reach_activation())

    jobs = await budi.advance("PT1M")

    assert await fired(budi) == [1]
    assert await kinds(budi) == ([] if channel == "SMS" else ["OTP"])
    assert await budi.advance("PT1M") == [], jobs


async def test_a_fault_without_end_holds_messages_back_until_it_is_cleared(budi: Journey) -> None:
    planned = await inject(budi, target="SMS", mode="ERROR", times=None)
    started = await budi.start()
    await budi.advance("PT10S")
    held = await kinds(budi)

    cleared = await budi.command(CLEAR, {"id": planned["id"]})
    verified = await budi.verify()

    assert started["errors"] == []
    assert (planned["remaining"], held, cleared["clearFaults"]) == (None, [], 1)
    assert verified["errors"] == []
    assert await kinds(budi) == ["OTP"]


async def test_a_fault_hits_only_whom_it_names(budi: Journey) -> None:
    siti = budi.of("siti")
    await inject(budi, target="SMS", mode="DROP", match="*0002", times=None)

    await siti.start()
    await budi.start()

    await budi.code()
    assert [message["to"] for message in await budi.inbox()] == [[budi.form["phone"]]]
    assert await siti.find(to=siti.form["phone"]) is None


@pytest.mark.parametrize("mode", ["ERROR", "TIMEOUT"])
async def test_a_registry_that_is_down_refuses_the_form_and_comes_back(budi: Journey, mode: str) -> None:
    await inject(budi, target="REGISTRY", mode=mode)

    down = await budi.start()
    back = await budi.start()

    assert [(error["code"], error["service"]) for error in down["errors"]] == [("SERVICE_UNAVAILABLE", "REGISTRY")]
    assert down["registration"] is None
    assert back["errors"] == []


async def test_a_slow_registry_answers_all_the_same(budi: Journey) -> None:
    await inject(budi, target="REGISTRY", mode="DELAY", delay="PT0.05S")

    assert (await budi.start())["errors"] == []
    assert await fired(budi) == [1]


async def test_chance_follows_the_seed(budi: Journey) -> None:
    await inject(budi, target="REGISTRY", mode="ERROR", times=None, probability=0.5)
    first = [len((await budi.start(birthDate="1990-01-01"))["errors"]) for _ in range(1)]
    outcomes = [await _refused_by_registry(budi) for _ in range(8)]
    await budi.command("mutation { resetWorld { id } }")
    await inject(budi, target="REGISTRY", mode="ERROR", times=None, probability=0.5)
    await budi.start(birthDate="1990-01-01")
    again = [await _refused_by_registry(budi) for _ in range(8)]

    assert first == [1]
    assert outcomes == again
    assert set(outcomes) == {True, False}


async def _refused_by_registry(budi: Journey) -> bool:
    errors = (await budi.start(birthDate="1990-01-01"))["errors"]
    return [error["code"] for error in errors] == ["SERVICE_UNAVAILABLE"]


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"target": "REGISTRY", "mode": "DROP"}, "mode"),
        ({"target": "SMS", "mode": "DROP", "times": 0}, "times"),
        ({"target": "SMS", "mode": "REJECT", "statusCode": 200}, "statusCode"),
        ({"target": "SMS", "mode": "DROP", "probability": 2.0}, "probability"),
        ({"target": "SMS", "mode": "DELAY", "delay": "-PT1S"}, "delay"),
    ],
)
async def test_a_fault_that_cannot_be_is_refused_and_not_planned(budi: Journey, fault: JSON, field: str) -> None:
    refused = await budi.control_ask(INJECT, {"input": fault})

    assert refused["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": field}
    assert await fired(budi) == []


async def test_all_faults_are_cleared_at_once(budi: Journey) -> None:
    for target in ("SMS", "MAIL", "REGISTRY"):
        await inject(budi, target=target, mode="ERROR", times=None)

    cleared = await budi.command(CLEAR)
    await budi.sign_up()

    assert cleared["clearFaults"] == 3
    assert await fired(budi) == []


async def test_mail_that_cannot_be_handed_over_waits_and_arrives_once(start: Start, http: httpx.AsyncClient) -> None:
    without = await start(smtp_server="127.0.0.1:1")
    budi = at_main(http, without)
    await budi.reach_password()

    answered = await budi.set_password()
    await budi.advance("PT1M")
    waiting = await kinds(budi)
    await without.end()
    budi = at_main(http, await start())
    mail = await budi.find("PT15S", kind="ACTIVATION")
    await budi.advance("PT1M")

    assert (answered["errors"], waiting) == ([], ["OTP"])
    assert "message.not_sent" in without.complaints.read_text()
    assert mail is not None
    assert await kinds(budi) == ["ACTIVATION", "OTP"]
