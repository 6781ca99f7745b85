"""The server in other people's hands: their clients, their checkers, their rules.

Needs what `.ci/install-hosts` installs below this directory.
"""
