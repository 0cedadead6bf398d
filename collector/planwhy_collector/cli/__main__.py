"""`python -m planwhy_collector.cli`: the same as `planwhy`, for programs that start it beside themselves."""

import sys

from planwhy_collector.cli import main

if __name__ == "__main__":
    sys.exit(main(prog_name="planwhy"))
