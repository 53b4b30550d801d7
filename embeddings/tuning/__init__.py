"""Tuning: an adapter beside the shipped model, learned from the glossary's own pairs of texts.

`pairs` reads them, `adapters` says what is learned, `training` learns it, `figures` measures it on
terms that were held out, `work` carries a `Tuning` (models) out from its row in the database.
"""
