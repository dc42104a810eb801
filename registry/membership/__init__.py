"""Who belongs to the federation, and what the registry signs about them."""
