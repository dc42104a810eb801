"""Pages on what is kept of people, who saw it, and what went wrong with it."""

from federation.web.audience import Audience
from node.views.privacy import periods, viewed

PAGES = ((viewed.blueprint, Audience.STAFF), (periods.blueprint, Audience.ADMIN))
"""Each with whom it is for."""
