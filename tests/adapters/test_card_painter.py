"""Painted cards: real files of the right kind, with their text, quickly and only once."""

import struct
import time
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader

from gateway.adapters.card_painter import TemplateCardPainter
from gateway.domain.card import CardFace, CardFormat

FACE = CardFace(
    issuer="Peserta",
    title="Kartu peserta digital",
    holder="Budi Contoh",
    number="KPJ 9926 0000 001",
    rows=(("Segmen", "Penerima upah (PU)"), ("Program", "JHT · JP"), ("Pemberi kerja", "PT Contoh & Anak <Maju>")),
    status="AKTIF",
    active=True,
    hint="Pindai untuk memeriksa",
    band="SIMULASI · DATA FIKTIF",
    qr="http://127.0.0.1:8400/kartu?token=" + "A" * 32,
)
# The issue allows 150 ms a picture on an idle machine; a test shares its processors with others.
SLOWEST_S = 1.5


@pytest.fixture
def painter() -> Iterator[TemplateCardPainter]:
    made = TemplateCardPainter()
    yield made
    made.close()


async def test_svg_is_well_formed_says_all_and_loads_nothing(painter: TemplateCardPainter) -> None:
    svg = (await painter.paint(FACE, CardFormat.SVG)).decode()

    texts = [element.text for element in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert {"Budi Contoh", "KPJ 9926 0000 001", "PT Contoh & Anak <Maju>", "AKTIF", "SIMULASI · DATA FIKTIF"} <= set(
        texts
    )
    assert "href" not in svg
    assert "<script" not in svg
    assert svg.count("http") == 1  # the name space alone; the QR holds its address as squares


async def test_png_is_a_picture_of_a_cards_shape(painter: TemplateCardPainter) -> None:
    png = await painter.paint(FACE, CardFormat.PNG)

    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height) == (1284, 810)


async def test_png_has_the_texts_painted(painter: TemplateCardPainter) -> None:
    # Without its font the painter would leave texts out and say nothing.
    with_name = await painter.paint(FACE, CardFormat.PNG)
    without = await painter.paint(replace(FACE, holder=" "), CardFormat.PNG)

    assert len(with_name) - len(without) > 1_000


async def test_pdf_has_its_text_as_text(painter: TemplateCardPainter) -> None:
    pdf = await painter.paint(FACE, CardFormat.PDF)

    assert pdf.startswith(b"%PDF-")
    (page,) = PdfReader(BytesIO(pdf)).pages
    lines = page.extract_text().splitlines()
    assert lines[:4] == ["Peserta", "Kartu peserta digital", "Budi Contoh", "KPJ 9926 0000 001"]
    assert "Pemberi kerja PT Contoh & Anak <Maju>" in lines
    assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (243, 153)


async def test_the_same_card_is_painted_once(painter: TemplateCardPainter) -> None:
    first = await painter.paint(FACE, CardFormat.PNG)

    assert await painter.paint(replace(FACE), CardFormat.PNG) is first
    assert await painter.paint(replace(FACE, status="NONAKTIF"), CardFormat.PNG) is not first


@pytest.mark.parametrize("form", list(CardFormat))
async def test_the_same_card_is_the_same_file_in_every_process(painter: TemplateCardPainter, form: CardFormat) -> None:
    other = TemplateCardPainter()

    assert await other.paint(FACE, form) == await painter.paint(FACE, form)
    other.close()


@pytest.mark.parametrize("form", list(CardFormat))
async def test_a_picture_is_painted_quickly(painter: TemplateCardPainter, form: CardFormat) -> None:
    painter.prepare()
    await painter.paint(FACE, form)

    started = time.perf_counter()
    await painter.paint(replace(FACE, holder="Siti Fiktif"), form)

    assert time.perf_counter() - started < SLOWEST_S


@pytest.mark.parametrize("form", list(CardFormat))
async def test_a_long_name_and_letters_without_a_shape_are_painted(
    painter: TemplateCardPainter, form: CardFormat
) -> None:
    face = replace(FACE, holder="Raden Mas 五隻船 " + "Kusumaningrat " * 12)

    assert len(await painter.paint(face, form)) > 1_000
