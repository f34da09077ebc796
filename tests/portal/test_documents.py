"""Every document fits the contract and what is built of it."""

import re
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from gateway.portal.documents import load_documents

ROOT = Path(__file__).parents[2]
CONTROL = {"personas"}
NAMES = sorted(load_documents())


def schema_of(name: str, folder: str):
    side = "control" if name in CONTROL else "member"
    return build_schema((ROOT / "schema" / folder.format(side) / f"{side}.graphql").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_document_fits_the_built_schema(name):
    assert validate(schema_of(name, "{}"), parse(load_documents()[name])) == []


@pytest.mark.parametrize("name", sorted(set(NAMES) - CONTROL))
def test_document_fits_the_contract(name):
    assert validate(schema_of(name, "contract"), parse(load_documents()[name])) == []


def test_every_document_is_run_by_a_page():
    pages = "".join(file.read_text() for file in (ROOT / "gateway" / "portal").glob("*.py"))
    asked = set(re.findall(r'\.(?:ask|ask_control|change)\(\s*"(\w+)"', pages))

    assert asked == set(NAMES)


def test_a_document_holds_one_operation_named_like_its_file():
    for name, text in load_documents().items():
        found = [definition.name.value for definition in parse(text).definitions if definition.kind[:9] == "operation"]
        assert found == [name.title().replace("_", "")]
