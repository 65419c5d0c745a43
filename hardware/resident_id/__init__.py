"""Resident ID cards: SDT frames, the text block's layouts, and the ways to a reader (card.md 6)."""
