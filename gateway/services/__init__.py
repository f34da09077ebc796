"""Use cases. Each takes the world first; only here are transactions opened."""
