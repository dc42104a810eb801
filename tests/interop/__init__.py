"""Real processes that talk to each other, with what real networks and machines do to them."""
