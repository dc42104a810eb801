"""What this town offers others: its sites, hours, agreements, and the one writer of its desks' calendar."""
