"""What an installation brings: our four packages with all their data files, and no clash with somebody else's."""

import subprocess
import sys
import zipfile
from importlib.metadata import distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("gateway", "schema", "mockidp", "mailsink")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    (made,) = folder.glob("*.whl")
    with zipfile.ZipFile(made) as archive:
        return archive.namelist()


def sources() -> set[str]:
    found = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file())
    return {str(path.relative_to(ROOT)) for path in found if "__pycache__" not in path.parts}


def test_wheel_holds_our_four_packages_and_nothing_else(wheel: list[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}

    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
    assert len(tops) == len(PACKAGES) + 1


def test_wheel_holds_every_file_of_the_packages(wheel: list[str]) -> None:
    packed = {name for name in wheel if ".dist-info/" not in name}

    assert packed == sources()


def test_wheel_holds_each_kind_of_data_file(wheel: list[str]) -> None:
    kinds = {(name.split("/")[0], Path(name).suffix) for name in wheel}

    assert {
        ("gateway", ".po"),
        ("gateway", ".txt"),
        ("gateway", ".html"),
        ("gateway", ".json"),
        ("gateway", ".graphql"),
        ("gateway", ".css"),
        ("schema", ".graphql"),
        ("mailsink", ".html"),
        ("mockidp", ".html"),
        ("mockidp", ".json"),
    } <= kinds


def test_wheel_brings_the_command(wheel: list[str]) -> None:
    assert [name for name in wheel if name.endswith(".dist-info/entry_points.txt")]


def test_no_installed_distribution_has_a_package_of_our_name() -> None:
    clashes = {
        f"{found.name}: {file}"
        for found in distributions()
        if found.name != "peserta"
        for file in found.files or ()
        if file.parts[0].removesuffix(".py") in PACKAGES
    }

    assert clashes == set()
