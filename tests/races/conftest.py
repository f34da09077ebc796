"""The services' world; on PostgreSQL its transactions run side by side."""

from tests.services.conftest import passwords, sealed, sealed_files, sealed_postgres, world

__all__ = ["passwords", "sealed", "sealed_files", "sealed_postgres", "world"]
