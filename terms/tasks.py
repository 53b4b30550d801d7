from celery import shared_task

from terms import import_runs, planned
from terms.models import Attempt, FormDraft, ImportRun, KeptAnswer, Miss, TopicCoverage
from terms.proposing import outcomes

IMPORT_SECONDS = 3_600


@shared_task(name="terms.forget_misses")
def forget_misses() -> None:
    Miss.objects.forget_older_than(days=90)
    Attempt.objects.forget_past()


@shared_task(name="terms.publish_due")
def publish_due() -> None:
    planned.publish_due()


@shared_task(name="terms.count_coverage")
def count_coverage() -> None:
    TopicCoverage.objects.recount()


@shared_task(name="terms.forget_answers")
def forget_answers() -> None:
    KeptAnswer.objects.forget_older_than(hours=24)


@shared_task(name="terms.import_waiting", time_limit=IMPORT_SECONDS)
def import_waiting() -> None:
    """A message is only a doorbell: which files wait stands in the database."""
    import_runs.carry_out_waiting()


@shared_task(name="terms.forget_uploads")
def forget_uploads() -> None:
    ImportRun.objects.forget_uploads(hours=24)


@shared_task(name="terms.forget_drafts")
def forget_drafts() -> None:
    FormDraft.objects.forget_older_than(days=30)


@shared_task(name="terms.tell_proposers")
def tell_proposers() -> None:
    outcomes.tell_proposers()
