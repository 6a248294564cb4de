"""`python -m bench.verdicts`: every part in turn; exit code 1 when a bar is missed."""

import sys

from bench.verdicts.report import main

sys.exit(main(sys.argv[1:]))
