"""The command line's verbs, one concern a module; each returns an exit code."""
