"""A day in another town, on real processes: ``python -m tests.story``."""
