"""A page that shows every part of the design at once, for looking at it and for axe; no application serves it."""
