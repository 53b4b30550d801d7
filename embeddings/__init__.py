"""The space: every sense as vectors, kept true by triggers and workers, and what is asked of it."""
