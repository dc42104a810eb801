"""What people meet in a real browser, on the demo's real processes."""
