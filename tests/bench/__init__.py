"""Measures what we do beside the barest thing that could be done, alternating in one run; only ratios are to be quoted."""
