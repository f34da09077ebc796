"""The control API: what a tester holds in the other hand."""
