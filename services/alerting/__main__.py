"""`python -m services.alerting` runs the service."""

import sys

from services.alerting.main import main

if __name__ == "__main__":
    sys.exit(main())
