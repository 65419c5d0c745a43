"""The command line: lazy imports, no Qt."""
