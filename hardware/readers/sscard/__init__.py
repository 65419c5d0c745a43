"""National reader drivers (LD/T 33-2015, card.md 4): a maker's library in its own process, called by JSON lines."""
