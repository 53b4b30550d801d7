"""Proposals: written by anybody who may, decided by those who are responsible."""
