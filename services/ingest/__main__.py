"""`python -m services.ingest` runs the door."""

import sys

from services.ingest.main import main

sys.exit(main())
