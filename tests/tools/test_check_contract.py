"""The contract check, run as a program on a small tree of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
CONTRACT = "type Query { a: Int! b(x: Int): Int } enum Kind { ONE TWO }"
BUILT = "type Query { a: Int! } enum Kind { ONE }"
BUILDER = """
class Schema:
    def as_str(self):
        return {sdl!r}


def build():
    return Schema()
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tools").mkdir()
    for name in ("contract.py", "check_contract.py"):
        shutil.copy(TOOLS / name, tmp_path / "tools")
    (tmp_path / "schema" / "contract").mkdir(parents=True)
    # A real package, or the installed `schema` would be found in its place.
    (tmp_path / "schema" / "__init__.py").touch()
    for name in ("member", "control"):
        (tmp_path / "schema" / name).mkdir()
        (tmp_path / "schema" / name / "__init__.py").touch()
        (tmp_path / "schema" / "contract" / f"{name}.graphql").write_text(CONTRACT)
        build(tmp_path, name, BUILT)
        (tmp_path / "schema" / name / f"{name}.graphql").write_text(BUILT + "\n")
    pending(tmp_path, "# promised\nQuery.b   # later\nKind TWO\n")
    return tmp_path


def build(tree: Path, name: str, sdl: str) -> None:
    (tree / "schema" / name / "root.py").write_text(BUILDER.format(sdl=sdl))


def pending(tree: Path, text: str) -> None:
    (tree / "schema" / "contract" / "pending.txt").write_text(text)


def check(tree: Path, *arguments: str) -> tuple[int, list[str]]:
    command = [sys.executable, "-B", str(tree / "tools" / "check_contract.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stdout.splitlines()


def test_what_is_pending_and_missing_passes(tree: Path) -> None:
    assert check(tree) == (0, ["both schemas keep their contracts; 2 names are pending"])


def test_missing_name_that_is_not_pending_fails_for_each_schema(tree: Path) -> None:
    pending(tree, "Query.b\n")

    assert check(tree) == (1, ["member: Kind TWO: missing", "control: Kind TWO: missing"])


def test_pending_name_that_is_built_fails(tree: Path) -> None:
    pending(tree, "Query.b\nKind TWO\nQuery.a\n")

    assert check(tree) == (1, ["pending.txt: Query.a: is built (or promised nowhere), take it off the list"])


def test_pending_name_that_is_listed_twice_fails(tree: Path) -> None:
    pending(tree, "Query.b\nKind TWO\nQuery.b\n")

    assert check(tree) == (1, ["pending.txt: Query.b: listed twice"])


def test_name_that_is_built_otherwise_fails_also_when_pending(tree: Path) -> None:
    other = BUILT.replace("Int!", "Int")
    build(tree, "member", other)
    (tree / "schema" / "member" / "member.graphql").write_text(other + "\n")
    pending(tree, "Query.b\nKind TWO\nQuery.a\n")

    status, lines = check(tree)

    assert status == 1
    assert "member: Query.a: is Int, contract says Int!" in lines


def test_snapshot_that_the_code_does_not_build_fails(tree: Path) -> None:
    build(tree, "control", BUILT + " type More { a: Int }")

    line = "schema/control/control.graphql: differs from the built schema; run tools/check_contract.py --write"
    assert check(tree) == (1, [line])


def test_write_makes_the_snapshots_and_prints_the_pending_list(tree: Path) -> None:
    build(tree, "control", BUILT + " type More { a: Int }")

    assert check(tree, "--write") == (0, ["Kind TWO", "Query.b"])
    assert check(tree)[0] == 0
    assert "type More" in (tree / "schema" / "control" / "control.graphql").read_text()


def test_wrong_use_is_told_in_one_line(tree: Path) -> None:
    assert check(tree, "--what")[0] == 2
