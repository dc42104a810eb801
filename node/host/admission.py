"""Who is let in at all: what the host's blocks and an agreement's 当人認証保証レベル say of one person on one day."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from federation.rules import AuthorityAgreed, NotBlocked, SureEnough
from node.host.homes import Home
from node.models.agreements import Agreement
from node.models.blocks import Block
from node.people import assurance


def against(db: Session, home: Home, subs: Collection[str]) -> Sequence[Block]:
    """Return the blocks that may concern these people of a home; our own people are a matter of our own conditions."""
    if home.is_own:
        return ()
    theirs = select(Block).where(Block.home_code == home.code, Block.ended_at.is_(None))
    return db.scalars(theirs.where(or_(Block.sub == "", Block.sub.in_(subs)))).all()


def condition(blocks: Sequence[Block], sub: str, day: date) -> NotBlocked:
    """Return what some blocks say of one person on one day."""
    holding = [one.until_on for one in blocks if one.sub in {"", sub} and one.from_on <= day <= one.until_on]
    return NotBlocked(max(holding, default=None))


def sureness(agreement: Agreement | None, acr: str | None) -> SureEnough:
    """Return what an agreement asks of the sign-in of who books; ``acr`` is None where nobody is judged by it.

    A booking without a person's own token shows no more than its home's word, which is the first level.
    """
    shown = None if acr is None else assurance.level_of(acr)
    return SureEnough(agreement.assurance if agreement is not None else 1, shown)


def serving(agreement: Agreement | None, shown: str | None) -> AuthorityAgreed:
    """Return what an agreement asks of the 任命権者 of who comes; ``shown`` is as in the condition."""
    return AuthorityAgreed(tuple(agreement.authorities) if agreement is not None else (), shown)
