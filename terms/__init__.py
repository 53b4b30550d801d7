"""The words: terms, senses, examples, bundles, and how they are found by name and read."""
