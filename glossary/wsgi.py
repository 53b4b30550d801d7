"""The web process: granian serves `application`. It never imports torch."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "glossary.settings")
# No page needs longer; a runaway query ends here instead of holding a connection.
os.environ.setdefault("PGOPTIONS", "-c statement_timeout=15s -c lock_timeout=5s")
# The threads that granian makes after this have 2 MB of stack unless told otherwise, and OpenBLAS
# takes half a megabyte for each of the nested calls of a matrix product: the lab would end there.
os.environ.setdefault("RUST_MIN_STACK", str(16 * 1024**2))

application = get_wsgi_application()
