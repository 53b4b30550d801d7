"""Measures what docs/benchmarks.md reports: `python -m tests.bench`, or the parts that are named.

Nothing here is a test: figures depend on the machine, so that ratios are taken within one run.
"""
