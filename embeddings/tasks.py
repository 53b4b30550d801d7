"""Celery's entry points: thin, idempotent, without arguments."""

import logging
import time

from celery import shared_task

from embeddings import calibration, cartography, indexes, pipeline, rolling
from embeddings import survey as surveying
from embeddings.encoders import Encoder, EncoderUnavailable, load
from embeddings.lab import backdrop, graph
from embeddings.models import Direction, Space, Tuning

log = logging.getLogger(__name__)

LAYOUT_SECONDS = 1_800  # a map of 147,000 terms takes minutes
TUNE_SECONDS = 12 * 3_600  # it goes on from its checkpoint when it is rung for again
SLICE_SECONDS = 20  # then the task rings for the next one, so that workers share and can stop


@shared_task(name="embeddings.embed_due")
def embed_due() -> None:
    """Embeds what is due in every space that is kept up."""
    for space in Space.objects.kept_up():
        space.pending.release_orphaned()
        due = space.pending.due().exists()
        space.attend(space.error if due else "")
        try:
            if due:
                work(space, load(space.encoder))
        except EncoderUnavailable as error:
            log.error("space %s: %s", space, error)
            space.attend(str(error))


def work(space: Space, encoder: Encoder) -> None:
    """Embeds for a slice of time: fresh rows in batches, suspects one at a time between them."""
    begun, done = time.monotonic(), 0
    for rows in pipeline.work_off(space, encoder):
        done += rows
        taken = time.monotonic() - begun
        space.attend(pace=done / taken)
        if taken > SLICE_SECONDS and space.pending.due().exists():
            embed_due.delay()
            return
    calibration.refresh(space)


@shared_task(name="embeddings.check_texts")
def check_texts() -> None:
    """Compares a slice of the stored text hashes with the texts, for what no trigger saw."""
    for space in Space.objects.kept_up():
        if rolling.check(space):
            embed_due.delay()


@shared_task(name="embeddings.build_indexes")
def build_indexes() -> None:
    """Builds or drops the approximate indexes as spaces grow, come and go."""
    indexes.maintain()


@shared_task(name="embeddings.lay_out", time_limit=LAYOUT_SECONDS)
def lay_out() -> None:
    """Draws the serving space's maps anew where they no longer are what the glossary is."""
    space = Space.objects.serving()
    with cartography.one_at_a_time() as is_ours:
        if space is None or not is_ours:
            return
        for language in cartography.languages(space):
            if cartography.is_due(space, language):
                cartography.lay_out(space, language)


@shared_task(name="embeddings.tune", time_limit=TUNE_SECONDS)
def tune() -> None:
    """Carries out the tunings that wait, and those whose worker ended, one after the other."""
    if Tuning.objects.at_work().exists():
        from embeddings.tuning.work import carry_out_waiting  # imports torch

        carry_out_waiting()


@shared_task(name="embeddings.set_backdrop")
def set_backdrop() -> None:
    """Measures what the lab stands before and learns its directions, where vectors have changed."""
    space = Space.objects.serving()
    if space is None:
        return
    for language in cartography.languages(space):
        if backdrop.is_due(space, language):
            try:
                backdrop.measure(space, language)
            except EncoderUnavailable as error:
                log.error("no backdrop of space %s: %s", space, error)
            Direction.objects.learn(space, language)


@shared_task(name="embeddings.set_graph", time_limit=LAYOUT_SECONDS)
def set_graph() -> None:
    """Finds anew who neighbours whom, where vectors have changed."""
    space = Space.objects.serving()
    for language in cartography.languages(space) if space else ():
        if graph.is_due(space, language):
            graph.measure(space, language)


@shared_task(name="embeddings.survey")
def survey() -> None:
    """Measures where a slice of the senses stands, while nothing waits to be embedded."""
    space = Space.objects.serving()
    if space is None or space.pending.due().exists() or not surveying.is_due(space):
        return
    try:
        surveying.survey(space, load(space.encoder))
    except EncoderUnavailable as error:
        log.error("no survey of space %s: %s", space, error)
