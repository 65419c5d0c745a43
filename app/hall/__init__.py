"""The door to the hall database: queue numbers, who calls them, and the hall's staff."""
