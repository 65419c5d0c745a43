"""Sagas: definitions, plans, rows, the engine, and all of them against a model."""
