"""What our own town has stopped: none of our people may book under a suspended agreement, whether or not its host knows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from federation import rules
from federation.members import Member
from federation.wording import phrase
from node.models.offered import OfferedAgreement, OfferedVersion

EVERY = ""
"""Stands for every site of a host."""


@dataclass(frozen=True)
class NotStopped:
    """No suspended agreement alone brings our people there; by host, the sites of what is ``stopped`` and what ``stands``."""

    stopped: Mapping[str, Collection[str]]
    stands: Mapping[str, Collection[str]]

    def judge(self, wish: rules.Wish) -> rules.Answer:
        """Look the host's site up: stopped, and by no other agreement open."""
        here = {EVERY, wish.site_id}
        if here.isdisjoint(self.stopped.get(wish.host_code, ())) or not here.isdisjoint(
            self.stands.get(wish.host_code, ())
        ):
            return rules.Yes()
        return rules.No(
            "agreement-stopped",
            phrase("所属団体がこの団体との協定による利用を停止しています。"),
            {},
            phrase("再開の見込みは、所属団体の人事担当に確認してください。"),
        )


def conditions(db: Session) -> tuple[rules.Condition, ...]:
    """Return the condition our own stops make; none where nothing is stopped, which costs one small statement."""
    stops = db.scalars(select(OfferedAgreement).where(OfferedAgreement.suspended_at.is_not(None))).all()
    if not stops:
        return ()
    hosts = {one.host for one in stops}
    members = db.scalars(select(Member).where(Member.entity_id.in_(hosts)))
    codes = {row.entity_id: row.code for row in members}
    later = aliased(OfferedVersion)
    newest = select(func.max(later.number)).where(later.offered_id == OfferedAgreement.id).scalar_subquery()
    rows = db.execute(
        select(OfferedAgreement, OfferedVersion.number, OfferedVersion.terms)
        .join(OfferedVersion, OfferedVersion.offered_id == OfferedAgreement.id)
        # Where we were never told the version in force, the newest stands for it: a stop holds whatever a host says.
        .where(OfferedAgreement.host.in_(hosts), OfferedVersion.number.in_((OfferedAgreement.in_force, newest)))
        .order_by(OfferedVersion.number)
    )
    sites: dict[str, tuple[OfferedAgreement, list[str]]] = {}
    for one, number, terms in rows:
        if one.in_force in {0, number} or one.id not in sites:
            sites[one.id] = (one, list(terms.get("site_ids") or [EVERY]))
    stopped: dict[str, set[str]] = {}
    stands: dict[str, set[str]] = {}
    for one, theirs in sites.values():
        if one.suspended_at is not None:
            stopped.setdefault(codes.get(one.host, ""), set()).update(theirs)
        elif one.in_force and one.host_suspended_at is None:
            stands.setdefault(codes.get(one.host, ""), set()).update(theirs)
    return (NotStopped(stopped, stands),)
