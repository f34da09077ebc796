"""A mock OpenID provider: it runs alone with people of its own, or inside a host that lends it a realm per world."""
