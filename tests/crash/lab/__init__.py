"""The crash lab: services that are killed, cut off and starved, and what is asked of them afterwards."""
