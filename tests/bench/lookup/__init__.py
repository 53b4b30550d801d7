"""Look-up over all of WordNet, beside other systems on the same texts, vectors and questions."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[3] / ".bench"  # what is built once; ignored by git
