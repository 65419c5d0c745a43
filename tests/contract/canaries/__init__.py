"""Fictional values that nothing on the disk may hold in clear."""
