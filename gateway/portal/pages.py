"""The templates: what every page is given besides its own values."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from gateway.portal import formats
from gateway.texts import sentence

_FOLDER: Final = Path(__file__).parent
_TYPES: Final = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


class Pages:
    """Renders pages; holds the templates and the static files, read once."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        files = sorted((_FOLDER / "static").iterdir())
        self.static = {file.name: (_TYPES[file.suffix], file.read_bytes()) for file in files if file.suffix in _TYPES}
        # Named in the address of the style sheet, so that a browser keeps it and still sees a new one.
        self._version = hashlib.sha256(b"".join(body for _, body in self.static.values())).hexdigest()[:12]

    def render(self, name: str, locale: str, values: Mapping[str, object]) -> str:
        """The page `name` in `locale` (id or en). Raises jinja2.UndefinedError when a value is missing."""
        return self._templates.get_template(name).render(
            t=partial(sentence, locale),
            locale=locale,
            version=self._version,
            **{function.__name__: _in(locale, function) for function in (formats.rupiah, formats.length_of_time)},
            **{function.__name__: _in(locale, function) for function in (formats.long_date, formats.instant)},
            **values,
        )


def _in(locale: str, function: Callable[..., str]) -> Callable[..., str]:
    return lambda value: function(value, locale)
