"""An adapted model for questions: its graph is made once a host, when it is first wanted."""

import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

from embeddings.encoders import Description, EncoderUnavailable, onnx
from embeddings.encoders.tuned import described

AGAIN_AFTER = 600  # seconds, before an export that failed is tried again

_at_work: list["subprocess.Popen[bytes]"] = []
_begun: dict[str, float] = {}


class TunedOnnxEncoder(onnx.OnnxEncoder):
    """Until its graph is there, questions by it are answered by names and words."""

    @classmethod
    def described(cls, argument: str) -> Description:
        return described(argument)

    def __init__(self, argument: str) -> None:
        self.description = described(argument)
        graph = onnx.path(self.description.sha256)
        if not graph.is_file():
            make(argument)
            raise EncoderUnavailable(
                "the adapted model is being prepared for questions (`manage.py export_onnx`)"
            )
        super().__init__(graph)


def make(argument: str) -> None:
    """Starts the export, which needs torch, in a short-lived process; one at a time."""
    now = time.monotonic()
    is_new = now - _begun.get(argument, -AGAIN_AFTER) >= AGAIN_AFTER
    if not is_new or any(process.poll() is None for process in _at_work):
        return
    _begun[argument] = now
    command = [sys.executable, "manage.py", "export_onnx", "--tuned", argument]
    log = Path(settings.VAR) / "log" / "export_onnx.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as said:
        _at_work[:] = [subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=said, stderr=said)]
