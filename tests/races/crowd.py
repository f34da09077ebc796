"""Sixteen callers at once, and what each of them was told."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.domain.problem import Refusal

CROWD = 16
OK = "OK"


async def crowd(call: Callable[[], Awaitable[Any]]) -> Counter[str]:
    """Call sixteen times at once; answers how often each code was told. Anything but a refusal is raised."""
    answers = await asyncio.gather(*(call() for _ in range(CROWD)), return_exceptions=True)
    told: Counter[str] = Counter()
    for answer in answers:
        if isinstance(answer, Refusal):
            told[answer.problems[0].code.value] += 1
        elif isinstance(answer, BaseException):
            raise answer
        else:
            told[OK] += 1
    return told
