"""What a town learns of somebody of ours who signs in there, scope by scope (OpenID Connect Core 1.0, 5.4)."""

from collections.abc import Callable, Iterable, Mapping

from federation.wording import phrase
from node.models.staff import Staff

_Facts = Mapping[str, str]

SCOPES: Mapping[str, Callable[[Staff], _Facts]] = {
    "openid": lambda _staff: {},
    "affiliation": lambda staff: {
        "section": staff.section,
        "authority": staff.authority,
        "employment": staff.employment,
    },
    "profile": lambda staff: {"name": staff.name},
}
"""Each scope with the claims it adds to the pairwise subject and the manner of the sign-in, which all of them tell."""

WORDS: Mapping[str, str] = {
    "openid": phrase("この団体だけで使われる、あなたを示す番号（職員番号ではありません）と、サインインの方法・日時"),
    "affiliation": phrase("所属、任命権者、任用区分"),
    "profile": phrase("氏名"),
}
"""The same for people, in the order in which they are shown."""


def facts(staff: Staff, scopes: Iterable[str]) -> dict[str, str]:
    """Return what these scopes tell of a person; what the directory does not know is not told as empty."""
    known = {name: value for scope in scopes if scope in SCOPES for name, value in SCOPES[scope](staff).items()}
    return {name: value for name, value in known.items() if value}
