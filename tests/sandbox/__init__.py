"""The stand-in spoken to over real sockets, as its clients do."""
