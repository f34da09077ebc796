"""News: registered on entering, bounded, ended by close."""

import asyncio
from collections.abc import AsyncIterator

from gateway.adapters.bus import InProcessBus


async def _count(news: AsyncIterator[None]) -> int:
    return len([None async for _ in news])


async def test_news_between_entering_and_reading_is_not_lost() -> None:
    bus = InProcessBus()

    async with bus.listen("registration:1") as news:
        bus.publish("registration:1")

        async with asyncio.timeout(1):
            await anext(news)


async def test_every_listener_of_the_topic_hears_and_no_other() -> None:
    bus = InProcessBus()

    async with bus.listen("a") as first, bus.listen("a") as second, bus.listen("b") as other:
        bus.publish("a")
        bus.close()

        assert await _count(first) == await _count(second) == 0  # ended listeners read no rows any more
        assert await _count(other) == 0


async def test_waiting_listener_is_woken() -> None:
    bus = InProcessBus()

    async with bus.listen("a") as news:
        waiting = asyncio.ensure_future(anext(news))
        await asyncio.sleep(0)
        bus.publish("a")

        async with asyncio.timeout(1):
            await waiting


async def test_slow_listener_loses_the_oldest_and_blocks_nobody() -> None:
    bus = InProcessBus()

    async with bus.listen("a") as news:
        for _ in range(10_000):
            bus.publish("a")
        heard = 0
        try:
            while True:
                async with asyncio.timeout(0.01):
                    await anext(news)
                heard += 1
        except TimeoutError:
            pass

    assert heard == 16


async def test_close_ends_a_waiting_listener() -> None:
    bus = InProcessBus()

    async with bus.listen("a") as news:
        counting = asyncio.create_task(_count(news))
        await asyncio.sleep(0)
        bus.close()

        async with asyncio.timeout(1):
            assert await counting == 0


async def test_listening_to_a_closed_bus_ends_at_once() -> None:
    bus = InProcessBus()
    bus.close()

    async with bus.listen("a") as news, asyncio.timeout(1):
        assert await _count(news) == 0


async def test_left_topics_leave_nothing_behind() -> None:
    bus = InProcessBus()

    for number in range(100):
        async with bus.listen(f"registration:{number}"):
            pass

    assert bus.topics == 0


async def test_news_without_a_listener_is_dropped() -> None:
    bus = InProcessBus()
    bus.publish("a")

    async with bus.listen("a") as news:
        bus.close()
        assert await _count(news) == 0
