"""One root, and one class for each thing that can go wrong.

A class carries everything the outside may learn: ``code`` (stable, the last segment of the problem type),
``status`` (HTTP) and ``words`` (a Japanese sentence, also the message id of the catalogues). What only an operator
may learn goes into ``detail``, which is logged and never sent.
"""

from federation.errors.desks import (
    BadDeskCode,
    BadWish,
    BookingExists,
    BookingGone,
    BookingLapsed,
    BookingRefused,
    DeskTaken,
    NameNeeded,
    NotNow,
    PersonElsewhere,
    PlaceUnknown,
)
from federation.errors.identity import (
    BadPassword,
    Forbidden,
    FormExpired,
    NotSignedIn,
    SignInLocked,
    SignInRefused,
    TokenExpired,
    TokenRefused,
    TokenReplayed,
)
from federation.errors.municipality import BadCheckDigit, BadMunicipalityCode
from federation.errors.peers import FeedEpochGone, PeerAddressRefused, PeerAnsweredBadly, PeerRefused, PeerUnreachable
from federation.errors.request import (
    BadInput,
    Conflict,
    InternalError,
    MethodNotAllowed,
    NotFound,
    PlaceNotShown,
    PreconditionFailed,
    PreconditionMissing,
    TooLarge,
    TooMany,
    Unavailable,
)
from federation.errors.root import TachiyoriError
from federation.errors.running import AlreadyRunning, NotMigrated, PortTaken, ServerFailed, UnreadableFile
from federation.errors.trust import (
    AlreadyAMember,
    InvitationRefused,
    MemberSuspended,
    NotAMember,
    SecondOperatorNeeded,
    TrustBroken,
)

__all__ = [
    "AlreadyAMember",
    "AlreadyRunning",
    "BadCheckDigit",
    "BadDeskCode",
    "BadInput",
    "BadMunicipalityCode",
    "BadPassword",
    "BadWish",
    "BookingExists",
    "BookingGone",
    "BookingLapsed",
    "BookingRefused",
    "Conflict",
    "DeskTaken",
    "FeedEpochGone",
    "Forbidden",
    "FormExpired",
    "InternalError",
    "InvitationRefused",
    "MemberSuspended",
    "MethodNotAllowed",
    "NameNeeded",
    "NotAMember",
    "NotFound",
    "NotMigrated",
    "NotNow",
    "NotSignedIn",
    "PeerAddressRefused",
    "PeerAnsweredBadly",
    "PeerRefused",
    "PeerUnreachable",
    "PersonElsewhere",
    "PlaceNotShown",
    "PlaceUnknown",
    "PortTaken",
    "PreconditionFailed",
    "PreconditionMissing",
    "SecondOperatorNeeded",
    "ServerFailed",
    "SignInLocked",
    "SignInRefused",
    "TachiyoriError",
    "TokenExpired",
    "TokenRefused",
    "TokenReplayed",
    "TooLarge",
    "TooMany",
    "TrustBroken",
    "Unavailable",
    "UnreadableFile",
]
