"""World main with the personas in it, for what the edge serves out of a real world."""

from tests.services.conftest import passwords, sealed, sealed_files, sealed_postgres, world

__all__ = ["passwords", "sealed", "sealed_files", "sealed_postgres", "world"]
