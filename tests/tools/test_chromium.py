"""Finding a Chromium: what is there already is taken, in a fixed order, and nothing else is printed."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "chromium.sh"


def program(path: Path) -> Path:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def find(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", str(SCRIPT), sys.executable], env=environment, capture_output=True, text=True, timeout=30
    )


def test_named_chromium_is_taken_before_any_other(tmp_path: Path) -> None:
    named = program(tmp_path / "mine")
    program(tmp_path / "chromium")

    assert find(CHROMIUM=str(named), PATH=f"{tmp_path}:/usr/bin:/bin").stdout == f"{named}\n"


@pytest.mark.parametrize("name", ["chromium", "google-chrome"])
def test_chromium_on_the_path_is_taken(tmp_path: Path, name: str) -> None:
    found = program(tmp_path / name)

    done = find(PATH=str(tmp_path))

    assert (done.returncode, done.stdout) == (0, f"{found}\n")


def test_named_chromium_that_cannot_run_is_an_error_and_installs_nothing(tmp_path: Path) -> None:
    done = find(CHROMIUM=str(tmp_path / "none"), PATH="/usr/bin:/bin")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"CHROMIUM is set to {tmp_path / 'none'}, which cannot be run\n"
