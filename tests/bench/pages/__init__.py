"""How fast pages are: beside other servers of the same entries, and in a browser.

`python -m tests.bench.pages`, or one of its parts. Tables are Markdown, for docs/benchmarks.md.
"""
