"""Holds the two schemas to their contracts, their snapshots and the list of what is promised but not built yet.

    python tools/check_contract.py            fails on every difference that schema/contract/pending.txt does not name
    python tools/check_contract.py --write    rewrites the snapshots and prints what pending.txt has to say

A pending line is a name as the comparison prints it (`Member.cards`, `ErrorCode NOT_ELIGIBLE`); `#` starts a comment.
Only what is missing can be pending: a name that is built otherwise than promised is always an error.
"""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from contract import differences, read

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ("member", "control")
MISSING = "missing"


def main(argv: Sequence[str]) -> int:
    """Checks or, with `--write`, rewrites. Answers 0 when all agrees, 1 when something does not, 2 for wrong use."""
    if argv not in ([], ["--write"]):
        print(str(__doc__).splitlines()[2].strip(), file=sys.stderr)
        return 2
    sys.path.insert(0, str(ROOT))
    built = {name: build(name) for name in SCHEMAS}
    if argv:
        for name, text in built.items():
            snapshot(name).write_text(text, encoding="utf-8")
        print(*sorted(missing_names()), sep="\n")
        return 0
    problems = [*stale_snapshots(built), *broken_promises()]
    print(*problems, sep="\n", end="\n" if problems else "")
    if not problems:
        print(f"both schemas keep their contracts; {len(pending_names())} names are pending")
    return 1 if problems else 0


def build(name: str) -> str:
    """The SDL of the schema that the code builds."""
    module = __import__(f"schema.{name}.root", fromlist=["build"])
    return str(module.build().as_str()).rstrip() + "\n"


def snapshot(name: str) -> Path:
    """Where the SDL is kept, so that a change of the schema shows in review."""
    return ROOT / "schema" / name / f"{name}.graphql"


def contract(name: str) -> Path:
    """Where the promise stands."""
    return ROOT / "schema" / "contract" / f"{name}.graphql"


def stale_snapshots(built: dict[str, str]) -> Iterator[str]:
    """One line per snapshot that is not what the code builds."""
    for name, text in built.items():
        path = snapshot(name)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            yield f"{path.relative_to(ROOT)}: differs from the built schema; run tools/check_contract.py --write"


def compare(name: str) -> list[tuple[str, str]]:
    """Every difference between contract and snapshot as (name, what is wrong)."""
    promised, used = read(str(contract(name)))
    have, _ = read(str(snapshot(name)))
    return [(place, what) for place, _, what in (line.partition(": ") for line in differences(promised, have, used))]


def missing_names() -> set[str]:
    """What the contracts name and no snapshot has."""
    return {place for name in SCHEMAS if snapshot(name).exists() for place, what in compare(name) if what == MISSING}


def pending_names() -> list[str]:
    """The lines of pending.txt without comments."""
    text = (ROOT / "schema" / "contract" / "pending.txt").read_text(encoding="utf-8")
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def broken_promises() -> Iterator[str]:
    """One line per difference that is not pending, per pending name that is built, and per name listed twice."""
    pending = pending_names()
    for name in SCHEMAS:
        if snapshot(name).exists():
            for place, what in compare(name):
                if what != MISSING or place not in pending:
                    yield f"{name}: {place}: {what}"
    missing = missing_names()
    for place in sorted(set(pending)):
        if place not in missing:
            yield f"pending.txt: {place}: is built (or promised nowhere), take it off the list"
        if pending.count(place) > 1:
            yield f"pending.txt: {place}: listed twice"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
