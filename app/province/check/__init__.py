"""The conformance kit: whether an endpoint does what the counter relies on (issue of a province's first day)."""
