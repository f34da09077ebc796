"""The command `peserta` as a person runs it: what it prints, how it ends, and what it says when it cannot start."""

import asyncio
import re
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from graphql import build_schema

from tests.e2e.conftest import Start, at_main
from tests.e2e.server import COMMAND, Server, environment, launched, run

pytestmark = pytest.mark.e2e

KEYS = ["event", "portal", "graphql", "control", "inbox", "issuer", "smtp", "sms", "pid", "startupMs"]
STEPS = [
    "startRegistration",
    "SMS caught",
    "verifyOtp",
    "setPassword",
    "mail caught",
    "activation page opened",
    "activateAccount",
    "signIn",
    "viewer balance",
]


async def test_the_ready_line_is_the_only_one_and_names_everything(start: Start, http: httpx.AsyncClient) -> None:
    server = await start()
    line = server.line

    answers = [(await http.get(line[name])).status_code for name in ("portal", "inbox")]
    keys = (await http.get(f"{line['issuer']}/jwks")).status_code
    code = await server.end()

    assert list(line) == KEYS
    assert (line["event"], line["pid"]) == ("ready", server.process.pid)
    assert isinstance(line["startupMs"], int)
    assert re.fullmatch(r"127\.0\.0\.1:\d+", line["smtp"])
    assert (answers, keys) == ([200, 200], 200)
    assert (code, await server.rest_of_stdout(), server.complaints.read_text()) == (0, "", "")


async def test_without_json_a_banner_names_every_address(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, "up", cwd=tmp_path, env=environment({}), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None, "the pipe was asked for"
    async with asyncio.timeout(60):
        shown = (await process.stdout.readuntil(b"Ctrl+C")).decode()
        process.terminate()
        await process.communicate()

    assert process.returncode == 0
    assert "simulasi" in shown
    assert len(re.findall(r"https?://127\.0\.0\.1:\d+", shown)) == 6


async def test_an_ephemeral_server_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch, folder = tmp_path / "scratch", tmp_path / "folder"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    async with launched(folder, "--ephemeral") as server:
        held = list(scratch.iterdir())
    code = await server.ended()

    assert (len(held), code) == (1, 0)
    assert list(scratch.iterdir()) == []
    assert [file.name for file in folder.iterdir()] == ["stderr.txt"]


@pytest.mark.parametrize(("flag", "key"), [("--port", "portal"), ("--smtp-port", "smtp")])
async def test_a_busy_port_is_said_in_one_sentence(lite: Server, tmp_path: Path, flag: str, key: str) -> None:
    port = lite.line[key].rpartition(":")[2]

    said = await run(tmp_path, "up", "--json", flag, port)

    assert (said.code, said.out) == (2, "")
    assert_one_sentence(said.complaints, port)


def assert_one_sentence(complaints: str, *words: str) -> None:
    """One line that a person can act on, and no stack."""
    assert complaints.count("\n") == 1, complaints
    assert complaints.startswith("✗ ")
    assert complaints.rstrip().endswith(".")
    assert "Traceback" not in complaints
    assert all(word in complaints for word in words), complaints


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"data": "berkas/di-bawah"}, "berkas"),
        ({"database_url": "postgres://a:rahasia@127.0.0.1:1/x"}, "database"),
        ({"host": "0.0.0.0"}, "PESERTA_CONTROL_TOKEN"),
        ({"host": "::"}, "PESERTA_CONTROL_TOKEN"),
        ({"host": "192.0.2.1", "control_token": "t" * 20}, "192.0.2.1"),
        ({"port": "65536"}, "PESERTA_PORT"),
        ({"port": "http"}, "PESERTA_PORT"),
        ({"start_at": "kemarin"}, "PESERTA_START_AT"),
        ({"start_at": "2026-03-02T05:00:00"}, "PESERTA_START_AT"),
        ({"allowed_hosts": "peserta.lan"}, "PESERTA_ALLOWED_HOSTS"),
        ({"allowed_origins": '["peserta.lan"]'}, "PESERTA_ALLOWED_ORIGINS"),
        ({"otp_length": "3"}, "PESERTA_OTP_LENGTH"),
        ({"smtp_server": "tanpa-porta"}, "PESERTA_SMTP_SERVER"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
async def test_what_cannot_be_used_is_said_in_one_sentence(tmp_path: Path, settings: dict[str, str], word: str) -> None:
    (tmp_path / "berkas").write_text("")

    said = await run(tmp_path, "up", "--json", **settings)

    assert (said.code, said.out) == (2, "")
    assert_one_sentence(said.complaints, word)
    assert "rahasia" not in said.complaints


async def test_a_newer_database_is_left_alone_and_said_in_one_sentence(start: Start, tmp_path: Path) -> None:
    server = await start()
    await server.end()
    write_migration(tmp_path)

    said = await run(tmp_path, "up", "--json")
    looked = await run(tmp_path, "doctor")

    assert (said.code, said.out) == (2, "")
    assert_one_sentence(said.complaints, "newer version")
    assert looked.code == 2
    assert "9999_from_the_future" in looked.out


def write_migration(folder: Path) -> None:
    """Note in world main that it went through a migration that this code does not know."""
    (database,) = folder.glob("data/**/main/world.db")
    with closing(sqlite3.connect(database)) as connection, connection:
        known = connection.execute("SELECT * FROM tortoise_migrations LIMIT 1")
        columns = [column[0] for column in known.description]
        row = dict(zip(columns, known.fetchone(), strict=True)) | {"id": 9_999, "name": "9999_from_the_future"}
        marks = ", ".join("?" for _ in columns)
        connection.execute(f"INSERT INTO tortoise_migrations VALUES ({marks})", [row[name] for name in columns])  # noqa: S608


async def test_two_servers_do_not_share_a_folder(start: Start, tmp_path: Path) -> None:
    await start()

    said = await run(tmp_path, "up", "--json")

    assert said.code == 2
    assert_one_sentence(said.complaints)


async def test_the_tour_walks_nine_steps_on_a_server_of_its_own(tmp_path: Path) -> None:
    said = await run(tmp_path, "tour")

    lines = said.out.splitlines()
    assert (said.code, said.complaints) == (0, "")
    assert [line.split()[:2] for line in lines] == [["✓", str(number)] for number in range(1, 10)]
    assert [name in line for name, line in zip(STEPS, lines, strict=True)] == [True] * 9
    assert all(re.search(r"\d+\.\d ms", line) for line in lines)


async def test_the_tour_walks_a_running_server_and_leaves_nothing_there(
    lite: Server, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    worlds = at_main(http, lite)
    before = await worlds.command("{ worlds { id } }")

    said = await run(tmp_path, "tour", "--url", lite.line["portal"])

    assert said.code == 0
    assert said.out.count("✓") == 9
    assert await worlds.command("{ worlds { id } }") == before


async def test_the_tour_names_the_step_that_fails(tmp_path: Path, lite: Server) -> None:
    # A provider of another world takes no first-party sign-in: everything works but that.
    said = await run(tmp_path, "tour", oidc_issuer=lite.line["issuer"])

    assert said.code == 1
    assert said.out.count("✓") == 7
    assert "✗ 8 signIn: SERVICE_UNAVAILABLE" in said.out


async def test_the_tour_says_when_nobody_answers(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    said = await run(tmp_path, "tour", "--url", f"http://127.0.0.1:{port}")

    assert said.code == 2
    assert_one_sentence(said.complaints, str(port))


@pytest.mark.parametrize(("which", "field"), [("member", "startRegistration"), ("control", "createWorld")])
async def test_a_schema_is_printed_whole(tmp_path: Path, which: str, field: str) -> None:
    said = await run(tmp_path, "schema", which)

    assert (said.code, said.complaints) == (0, "")
    mutation = build_schema(said.out).mutation_type
    assert mutation is not None
    assert field in mutation.fields


async def test_an_unknown_schema_is_said_in_one_sentence(tmp_path: Path) -> None:
    said = await run(tmp_path, "schema", "lain")

    assert (said.code, said.out) == (2, "")
    assert_one_sentence(said.complaints, "lain")


async def test_the_doctor_finds_nothing_wrong_here(tmp_path: Path) -> None:
    said = await run(tmp_path, "doctor")

    assert (said.code, said.complaints) == (0, "")
    assert [line[0] for line in said.out.splitlines()] == ["✓"] * 5


async def test_the_doctor_names_what_is_wrong(lite: Server, tmp_path: Path) -> None:
    (tmp_path / "berkas").write_text("")
    port = lite.line["portal"].rpartition(":")[2]

    said = await run(tmp_path, "doctor", "--port", port, data="berkas/x")

    wrong = [line for line in said.out.splitlines() if line.startswith("✗")]
    assert said.code == 2
    assert [re.split(r"\s{2,}|: ", line)[0] for line in wrong] != []
    assert port in wrong[0]
    assert "berkas/x" in wrong[1]


async def test_logs_are_free_of_secrets(start: Start, http: httpx.AsyncClient) -> None:
    server = await start(log_level="debug")
    budi = at_main(http, server)

    await budi.start()
    code = await budi.code()
    await budi.verify(code)
    await budi.set_password()
    link = await budi.link_token()
    await budi.activate(link)
    access = await budi.access()
    await budi.ask("{ viewer { account { nothing } } }", Authorization=f"Bearer {access}")
    await server.end()

    said = server.complaints.read_text()
    secrets = (code, link, access, budi.token, budi.form["nik"], "kopi-susu-gula-aren")
    assert [secret for secret in secrets if secret in said] == []


async def test_help_names_every_command(tmp_path: Path) -> None:
    said = await run(tmp_path, "--help")

    assert said.code == 0
    assert all(command in said.out for command in ("up", "tour", "schema", "doctor"))
    assert said.complaints == ""
