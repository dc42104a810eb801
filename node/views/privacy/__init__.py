"""Pages on what is kept of people, who saw it, and what went wrong with it."""

from federation.web.audience import Audience
from node.views.privacy import viewed

PAGES = ((viewed.blueprint, Audience.STAFF),)
"""Each with whom it is for."""
