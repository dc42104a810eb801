"""Pages on what is kept of people, who saw it, and what went wrong with it."""

from federation.web.audience import Audience
from node.views.privacy import assistance, disclosures, erasures, incidents, papers, periods, viewed, visitorerasures

PAGES = (
    (assistance.blueprint, Audience.STAFF),
    (viewed.blueprint, Audience.STAFF),
    (periods.blueprint, Audience.ADMIN),
    (incidents.blueprint, Audience.RECEPTION),
    (incidents.personnel, Audience.PERSONNEL),
    (papers.admin, Audience.ADMIN),
    (papers.personnel, Audience.PERSONNEL),
    (disclosures.admin, Audience.ADMIN),
    (disclosures.personnel, Audience.PERSONNEL),
    (visitorerasures.blueprint, Audience.ADMIN),
    (erasures.blueprint, Audience.PERSONNEL),
)
"""Each with whom it is for."""
