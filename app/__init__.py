"""The program without screens and without devices."""
