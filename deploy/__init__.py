"""What an operator needs around the packages, and the demo."""
