from celery import shared_task

from terms.models import Attempt, Miss


@shared_task(name="terms.forget_misses")
def forget_misses() -> None:
    Miss.objects.forget_older_than(days=90)
    Attempt.objects.forget_past()
