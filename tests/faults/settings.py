"""The settings of the worker and beat in the fault tests: the tests' own, with faults at hand."""

from tests.settings import *  # noqa: F403
from tests.settings import DATABASES, ENCODERS, INSTALLED_APPS

# pytest-django's database, which the test process writes to.
DATABASES["default"]["NAME"] = "test_" + DATABASES["default"]["NAME"]
INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults"]
ENCODERS = ENCODERS | {"faulty": "tests.faults.encoders.FaultyEncoder"}
