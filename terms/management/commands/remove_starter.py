from typing import Any

from django.core.management.base import BaseCommand

from terms import starter


class Command(BaseCommand):
    help = "Take the starter glossary out again. Whatever was edited or added since stays."

    def handle(self, *args: Any, **options: Any) -> None:
        removed, kept = starter.remove()
        self.stdout.write(
            self.style.SUCCESS(f"Removed {removed} starter terms; {kept} stay, edited or added to.")
        )
