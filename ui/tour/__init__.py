"""The tour: one visit played in a real window by key presses alone; a demonstration and an end-to-end test."""
