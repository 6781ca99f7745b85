"""The ways a client reaches the server; nothing is imported with the room itself, so that a start is fast."""
