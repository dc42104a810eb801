"""What our staff do elsewhere: search, trips, attendance."""
