"""World main for tests of the built schemas: the services' own, with the ten personas in it."""

from tests.services.conftest import passwords, sealed, sealed_files, sealed_postgres, world

__all__ = ["passwords", "sealed", "sealed_files", "sealed_postgres", "world"]
