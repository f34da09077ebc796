"""Offices, banks and claim documents: what the tables hold, and how a broken one is refused."""

import pytest

from gateway.domain import bank, claim_document, office
from gateway.domain.claim_document import ClaimReason, DocumentKind, load_requirements
from gateway.domain.datafile import BadDataFile, read_text
from gateway.domain.page import PageRequest, page_request, slice_page


def test_there_are_offices_in_some_fifty_cities_and_all_say_that_they_are_made_up() -> None:
    offices = office.load_offices()

    assert len({known.city for known in offices}) == len(offices) == 49
    assert all(known.name.endswith("(fiktif)") and known.address.endswith("(fiktif)") for known in offices)
    assert [known.number for known in offices] == list(range(1, 50))


@pytest.mark.parametrize(
    ("city", "codes"),
    [
        ("bandung", ["BDG"]),
        ("  JAKARTA  ", ["JKP", "JKS", "JKT", "JKB"]),
        ("jawa tengah", ["SMG", "SLO", "TGL"]),
        ("Atlantis", []),
    ],
)
def test_offices_are_found_by_city_or_province_whatever_the_case(city: str, codes: list[str]) -> None:
    assert [known.code for known in office.find_offices(city)] == codes


def test_without_a_city_all_offices_are_found() -> None:
    assert office.find_offices(None) == office.find_offices("") == office.load_offices()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"code": "JKP"', '"code": "jkp"', "branch_offices.json offices[0].code: must be three capital letters"),
        ('"code": "JKS"', '"code": "JKP"', "branch_offices.json offices: a code stands twice"),
        (" (fiktif)", "", 'branch_offices.json offices[0].address: must end with "(fiktif)"'),
        (
            '"latitude": "-6.1865"',
            '"latitude": "51.5"',
            "branch_offices.json offices[0].latitude: is outside of Indonesia",
        ),
        (
            '"latitude": "-6.1865"',
            '"latitude": "nan"',
            "branch_offices.json offices[0].latitude: is outside of Indonesia",
        ),
    ],
)
def test_a_broken_table_of_offices_is_refused_with_its_place(old: str, new: str, reason: str) -> None:
    with pytest.raises(BadDataFile) as caught:
        office.parse_offices(read_text(office.FILE).replace(old, new, 1))

    assert str(caught.value) == reason


def test_no_bank_could_be_real() -> None:
    banks = bank.load_banks()

    assert len(banks) == 8
    assert all(known.code.startswith("99") and known.name.endswith("(fiktif)") for known in banks)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"991"', '"014"', "banks.json banks[0].code: must be 99 and one digit"),
        ('"992"', '"991"', "banks.json banks: a code stands twice"),
        (" (fiktif)", "", 'banks.json banks[0].name: must end with "(fiktif)"'),
    ],
)
def test_a_broken_table_of_banks_is_refused_with_its_place(old: str, new: str, reason: str) -> None:
    with pytest.raises(BadDataFile) as caught:
        bank.parse_banks(read_text(bank.FILE).replace(old, new, 1))

    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("reason", "kinds"),
    [
        (ClaimReason.RETIREMENT_AGE, {"CARD", "KTP"}),
        (ClaimReason.RESIGNED, {"CARD", "KTP", "RESIGNATION_LETTER"}),
        (ClaimReason.DEATH, {"CARD", "KTP", "KK", "DEATH_CERTIFICATE", "HEIR_CERTIFICATE"}),
        (ClaimReason.LEAVING_INDONESIA, {"CARD", "PASSPORT", "LEAVING_STATEMENT"}),
        (ClaimReason.PARTIAL_30, {"CARD", "KTP", "KK", "EMPLOYER_LETTER", "BANK_BOOK", "HOUSING_PROOF"}),
    ],
)
def test_each_reason_needs_the_documents_of_the_law(reason: ClaimReason, kinds: set[str]) -> None:
    # Source: domain notes 4.1 (PP 46/2015 article 22, Permenaker 4/2022).
    needed = load_requirements()[reason]

    assert {one.kind.value for one in needed if one.required} == kinds
    assert DocumentKind.NPWP in {one.kind for one in needed if not one.required}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('"reason": "RESIGNED"', '"reason": "BORED"', "claim_documents.json reasons[1].reason: is no reason"),
        ('"reason": "RESIGNED"', '"reason": "LAID_OFF"', "claim_documents.json reasons[2].reason: stands twice"),
        (
            '"KTP", "RESIGNATION_LETTER"',
            '"CARD", "RESIGNATION_LETTER"',
            "claim_documents.json reasons[1].required: names a document that is not known or stands twice",
        ),
    ],
)
def test_a_broken_table_of_documents_is_refused_with_its_place(old: str, new: str, reason: str) -> None:
    with pytest.raises(BadDataFile) as caught:
        claim_document.parse_requirements(read_text(claim_document.FILE).replace(old, new, 1))

    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("request_", "places", "next_", "previous"),
    [
        (PageRequest(2, False, None, None), [1, 2], True, False),
        (PageRequest(2, False, 3, None), [4, 5], False, True),
        (PageRequest(2, True, None, None), [4, 5], False, True),
        (PageRequest(2, True, None, 2), [1], True, False),
        (PageRequest(0, False, None, None), [], True, False),
        (PageRequest(20, False, 5, None), [], False, True),
    ],
)
def test_a_list_at_hand_is_paged_from_either_end(
    request_: PageRequest, places: list[int], next_: bool, previous: bool
) -> None:
    page = slice_page([(place, str(place)) for place in range(1, 6)], request_)

    assert [place for place, _ in page.items] == places
    assert (page.total, page.has_next, page.has_previous) == (5, next_, previous)


def test_without_arguments_a_page_has_twenty() -> None:
    assert len(slice_page(list(enumerate(range(50))), page_request(None, None, None, None)).items) == 20
