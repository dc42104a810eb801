"""What each municipality runs: home for its own staff, host for its desks."""
