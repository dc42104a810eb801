"""The negative corpus: what a node must refuse, case by case, tried over HTTP against real processes."""
