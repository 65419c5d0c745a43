"""Tokens, palette and style sheet: how every face looks, from one table of values."""
