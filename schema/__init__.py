"""The GraphQL side: what both schemas share (scalars, errors, limits, execution) and, a folder each, their types."""
