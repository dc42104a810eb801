"""The registry's tables, one noun a file."""

from registry.models.base import Base
from registry.models.demand import UnmetSearch
from registry.models.listings import (
    Desk,
    Emergency,
    FeedFault,
    FeedReading,
    Freedom,
    FreeRange,
    Offer,
    OfferHome,
    OfferRoom,
    OfferSite,
    Site,
)
from registry.models.membership import Admission, Enrolment, Invitation, Signed, Suspension
from registry.models.operators import Operator
from registry.models.places import Place, Station

__all__ = [
    "Admission",
    "Base",
    "Desk",
    "Emergency",
    "Enrolment",
    "FeedFault",
    "FeedReading",
    "FreeRange",
    "Freedom",
    "Invitation",
    "Offer",
    "OfferHome",
    "OfferRoom",
    "OfferSite",
    "Operator",
    "Place",
    "Signed",
    "Site",
    "Station",
    "Suspension",
    "UnmetSearch",
]
