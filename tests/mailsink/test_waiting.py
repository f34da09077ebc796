"""Waiting for messages: cursors, wake-ups, cancellation and bounds."""

import asyncio
from contextlib import aclosing

import pytest

from mailsink.errors import InvalidCursor, TooManyWaiters
from mailsink.messages import Channel, Message, MessageFilter, MessageKind
from mailsink.sink import Sink
from tests.mailsink.conftest import FakeHost, FakeMailbox, deliver, make_mail, text_to

SOON_S = 5.0


async def joined(sink: Sink, count: int) -> None:
    """Let the tasks that were just made run: each joins in its first step."""
    await asyncio.sleep(0)
    assert len(sink.waiters) == count


async def test_message_there_already_is_answered_at_once(sink: Sink, main: FakeMailbox) -> None:
    await text_to(sink, main, "Kode OTP Anda 111111.")
    await text_to(sink, main, "Kode OTP Anda 222222.")

    found = await sink.wait(main, MessageFilter(to="0840-000-001"), 0)

    assert found is not None
    assert (found.code, found.channel, found.kind) == ("222222", Channel.SMS, MessageKind.OTP)


async def test_with_cursor_the_oldest_match_after_it_is_answered(sink: Sink, main: FakeMailbox) -> None:
    await text_to(sink, main, "Kode OTP Anda 111111.")
    cursor = await sink.cursor(main)
    await deliver(sink, main)
    await text_to(sink, main, "Kode OTP Anda 222222.")
    await text_to(sink, main, "Kode OTP Anda 333333.")

    found = await sink.wait(main, MessageFilter(channel=Channel.SMS, after=cursor), 0)

    assert found is not None
    assert found.code == "222222"


async def test_nothing_that_matches_is_none_after_the_timeout(sink: Sink, main: FakeMailbox) -> None:
    await text_to(sink, main)

    assert await sink.wait(main, MessageFilter(after=await sink.cursor(main)), 0.01) is None
    assert len(sink.waiters) == 0


async def test_message_of_another_mailbox_is_never_seen(sink: Sink, host: FakeHost, main: FakeMailbox) -> None:
    waiting = asyncio.create_task(sink.wait(main, MessageFilter(), 0.05))
    await joined(sink, 1)
    await text_to(sink, host.mailboxes["other"])

    assert await waiting is None
    assert await sink.find(main, MessageFilter()) == []


@pytest.mark.parametrize(
    ("wanted", "matches"),
    [
        (MessageFilter(to="SITI@Peserta.TEST"), True),
        (MessageFilter(to="iti@peserta.test"), False),
        (MessageFilter(kind=MessageKind.ACTIVATION, channel=Channel.EMAIL), True),
        (MessageFilter(kind=MessageKind.OTP), False),
        (MessageFilter(search="AKTIVASI siti@peserta"), True),
        (MessageFilter(search="aktivasi tidak-ada"), False),
        (MessageFilter(search="100%"), False),
        (MessageFilter(search="_ktivasi"), False),
    ],
)
async def test_filter_means_the_same_in_memory_and_in_the_database(
    sink: Sink, main: FakeMailbox, wanted: MessageFilter, matches: bool
) -> None:
    waiting = asyncio.create_task(sink.wait(main, wanted, 0.05))
    await joined(sink, 1)
    await deliver(sink, main)

    assert ((await waiting) is not None) is matches
    assert await sink.count(main, wanted) == int(matches)


async def test_sixteen_waiters_are_all_answered_by_one_message(sink: Sink, main: FakeMailbox) -> None:
    cursor = await sink.cursor(main)
    waiting = [asyncio.create_task(sink.wait(main, MessageFilter(after=cursor), SOON_S)) for _ in range(16)]
    await joined(sink, 16)

    message_id = await text_to(sink, main)

    found = await asyncio.gather(*waiting)
    assert [message.id for message in found if message is not None] == [message_id] * 16
    assert len(sink.waiters) == 0


async def test_cancelled_waiters_leave_nothing_behind(sink: Sink, main: FakeMailbox) -> None:
    waiting = [asyncio.create_task(sink.wait(main, MessageFilter(), SOON_S)) for _ in range(16)]
    await joined(sink, 16)

    for task in waiting:
        task.cancel()
    ended = await asyncio.gather(*waiting, return_exceptions=True)

    assert all(isinstance(end, asyncio.CancelledError) for end in ended)
    assert len(sink.waiters) == 0


async def test_two_hundred_interleaved_waits_each_get_their_own_message(sink: Sink, main: FakeMailbox) -> None:
    async def journey(number: int) -> tuple[str, Message | None]:
        phone, code = f"+6284{number:08d}", f"{100_000 + number}"
        await text_to(sink, main, "Kode OTP Anda 999999.", to=phone)
        cursor = await sink.cursor(main)
        waiting = asyncio.create_task(sink.wait(main, MessageFilter(to=phone, after=cursor), SOON_S))
        await text_to(sink, main, f"Kode OTP Anda {code}.", to=phone)
        return code, await waiting

    for code, found in await asyncio.gather(*(journey(number) for number in range(200))):
        assert found is not None
        assert found.code == code


async def test_one_waiter_too_many_is_refused(sink: Sink, main: FakeMailbox) -> None:
    waiting = [asyncio.create_task(sink.wait(main, MessageFilter(), SOON_S)) for _ in range(300)]
    await joined(sink, 300)

    with pytest.raises(TooManyWaiters):
        await sink.wait(main, MessageFilter(), SOON_S)

    await sink.close()
    assert await asyncio.gather(*waiting) == [None] * 300


@pytest.mark.parametrize("cursor", ["", "5", "c", "c-1", "c1 ", "c\u0661", "c" + "9" * 19, "m1"])
async def test_malformed_cursor_is_refused_by_type(sink: Sink, main: FakeMailbox, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        await sink.wait(main, MessageFilter(after=cursor), 0)
    assert len(sink.waiters) == 0


async def test_forgotten_mailbox_lets_its_waiters_go(sink: Sink, host: FakeHost, main: FakeMailbox) -> None:
    mine = asyncio.create_task(sink.wait(main, MessageFilter(), SOON_S))
    others = asyncio.create_task(sink.wait(host.mailboxes["other"], MessageFilter(), SOON_S))
    await joined(sink, 2)

    sink.forget("main")

    assert await mine is None
    assert not others.done()
    others.cancel()


async def test_watch_gives_what_was_there_and_what_comes_in_order(sink: Sink, main: FakeMailbox) -> None:
    before = await text_to(sink, main)
    cursor = await sink.cursor(main)
    expected = [await text_to(sink, main) for _ in range(3)]
    seen: list[str] = []

    async with asyncio.timeout(SOON_S), aclosing(sink.watch(main, MessageFilter(after=cursor))) as arriving:
        async for message in arriving:
            seen.append(message.id)
            if len(seen) == 3:
                expected += await asyncio.gather(*(text_to(sink, main) for _ in range(5)))
            if len(seen) == 8:
                break

    assert seen == sorted(expected, key=lambda message_id: int(message_id[1:]))
    assert before not in seen
    assert len(sink.waiters) == 0


async def test_watch_without_cursor_starts_with_the_newest(sink: Sink, main: FakeMailbox) -> None:
    await text_to(sink, main)
    newest = await text_to(sink, main)

    async with asyncio.timeout(SOON_S), aclosing(sink.watch(main, MessageFilter())) as arriving:
        first = await anext(arriving)
        late = await deliver(sink, main, make_mail())
        second = await anext(arriving)

    assert (first.id, second.id) == (newest, late)


async def test_watch_ends_when_the_sink_closes(sink: Sink, main: FakeMailbox) -> None:
    async def collect() -> list[Message]:
        return [message async for message in sink.watch(main, MessageFilter())]

    watching = asyncio.create_task(collect())
    await joined(sink, 1)

    await sink.close()

    assert await asyncio.wait_for(watching, SOON_S) == []
