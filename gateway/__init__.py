"""Peserta's gateway: the member API, the control API, the pages and the worlds they live in."""
