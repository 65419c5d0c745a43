"""Devices: bytes in, values and codes out."""
