"""Several accounts of one operating system and one data folder."""
