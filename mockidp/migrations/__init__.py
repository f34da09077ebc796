"""Steps that create and upgrade the provider's tables."""
