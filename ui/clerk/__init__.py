"""The counter's screens: each shows values it is given and says what the clerk wants; none calls a service."""
