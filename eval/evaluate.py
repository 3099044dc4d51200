"""The command `python eval/evaluate.py`; what it does stands in cli.py."""

import sys
from pathlib import Path

# Python puts the folder of a script first on the path; the package this script belongs to is found one folder higher.
sys.path[0] = str(Path(__file__).resolve().parents[1])

from eval.cli import main  # noqa: E402 # only found once the path is set

if __name__ == "__main__":
    sys.exit(main())
