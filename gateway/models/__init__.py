"""Rows of a world and the store that holds them. The only package of the gateway that knows the ORM."""
