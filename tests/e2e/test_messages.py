"""The inbox over the control API: pages, filters, waiting without polling, and news as they come."""

import asyncio

import httpx
import pytest

from tests.e2e.journey import INBOX, JSON, Journey, form_of
from tests.e2e.streams import WAYS

pytestmark = pytest.mark.e2e

PAGE = """query($first: Int, $after: String, $last: Int, $before: String, $filter: MessageFilter) { world {
  messages(first: $first, after: $after, last: $last, before: $before, filter: $filter) { totalCount
    nodes { kind } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""
NEWS = "subscription($filter: MessageFilter!) { message(filter: $filter) { kind code cursor } }"
WAITERS = 64


async def page(budi: Journey, **arguments: object) -> JSON:
    """One page of the inbox."""
    found: JSON = (await budi.command(PAGE, arguments))["world"]["messages"]
    return found


async def post_sms(budi: Journey, text: str, to: str = "+6284000000001") -> None:
    """One more SMS, as another program would send it."""
    sms = budi.control.replace("/control/graphql", "/sms")
    answer = await budi.http.post(sms, json={"to": to, "text": text})
    assert answer.status_code == 201


def kinds(found: JSON) -> list[str]:
    """The kinds on a page."""
    return [node["kind"] for node in found["nodes"]]


async def test_the_inbox_is_read_in_pages_from_both_ends(budi: Journey) -> None:
    for text in ("satu", "dua", "tiga"):
        await post_sms(budi, text, "+6284000000002")
    await budi.reach_activation()
    await budi.message("EMAIL", budi.form["email"])

    newest = await page(budi, first=2)
    older = await page(budi, first=100, after=newest["pageInfo"]["endCursor"])
    oldest = await page(budi, last=2)
    newer = await page(budi, last=100, before=oldest["pageInfo"]["startCursor"])
    none = await page(budi, first=0)

    assert (newest["totalCount"], kinds(newest)) == (5, ["ACTIVATION", "OTP"])
    assert (newest["pageInfo"]["hasNextPage"], newest["pageInfo"]["hasPreviousPage"]) == (True, False)
    assert kinds(older) == ["OTHER"] * 3
    assert older["pageInfo"]["hasNextPage"] is False
    assert kinds(oldest) == ["OTHER"] * 2
    assert oldest["pageInfo"]["hasPreviousPage"] is True
    assert kinds(newer) == ["ACTIVATION", "OTP", "OTHER"]
    assert (kinds(none), none["pageInfo"]["startCursor"]) == ([], None)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["ACTIVATION", "OTP"]),
        ({"channel": "SMS"}, ["OTP"]),
        ({"kind": "ACTIVATION"}, ["ACTIVATION"]),
        ({"to": "0840 0000 0001"}, ["OTP"]),
        ({"to": "BUDI@peserta.test"}, ["ACTIVATION"]),
        ({"to": "siti@peserta.test"}, []),
        ({"search": "AKTIVASI"}, ["ACTIVATION"]),
        ({"search": "%"}, []),
    ],
)
async def test_a_filter_finds_what_it_names(budi: Journey, wanted: JSON, found: list[str]) -> None:
    await budi.reach_activation()
    await budi.message("EMAIL", budi.form["email"])

    assert kinds(await page(budi, filter=wanted)) == found


async def test_waiting_without_a_cursor_answers_the_newest_and_with_one_the_oldest_after_it(budi: Journey) -> None:
    await post_sms(budi, "kode 111111")
    start = (await budi.command("{ world { cursor } }"))["world"]["cursor"]
    await post_sms(budi, "kode 222222")
    await post_sms(budi, "kode 333333")

    newest = await budi.find(channel="SMS")
    oldest = await budi.find(channel="SMS", after=start)
    assert newest is not None and oldest is not None
    after_oldest = await budi.find(channel="SMS", after=oldest["cursor"])
    after_newest = await budi.find(channel="SMS", after=newest["cursor"])

    assert (newest["code"], oldest["code"]) == ("333333", "222222")
    assert after_oldest is not None
    assert after_oldest["code"] == "333333"
    assert after_newest is None


async def test_a_time_out_answers_null_and_a_bad_one_is_refused(budi: Journey) -> None:
    waited = await budi.find("PT0.05S", to="siapa@peserta.test")
    refused = await budi.control_ask('{ awaitMessage(filter: {}, timeout: "PT5M1S") { id } }')
    foreign = await budi.control_ask('{ awaitMessage(filter: {after: "x"}, timeout: "PT0S") { id } }')

    assert waited is None
    assert refused["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "timeout"}
    assert foreign["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "after"}


async def test_sixty_four_who_wait_are_all_woken_by_one_message(budi: Journey) -> None:
    start = (await budi.command("{ world { cursor } }"))["world"]["cursor"]
    waiting = [asyncio.create_task(budi.find("PT30S", kind="OTP", after=start)) for _ in range(WAITERS)]
    patient = asyncio.create_task(budi.find("PT0.2S", kind="ACTIVATION", after=start))

    await asyncio.sleep(0)
    await budi.start()
    found = await asyncio.gather(*waiting)

    assert {message["code"] for message in found if message} == {await budi.code()}
    assert None not in found
    assert await patient is None


@pytest.mark.parametrize("way", WAYS)
async def test_news_come_as_they_arrive_and_never_from_before_the_cursor(
    budi: Journey, http: httpx.AsyncClient, way: str
) -> None:
    await post_sms(budi, "kode 111111")
    start = (await budi.command("{ world { cursor } }"))["world"]["cursor"]
    await post_sms(budi, "kode 222222")

    async with WAYS[way](http, budi.control, NEWS, {"filter": {"channel": "SMS", "after": start}}) as news:
        first = await news.next()
        await post_sms(budi, "kode 333333")
        await post_sms(budi, "bukan untuk Anda", "+6284000000002")
        more = [await news.next(), await news.next()]

    codes = [answer["data"]["message"]["code"] for answer in (first, *more)]
    assert codes == ["222222", "333333", None]


@pytest.mark.parametrize("way", WAYS)
async def test_a_flow_tells_where_it_stands_and_then_each_change(
    budi: Journey, http: httpx.AsyncClient, way: str
) -> None:
    await budi.start()
    document = "subscription($t: String!) { registrationChanged(token: $t) { state otp { attemptsLeft } } }"

    async with WAYS[way](http, budi.graphql, document, {"t": budi.token}) as flow:
        seen = [await flow.next()]
        await budi.verify("000000")
        seen.append(await flow.next())
        for step in (budi.verify, budi.set_password, budi.activate):
            await step()
            seen.append(await flow.next())
        ended = await flow.ended()

    flows = [answer["data"]["registrationChanged"] for answer in seen]
    assert [found["state"] for found in flows] == [
        "AWAITING_OTP",
        "AWAITING_OTP",
        "AWAITING_PASSWORD",
        "AWAITING_ACTIVATION",
        "ACTIVE",
    ]
    assert [found["otp"] for found in flows[:3]] == [{"attemptsLeft": 5}, {"attemptsLeft": 4}, None]
    assert ended


@pytest.mark.parametrize("way", WAYS)
async def test_a_flow_that_expires_tells_so(budi: Journey, http: httpx.AsyncClient, way: str) -> None:
    await budi.start()
    document = "subscription($t: String!) { registrationChanged(token: $t) { state } }"

    async with WAYS[way](http, budi.graphql, document, {"t": budi.token}) as flow:
        await flow.next()
        await budi.advance("PT31M")
        expired = await flow.next()

    assert expired["data"] == {"registrationChanged": {"state": "EXPIRED"}}


async def test_a_message_is_kept_whole_and_served_harmless(budi: Journey) -> None:
    await budi.reach_activation()
    await budi.message("EMAIL", budi.form["email"])
    asked = "{ awaitMessage(filter: {kind: ACTIVATION}) { to from subject html size raw expiresAt receivedAt } }"

    mail = (await budi.command(asked))["awaitMessage"]
    raw = await budi.http.get(mail["raw"])

    assert (mail["to"], mail["from"]) == (["budi@peserta.test"], "Peserta <no-reply@peserta.test>")
    assert mail["expiresAt"] > mail["receivedAt"]
    assert len(raw.content) == mail["size"]
    assert raw.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert (raw.headers["x-content-type-options"], raw.headers["cache-control"]) == ("nosniff", "no-store")


async def test_no_message_names_a_whole_nik_and_no_answer_shows_a_code(budi: Journey) -> None:
    await budi.sign_up()
    messages = (await budi.command(INBOX.replace("link", "link text html")))["world"]["messages"]["nodes"]

    assert [message["kind"] for message in messages] == ["ACTIVATION", "OTP"]
    assert all(form_of("budi")["nik"] not in message["text"] for message in messages)
