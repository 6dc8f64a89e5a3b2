"""``python -m soak [part …]``: run the long checks and write their records."""

import importlib
import sys

from soak import record

PARTS = ("long_tests", "properties", "truth", "bloch", "kills", "mutants", "matrix", "versions")

if __name__ == "__main__":
    for part in sys.argv[1:] or PARTS:
        record.write(part, importlib.import_module(f"soak.{part}").main())
