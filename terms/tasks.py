from celery import shared_task

from terms import planned
from terms.models import Attempt, FormDraft, KeptAnswer, Miss


@shared_task(name="terms.forget_misses")
def forget_misses() -> None:
    Miss.objects.forget_older_than(days=90)
    Attempt.objects.forget_past()


@shared_task(name="terms.publish_due")
def publish_due() -> None:
    planned.publish_due()


@shared_task(name="terms.forget_answers")
def forget_answers() -> None:
    KeptAnswer.objects.forget_older_than(hours=24)


@shared_task(name="terms.forget_drafts")
def forget_drafts() -> None:
    FormDraft.objects.forget_older_than(days=30)
