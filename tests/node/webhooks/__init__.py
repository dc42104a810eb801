"""What the town's own programs hear."""
