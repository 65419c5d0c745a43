"""Typed loaders of `resources/catalogue` and the texts."""
