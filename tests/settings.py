"""The settings of the tests: the real ones, with data of their own and a fast encoder."""

import os
import tempfile

# A folder for each run, so that two runs at once do not meet; tests/conftest.py removes it.
os.environ.setdefault("LEXISPACE_VAR", tempfile.mkdtemp(prefix="lexispace-tests-"))
os.environ.setdefault("LEXISPACE_ENCODER", "hashing")
os.environ.setdefault("LEXISPACE_LOG_LEVEL", "WARNING")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

from glossary.settings import *  # noqa: F403

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
