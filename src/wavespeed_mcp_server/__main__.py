"""`python -m wavespeed_mcp_server`."""

import sys

from .cli import main

sys.exit(main())
