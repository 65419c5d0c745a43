"""Sagas killed at every fault point of every step and of what takes it back."""
