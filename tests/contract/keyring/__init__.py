"""The journal's key in a real keyring service."""
