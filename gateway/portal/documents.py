"""The GraphQL documents that the pages run, one file each in `operations/`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "operations"
_SPREAD: Final = "...Problem"


def load_documents() -> Mapping[str, str]:
    """Every document by its file's name, the fragment of refusals added where a document spreads it."""
    fragment = (_FOLDER / "problem.fragment").read_text("utf-8")
    texts = {path.stem: path.read_text("utf-8") for path in sorted(_FOLDER.glob("*.graphql"))}
    return {name: f"{text}\n{fragment}" if _SPREAD in text else text for name, text in texts.items()}
