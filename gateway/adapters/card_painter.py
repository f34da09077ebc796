"""Paints cards: one SVG template gives the SVG, the PNG (resvg) and the PDF (fpdf2), each with the same font."""

import asyncio
import hashlib
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.domain.card import CardFace, CardFormat

_FOLDER: Final = Path(__file__).parent / "card"
_FONTS: Final = {"": _FOLDER / "regular.ttf", "B": _FOLDER / "bold.ttf"}
_FAMILY: Final = "Peserta Card"
_FALLBACK: Final = "DejaVu Sans Condensed, DejaVu Sans, Verdana, sans-serif"
_WIDTH_MM, _HEIGHT_MM = 85.6, 54.0  # source: ISO/IEC 7810, format ID-1
_PNG_WIDTH_PX: Final = 1284
_QR_LEFT, _QR_TOP, _QR_SIDE = 604, 120, 212
_QR_BORDER: Final = 4  # source: ISO/IEC 18004, the quiet zone
_KEPT: Final = 256  # painted cards; a card has about 60 KB. Source: assumed for the sandbox
_MM_PT: Final = 72 / 25.4
# Without one the library writes real time into the file, and the same card would be another file each time.
_NO_DATE: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Code:
    """A QR code as a path of unit squares, and where it stands."""

    path: str
    left: float
    top: float
    scale: float


class TemplateCardPainter:
    """Implements `ports.CardPainter`. Paints in one thread of its own and keeps what it painted, by content."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._prepared = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cards")

    async def paint(self, face: CardFace, form: CardFormat) -> bytes:
        """The card as a file of that format; the same content is painted once."""
        key = hashlib.sha256(repr((form.value, astuple(face))).encode()).hexdigest()
        known = self._kept.get(key)
        if known is None:
            known = await asyncio.get_running_loop().run_in_executor(self._thread, _PAINTERS[form], face)
            self._kept[key] = known
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return known

    def prepare(self) -> None:
        """Load in the painter's thread what the first card would otherwise wait for a quarter of a second."""
        if not self._prepared:
            self._prepared = True
            self._thread.submit(_pdf, CardFace("", "", "", "", (), "", False, "", "", "-"))

    def close(self) -> None:
        """Give back the thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _svg(face: CardFace) -> bytes:
    return _render(face, _FALLBACK, f"{_WIDTH_MM}mm", f"{_HEIGHT_MM}mm").encode()


def _png(face: CardFace) -> bytes:
    # Imported where it is used: both libraries cost a start that never paints a tenth of a second.
    import resvg_py

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=_render(face, _FAMILY, "856", "540"),
            width=_PNG_WIDTH_PX,
            skip_system_fonts=True,
            font_files=[str(file) for file in _FONTS.values()],
        )
    )


def _pdf(face: CardFace) -> bytes:
    from fpdf import FPDF
    from fpdf.svg import SVGObject

    pdf = FPDF(unit="mm", format=(_WIDTH_MM, _HEIGHT_MM))
    pdf.set_margin(0)
    pdf.set_auto_page_break(False)
    for style, file in _FONTS.items():
        pdf.add_font(_FAMILY, style, file)
    pdf.set_title(f"{face.title}: {face.holder}")
    pdf.set_creation_date(_NO_DATE)
    pdf.add_page()
    drawing = SVGObject(_render(face, _FAMILY, str(_WIDTH_MM * _MM_PT), str(_HEIGHT_MM * _MM_PT)))
    drawing.draw_to_page(pdf)
    return bytes(pdf.output())


_PAINTERS: Final = {CardFormat.SVG: _svg, CardFormat.PNG: _png, CardFormat.PDF: _pdf}


def _render(face: CardFace, family: str, width: str, height: str) -> str:
    return (
        _template()
        .get_template("template.svg")
        .render(face=face, family=family, width=width, height=height, fit=_fit, qr=_code(face.qr))
    )


def _code(text: str) -> _Code:
    import segno

    matrix = segno.make(text, error="m", micro=False).matrix
    side = len(matrix) + 2 * _QR_BORDER
    scale = _QR_SIDE / side
    runs = []
    for row, line in enumerate(matrix):
        column = 0
        while column < len(line):
            length = 0
            while column + length < len(line) and line[column + length]:
                length += 1
            if length:
                runs.append(f"M{column} {row}h{length}v1h-{length}z")
            column += length or 1
    return _Code("".join(runs), _QR_LEFT + _QR_BORDER * scale, _QR_TOP + _QR_BORDER * scale, round(scale, 4))


def _fit(text: str, size: float, room: float, bold: bool) -> float:
    """The size in which `text` fits into `room`, at most `size`; the three formats measure alike."""
    widths = _widths("B" if bold else "")
    width = sum(widths.get(ord(character), 0.6) for character in text) * size
    return size if width <= room else round(size * room / width, 1)


@cache
def _widths(style: str) -> dict[int, float]:
    """How wide each letter of a font is, in parts of its size."""
    from fontTools.ttLib import TTFont

    with TTFont(_FONTS[style], lazy=True) as font:
        units, advances = font["head"].unitsPerEm, font["hmtx"].metrics
        return {code: advances[name][0] / units for code, name in font.getBestCmap().items()}


@cache
def _template() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
    )
