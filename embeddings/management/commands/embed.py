from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from embeddings import calibration, indexes, pipeline, rolling
from embeddings.encoders import EncoderUnavailable, load
from embeddings.models import Space


class Command(BaseCommand):
    help = (
        "Embed whatever is due, here and now, without a worker. Texts that have not changed are not"
        " embedded again. Safe to stop and to run beside workers."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for space in Space.objects.kept_up():
            rolling.check_all(space)
            self._embed(space)
        indexes.maintain()

    def _embed(self, space: Space) -> None:
        waiting = space.progress().waiting
        if not waiting:
            self.stdout.write(f"{space}: every sense is embedded.")
            return
        try:
            encoder = load(space.encoder)
            with tqdm(total=waiting, unit="sense", desc=str(space), disable=None) as bar:
                for done in pipeline.work_off(space, encoder):
                    bar.update(done)
        except EncoderUnavailable as error:
            raise CommandError(f"{space}: {error}") from error
        calibration.refresh(space)
        progress = space.progress()
        self.stdout.write(f"{space}: {progress.embedded} embedded, {progress.parked} parked.")
