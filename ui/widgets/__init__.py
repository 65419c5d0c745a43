"""The few own widgets; each says in words what it shows in colour."""
