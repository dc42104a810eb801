"""The one door to Flask that both applications share: what every page and every answer has in common."""
