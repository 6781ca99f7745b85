"""Starts the server from an unpacked bundle; the bundle's entry point."""

import sys

from wavespeed_mcp_server.cli import main

sys.exit(main([]))
