"""The README's own commands, copied out of it and run: whoever follows it arrives at the balance."""

import asyncio
import json
import os
import re
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from graphql import parse, validate

from schema.control import root as control

pytestmark = pytest.mark.e2e

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
START_S = 120


def blocks(language: str) -> list[str]:
    """The README's code blocks in that language, in their order."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def calls(script: str) -> list[str]:
    """The lines that send a request; the definition of a shorthand sends none."""
    return [line for line in script.splitlines() if re.search(r'(?:call|curl -sS) "\$P', line)]


@pytest.fixture
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """Where the server is that the README's first block starts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PESERTA_")}
    own = {"PESERTA_PORT": "0", "PESERTA_SMTP_PORT": "0", "PESERTA_DATA": str(tmp_path / "data"), "NO_COLOR": "1"}
    process = await asyncio.create_subprocess_shell(
        blocks("sh")[0], cwd=ROOT, env=kept | own, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, start_new_session=True
    )
    assert process.stdout is not None, "the pipe was asked for"
    shown = ""
    async with asyncio.timeout(START_S):
        while "ready in" not in shown:
            line = (await process.stdout.readline()).decode()
            assert line, shown
            shown += line
    found = re.search(r"Portal\s+(\S+)", shown)
    assert found is not None, shown
    yield found[1]
    os.killpg(process.pid, signal.SIGTERM)
    await process.communicate()


async def test_the_readme_leads_to_the_balance(address: str, tmp_path: Path) -> None:
    script = "\n".join(blocks("sh")[1:])

    process = await asyncio.create_subprocess_exec(
        *("sh", "-eu", "-c", script), cwd=tmp_path, env=os.environ | {"P": address}, stdout=PIPE, stderr=PIPE
    )
    async with asyncio.timeout(60):
        out, complaints = await process.communicate()

    assert (process.returncode, complaints.decode()) == (0, "")
    answers = out.decode()
    assert '"errors":[{' not in answers
    last = json.loads(answers[answers.rindex('{"data":') :])
    member = last["data"]["viewer"]["member"]
    assert (member["fullName"], member["maskedNik"]) == ("Siti Fiktif", "3273********9002")
    assert abs(member["balance"]["total"] - 14_200_000) <= 1_000


def test_the_sign_up_takes_at_most_nine_calls() -> None:
    assert 1 <= len(calls("\n".join(blocks("sh")[1:]))) <= 9


@pytest.mark.parametrize("block", blocks("graphql"))
def test_each_graphql_block_fits_the_control_schema(block: str) -> None:
    assert validate(control.build()._schema, parse(block)) == []


def test_every_file_that_is_linked_is_there() -> None:
    linked = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)

    assert [path for path in linked if not (ROOT / path).exists()] == []
