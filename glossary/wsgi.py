"""The web process: granian serves `application`. It never imports torch."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glossary.settings")
# No page needs longer; a runaway query ends here instead of holding a connection.
os.environ.setdefault("PGOPTIONS", "-c statement_timeout=15s -c lock_timeout=5s")

application = get_wsgi_application()
