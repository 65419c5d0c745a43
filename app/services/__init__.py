"""Use cases, one module a capability; every change of state enters through the doorway."""
