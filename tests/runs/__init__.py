"""The steps of a run, without an agent: what tools and the command line both stand on."""
