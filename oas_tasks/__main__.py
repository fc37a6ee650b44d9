"""`python -m oas_tasks` is `slice-oas`."""

import sys

from oas_tasks.cli import main

if __name__ == "__main__":
    sys.exit(main())
