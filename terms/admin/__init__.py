"""The editor's way in. `embeddings/admin/` adds to the term's page what the space knows."""

from terms.admin import collections as collections
from terms.admin import imports as imports
from terms.admin import release as release
from terms.admin import term as term
from terms.admin import token as token
from terms.admin import user as user
