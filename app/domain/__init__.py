"""Pure rules: values, states and guards. Imports the standard library only."""
