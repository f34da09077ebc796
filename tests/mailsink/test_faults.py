"""Each fault mode, dedupe, and messages that are held."""

import asyncio
from datetime import timedelta

import pytest

from mailsink.errors import DeliveryCut, DeliveryRefused, InvalidSms, SinkClosed
from mailsink.host import FaultMode
from mailsink.messages import Channel, MessageFilter
from mailsink.sink import Sink
from tests.mailsink.conftest import START, FakeHost, FakeMailbox, deliver, make_mail, text_to

EVERYTHING = MessageFilter()


async def codes(sink: Sink, mailbox: FakeMailbox) -> list[str | None]:
    return [message.code for message in await sink.find(mailbox, EVERYTHING)]


@pytest.mark.parametrize("mode", [FaultMode.REJECT, FaultMode.ERROR])
async def test_refused_message_is_not_stored(sink: Sink, main: FakeMailbox, mode: FaultMode) -> None:
    main.inject(mode, status_code=550)

    with pytest.raises(DeliveryRefused) as refusal:
        await deliver(sink, main)

    assert refusal.value.status_code == 550
    assert await sink.count(main, EVERYTHING) == 0
    assert main.asked == [(Channel.EMAIL, "siti@peserta.test")]


@pytest.mark.parametrize("mode", [FaultMode.TIMEOUT, FaultMode.DISCONNECT])
async def test_cut_message_is_not_stored(sink: Sink, main: FakeMailbox, mode: FaultMode) -> None:
    main.inject(mode)

    with pytest.raises(DeliveryCut):
        await text_to(sink, main)

    assert await sink.count(main, EVERYTHING) == 0


async def test_dropped_message_is_accepted_and_not_stored(sink: Sink, main: FakeMailbox) -> None:
    main.inject(FaultMode.DROP)

    assert await text_to(sink, main)

    assert await sink.count(main, EVERYTHING) == 0


async def test_duplicated_message_is_stored_twice_and_a_repeat_of_it_not_again(sink: Sink, main: FakeMailbox) -> None:
    main.inject(FaultMode.DUPLICATE)
    first = await text_to(sink, main, message_id="a")
    main.inject(FaultMode.DUPLICATE)

    repeat = await text_to(sink, main, message_id="a")

    assert repeat == first
    assert await sink.count(main, EVERYTHING) == 2


async def test_delayed_message_arrives_when_it_is_due_with_a_new_sequence(sink: Sink, main: FakeMailbox) -> None:
    main.inject(FaultMode.DELAY, delay_s=30)
    held = await text_to(sink, main, "Kode OTP Anda 111111. Berlaku 5 menit.")
    await text_to(sink, main, "Kode OTP Anda 222222.")
    cursor = await sink.cursor(main)
    waiting = asyncio.create_task(sink.wait(main, MessageFilter(after=cursor), 5))

    assert (held, main.wakes, await sink.next_due(main)) == ("h1", 1, START + timedelta(seconds=30))
    main.advance(29)
    assert await sink.release_due(main, main.now()) == []
    main.advance(60)
    released = await sink.release_due(main, main.now())

    assert released == ["SMS OTP delivered late to +62840000001"]
    arrived = await waiting
    assert arrived is not None
    assert (arrived.code, arrived.received_at) == ("111111", START + timedelta(seconds=30))
    assert arrived.expires_at == START + timedelta(seconds=330)
    assert await codes(sink, main) == ["222222", "111111"]
    assert await sink.next_due(main) is None
    assert await sink.release_due(main, main.now()) == []


async def test_delayed_messages_are_released_in_due_order(sink: Sink, main: FakeMailbox) -> None:
    for delay_s, code in ((30, "333333"), (10, "111111"), (20, "222222")):
        main.inject(FaultMode.DELAY, delay_s=delay_s)
        await text_to(sink, main, f"Kode OTP Anda {code}.")

    assert len(await sink.release_due(main, START + timedelta(seconds=30))) == 3
    assert await codes(sink, main) == ["111111", "222222", "333333"]


async def test_held_message_released_by_two_at_once_arrives_once(sink: Sink, main: FakeMailbox) -> None:
    main.inject(FaultMode.DELAY, delay_s=1)
    await deliver(sink, main)
    later = START + timedelta(seconds=1)

    released = await asyncio.gather(*(sink.release_due(main, later) for _ in range(8)))

    assert sum(len(each) for each in released) == 1
    assert await sink.count(main, EVERYTHING) == 1


async def test_reordered_message_arrives_after_the_next_of_its_channel(sink: Sink, main: FakeMailbox) -> None:
    main.inject(FaultMode.REORDER)
    await text_to(sink, main, "Kode OTP Anda 111111.")
    await deliver(sink, main)

    assert await codes(sink, main) == [None]
    await text_to(sink, main, "Kode OTP Anda 222222.")

    assert await codes(sink, main) == [None, "222222", "111111"]
    assert (main.wakes, await sink.next_due(main)) == (0, None)


async def test_repeat_of_a_held_message_is_dropped_before_and_after_its_release(sink: Sink, main: FakeMailbox) -> None:
    main.inject(FaultMode.DELAY, delay_s=1)
    held = await deliver(sink, main, make_mail(message_id="<a@peserta.test>"))

    assert await deliver(sink, main, make_mail(message_id="<a@peserta.test>")) == held
    assert await sink.count(main, EVERYTHING) == 0
    await sink.release_due(main, START + timedelta(seconds=1))
    await deliver(sink, main, make_mail(message_id="<a@peserta.test>"))

    assert await sink.count(main, EVERYTHING) == 1


async def test_another_sink_on_the_same_rows_knows_what_is_held(host: FakeHost, sink: Sink, main: FakeMailbox) -> None:
    main.inject(FaultMode.REORDER)
    await text_to(sink, main, "Kode OTP Anda 111111.")
    await sink.close()
    reopened = Sink(host)

    await text_to(reopened, main, "Kode OTP Anda 222222.")

    assert await codes(reopened, main) == ["222222", "111111"]


async def test_repeat_is_stored_once(sink: Sink, main: FakeMailbox) -> None:
    raw = make_mail(message_id="<a@peserta.test>")

    ids = {await deliver(sink, main, raw), await deliver(sink, main, raw)}

    assert len(ids) == 1
    assert await sink.count(main, EVERYTHING) == 1


async def test_sixteen_repeats_at_once_are_stored_once(sink: Sink, main: FakeMailbox) -> None:
    raw = make_mail(message_id="<a@peserta.test>")

    ids = await asyncio.gather(*(deliver(sink, main, raw) for _ in range(16)))

    assert len(set(ids)) == 1
    assert await sink.count(main, EVERYTHING) == 1


async def test_same_id_for_another_recipient_mailbox_or_without_id_is_no_repeat(
    sink: Sink, host: FakeHost, main: FakeMailbox
) -> None:
    raw = make_mail(message_id="<a@peserta.test>")
    await deliver(sink, main, raw)
    await deliver(sink, main, raw, to="budi@peserta.test")
    await deliver(sink, host.mailboxes["other"], raw)
    await deliver(sink, main, make_mail())
    await deliver(sink, main, make_mail())

    assert await sink.count(main, EVERYTHING) == 4
    assert await sink.count(host.mailboxes["other"], EVERYTHING) == 1


async def test_caller_that_hangs_up_does_not_undo_its_message(sink: Sink, main: FakeMailbox) -> None:
    waiting = asyncio.create_task(sink.wait(main, EVERYTHING, 5))
    sending = asyncio.create_task(text_to(sink, main))
    await asyncio.sleep(0)
    await asyncio.sleep(0)

    sending.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sending
    assert await waiting is not None


async def test_closed_sink_takes_nothing_more(sink: Sink, main: FakeMailbox) -> None:
    await sink.close()

    with pytest.raises(SinkClosed):
        await text_to(sink, main)

    assert await sink.count(main, EVERYTHING) == 0


async def test_sms_to_no_phone_number_is_refused(sink: Sink, main: FakeMailbox) -> None:
    with pytest.raises(InvalidSms) as refusal:
        await text_to(sink, main, to="siti")

    assert (refusal.value.status_code, refusal.value.code) == (422, "INVALID_RECIPIENT")
    assert await sink.count(main, EVERYTHING) == 0
