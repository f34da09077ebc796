"""The outbox: what goes out, in which order, and what is left when something fails."""

import re
from dataclasses import replace

import pytest

from gateway.domain.message import MessageKind, OutgoingSms
from gateway.ports import DeliveryFailed
from gateway.services import courier
from tests.fakes import RecordingSmsSender
from tests.services.journey import MINUTE
from tests.services.staged import START, StagedWorld, kept

FOR_NOW = DeliveryFailed("the server cannot be reached", permanent=False)
FOR_GOOD = DeliveryFailed("no such recipient", permanent=True)


async def enqueue(world: StagedWorld, *targets: str) -> None:
    """Queue a code for each target: by mail if it is an address, else by SMS."""
    async with world.store.writing():
        for target in targets:
            if "@" in target:
                await courier.enqueue_mail(world, MessageKind.OTP, target, "otp", "id", code="123456", minutes=5)
            else:
                await courier.enqueue_sms(world, MessageKind.OTP, target, "otp", "id", code="123456", minutes=5)


async def outbox(world: StagedWorld, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in columns) for row in (await kept(world))["OutboxRow"]]


async def test_one_message_goes_out_per_row_in_order(world: StagedWorld) -> None:
    await enqueue(world, "+6284000000001", "a@peserta.test", "+6284000000002", "b@peserta.test")
    world.clock.advance(MINUTE)

    done, left = await courier.deliver(world)

    assert [sms.to for sms in world.sms.sent] == ["+6284000000001", "+6284000000002"]
    assert [mail.to for mail in world.mail.sent] == ["a@peserta.test", "b@peserta.test"]
    assert done == ["courier.sent SMS OTP", "courier.sent EMAIL OTP"] * 2
    assert not left
    assert await outbox(world, "state", "attempts", "queued_at", "sent_at") == [("SENT", 1, START, START + MINUTE)] * 4
    assert await courier.deliver(world) == ([], False)


async def test_more_than_a_batch_goes_out_in_one_pass(world: StagedWorld) -> None:
    await enqueue(world, *[f"+62840{number:08}" for number in range(120)])

    done, left = await courier.deliver(world)

    assert (len(done), left) == (120, False)
    assert [sms.to for sms in world.sms.sent] == [f"+62840{number:08}" for number in range(120)]


async def test_text_is_emptied_once_it_is_sent(world: StagedWorld) -> None:
    await enqueue(world, "+6284000000001", "a@peserta.test")
    assert all("123456" in str(text) for (text,) in await outbox(world, "text"))

    await courier.deliver(world)

    assert await outbox(world, "text", "html") == [("", None), ("", None)]
    assert "123456" in world.mail.sent[0].text and "123456" in world.mail.sent[0].html


async def test_message_ids_are_unique_and_of_this_world(world: StagedWorld) -> None:
    await enqueue(world, "+6284000000001", "a@peserta.test")

    await courier.deliver(world)

    assert re.fullmatch(r"<[\w-]{22}\.main@peserta\.test>", world.mail.sent[0].message_id)
    assert re.fullmatch(r"[\w-]{22}\.main", world.sms.sent[0].message_id)


async def test_failure_for_now_keeps_the_row_and_rests_the_channel(world: StagedWorld) -> None:
    await enqueue(world, "a@peserta.test", "+6284000000001", "b@peserta.test")
    world.mail.refusal = FOR_NOW

    done, left = await courier.deliver(world)

    assert (done, left) == (["courier.sent SMS OTP"], True)
    assert await outbox(world, "state", "attempts") == [("QUEUED", 1), ("SENT", 1), ("QUEUED", 0)]
    assert [sms.to for sms in world.sms.sent] == ["+6284000000001"]

    world.mail.refusal = None
    assert await courier.deliver(world) == (["courier.sent EMAIL OTP"] * 2, False)
    assert [mail.to for mail in world.mail.sent] == ["a@peserta.test", "b@peserta.test"]


async def test_failure_for_good_marks_the_row_and_goes_on(world: StagedWorld) -> None:
    await enqueue(world, "+6284000000001", "a@peserta.test")
    world.sms.refusal = FOR_GOOD

    done, left = await courier.deliver(world)

    assert (done, left) == (["courier.failed SMS OTP", "courier.sent EMAIL OTP"], False)
    assert await outbox(world, "state", "attempts", "text") == [("FAILED", 1, ""), ("SENT", 1, "")]
    world.sms.refusal = None
    assert await courier.deliver(world) == ([], False)
    assert world.sms.sent == []


class CrashingSmsSender(RecordingSmsSender):
    """Hands the message over, and then the process dies."""

    async def send(self, sms: OutgoingSms) -> None:
        await super().send(sms)
        raise KeyboardInterrupt


async def test_crash_between_sending_and_marking_sends_the_same_again(world: StagedWorld) -> None:
    await enqueue(world, "+6284000000001")
    dying = replace(world, sms=CrashingSmsSender())
    with pytest.raises(KeyboardInterrupt):
        await courier.deliver(dying)
    assert await outbox(world, "state", "attempts") == [("QUEUED", 0)]

    await courier.deliver(world)

    assert world.sms.sent == dying.sms.sent
    assert await outbox(world, "state") == [("SENT",)]


async def test_row_of_an_undone_transaction_is_never_sent(world: StagedWorld) -> None:
    with pytest.raises(ValueError, match="undone"):
        async with world.store.writing():
            await courier.enqueue_sms(world, MessageKind.OTP, "+6284000000001", "otp", "id", code="123456", minutes=5)
            raise ValueError("undone")

    assert await courier.deliver(world) == ([], False)
    assert world.sms.sent == []
