"""The member API: what production would publish."""
