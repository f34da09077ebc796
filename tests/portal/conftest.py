"""The stage on which the portal's tests play."""

from collections.abc import AsyncIterator

import pytest

from tests.portal.staging import Stage, build


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """World main with scripted operations, a scripted provider and one browser."""
    made = build()
    yield made
    await made.browser.client.aclose()
