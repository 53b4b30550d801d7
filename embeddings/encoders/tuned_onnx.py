"""An adapted model for questions: its graph is made once a host, when it is first wanted."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from embeddings.encoders import Description, EncoderUnavailable, onnx, shipped
from embeddings.encoders.tuned import described

AGAIN_AFTER = 600  # seconds, before an export that failed is tried again

_at_work: list["subprocess.Popen[bytes]"] = []
_begun: dict[str, float] = {}


class TunedOnnxEncoder(onnx.OnnxEncoder):
    """Until its graph is there, questions by it are answered by names and words."""

    @classmethod
    def described(cls, argument: str) -> Description:
        return described(argument)

    @classmethod
    def check(cls, argument: str = "") -> None:
        """Raises EncoderUnavailable while this host has no graph, and has it made."""
        about = described(argument)
        if not onnx.path(about.sha256).is_file():
            make(argument)
            raise EncoderUnavailable(
                "the adapted model is being prepared for questions"
                f" (`manage.py export_onnx tuned:{argument}`)"
            )

    def __init__(self, argument: str) -> None:
        self.check(argument)
        super().__init__(about=replace(shipped.model(), description=described(argument)))


def make(argument: str) -> None:
    """Starts the export, which needs torch, in a short-lived process; one at a time."""
    now = time.monotonic()
    is_new = now - _begun.get(argument, -AGAIN_AFTER) >= AGAIN_AFTER
    if not is_new or any(process.poll() is None for process in _at_work):
        return
    _begun[argument] = now
    command = [sys.executable, "manage.py", "export_onnx", f"tuned:{argument}"]
    log = Path(settings.VAR) / "log" / "export_onnx.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as said:
        _at_work[:] = [subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=said, stderr=said)]
