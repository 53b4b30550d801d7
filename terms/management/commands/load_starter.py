from typing import Any

from django.core.management.base import BaseCommand

from terms import starter


class Command(BaseCommand):
    help = "Load the starter glossary into an empty glossary. Does nothing in any other."

    def handle(self, *args: Any, **options: Any) -> None:
        if count := starter.load():
            self.stdout.write(self.style.SUCCESS(f"Loaded the starter glossary: {count} terms."))
