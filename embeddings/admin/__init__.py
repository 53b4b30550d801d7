"""What the space adds to the admin: states of senses, hints, spaces, outbox."""

from embeddings.admin import directions as directions
from embeddings.admin import pinned as pinned
from embeddings.admin import spaces as spaces
from embeddings.admin import term as term
from embeddings.admin import tuning as tuning
