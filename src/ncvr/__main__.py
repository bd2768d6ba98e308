"""``python -m ncvr``."""

import sys

from ncvr.cli.main import main

sys.exit(main())
