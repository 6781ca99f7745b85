"""Many callers in one process: who they are, which account is theirs, and the secret that names them."""
