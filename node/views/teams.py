"""同僚と一緒に予約する: choosing desks and colleagues, one look at all of it, one press, and how it stands with everybody."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from http import HTTPStatus

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from federation.errors import BookingRefused, PersonElsewhere, SurerSignInNeeded
from federation.messages.booking import OCCUPYING, Alternative, Reason
from federation.web.tongue import say
from federation.wording import phrase
from node.home import forecasts, needs, series, teams, trips, wishes
from node.home.series import Foreseen
from node.home.trips import Wish
from node.models.teams import Team
from node.views import answered, declared, gathered, town, wished
from node.views.answered import Answered
from node.views.gathered import Gathered
from node.views.proposing import Proposal
from node.views.session import me, signed_in, surer
from node.views.shown import Shown, said, shown

blueprint = Blueprint("teams", __name__)
"""For ``Audience.STAFF``."""

_SURE = frozenset({"free", "approval"})
"""Outcomes with which a team is begun: nobody's time is kept for a host that is silent already."""
_ELSEWHERE = phrase("この方には、同じ時間帯に別の予約があります。")
_UNREAD = phrase("利用上の注意を読み、「確認しました」を選択してください。")


@blueprint.get("/book/team")
def gather() -> Response:
    """Show the form; once it is whole (``step=check``), who would sit where and what would come of it."""
    whole = request.args.get("step") == "check"
    it = gathered.read(request.args, whole=whole)
    return _confirmation(it, _foresee(it)) if whole and not it.errors else _form(it)


@blueprint.post("/book/team")
def book() -> Response:
    """Ask for all of it, and go to the team; what stands in the way is said with all that was filled in."""
    team_id = declared.number(request.form.get("team", ""))
    if teams.is_known(town(), team_id, me().id):
        return _to(team_id)
    it = gathered.read(request.form, whole=True)
    if it.errors:
        return _form(it)
    foreseen, version = _foresee(it), request.form.get("consent_version", "")[:300]
    confirmed = declared.confirmed_at(it.at, version)
    errors = declared.missing(request.form, confirmed=confirmed is not None)
    unread = foreseen[0].forecast.unconfirmed
    if unread is not None and unread.version != version:
        errors["consent"] = say(_UNREAD)
    if errors:
        return _confirmation(it, foreseen, errors=errors, status=HTTPStatus.BAD_REQUEST)
    if not _all_sure(foreseen):
        return _in_the_way(it, foreseen, team_id)
    if version and confirmed is None:
        declared.remember_consent(it.at, version)
    asked = [replace(each.wish, consent_version=each.forecast.rules_version) for each in foreseen]
    return _to(team_id) if _is_asked(team_id, asked) else _in_the_way(it, _foresee(it), team_id)


def _is_asked(team_id: str, wishes: Sequence[Wish]) -> bool:
    """Ask for all of it; say whether nothing stood in the way."""
    try:
        teams.ask(town(), team_id, wishes, me(), signed_in(), now=town().clock())
    except PersonElsewhere:
        return False
    except BookingRefused as no:
        # Each seat by itself would do; together they cost more than is left.
        for words in said([each for each in no.reasons if isinstance(each, Reason)]):
            flash(words, "error")
        return False
    return True


def _to(team_id: object) -> Response:
    return redirect(url_for("teams.show", team_id=team_id), HTTPStatus.SEE_OTHER)


def _in_the_way(it: Gathered, foreseen: Sequence[Foreseen], team_id: str) -> Response:
    """Show what stands in the way, unless that is this very team, asked for by a press a moment ago."""
    if teams.is_known(town(), team_id, me().id):
        return _to(team_id)
    return _confirmation(it, foreseen, status=HTTPStatus.CONFLICT)


@blueprint.get("/teams/<uuid:team_id>")
def show(team_id: object) -> str:
    """Show how it stands with everybody, to who asked and to those who sit there."""
    now = town().clock()
    with town().storage.transaction() as db:
        team = teams.get(db, str(team_id), me().id)
        seats = [shown(seat.trip, now=now) for seat in team.seats]
        unapproved = needs.waits(db, *(seat.trip_id for seat in team.seats))
    mine = team.by_id == me().id
    form = _again(seats) if mine and seats[0].trip.start > now else ""
    return render_template(
        "team.html",
        team=team,
        seats=[_Seat(it, _instead_of(seats, it) if form else ()) for it in seats],
        mine=mine,
        unapproved=unapproved,
        whole=all(seat.trip.state in OCCUPYING | {"completed"} for seat in seats),
        until=team.made_at + teams.PATIENCE,
        standing=_standing(team) if mine else 0,
        form=form,
        surer=surer(form) if form and seats[0].trip.cause == SurerSignInNeeded.code else "",
    )


@blueprint.post("/teams/<uuid:team_id>/cancel")
def cancel(team_id: object) -> Response:
    """Cancel everybody's desk; hosts that are away hear of it later."""
    ended = teams.cancel(town(), str(team_id), me(), now=town().clock())
    flash(say(phrase("%(count)s席の予約の取消しを受け付けました。"), count=ended), "success")
    return _to(team_id)


# --- The form and the look at all of it ---------------------------------------------------------------------------


def _form(it: Gathered) -> Response:
    page = render_template(
        "gather.html",
        it=it,
        line=it.line,
        errors=it.errors,
        options=gathered.choices(it),
        most=teams.MOST,
        back=it.at.link(it.line.when) if it.line.when else "",
        choices=wished,
    )
    return make_response(page, HTTPStatus.BAD_REQUEST if it.errors else HTTPStatus.OK)


def _foresee(it: Gathered) -> Sequence[Foreseen]:
    """Say what would come of each seat, with what is declared so far."""
    if it.line.when is None:
        return ()
    declaration = declared.chosen(request.values)
    pairs = zip(it.chosen, it.people, strict=True)
    return series.foresee(town(), [offer.wish(person.id, it.line.when, declaration) for offer, person in pairs])


def _all_sure(foreseen: Sequence[Foreseen]) -> bool:
    return all(each.forecast.outcome in _SURE for each in foreseen)


def _confirmation(
    it: Gathered,
    foreseen: Sequence[Foreseen],
    *,
    errors: Mapping[str, str] | None = None,
    status: int = HTTPStatus.OK,
) -> Response:
    outcomes = {each.forecast.outcome for each in foreseen}
    ready = _all_sure(foreseen)
    beyond = forecasts.beyond(town(), [each.wish for each in foreseen]) if ready else None
    page = render_template(
        "team_check.html",
        it=it,
        line=it.line,
        errors=errors or {},
        seats=[_looked_at(it, position, each) for position, each in enumerate(foreseen)],
        ready=ready,
        beyond=beyond,
        beyond_why=said(beyond.reasons) if beyond is not None else (),
        outcomes=outcomes,
        price=sum(each.wish.price_yen for each in foreseen),
        **declared.form("team", foreseen[0].forecast.unconfirmed),
    )
    return make_response(page, status)


@dataclass(frozen=True)
class _Place:
    """One seat before it is asked for."""

    name: str
    section: str
    answer: Answered


def _looked_at(it: Gathered, position: int, foreseen: Foreseen) -> _Place:
    person, wish = it.people[position], foreseen.wish
    answer = answered.foreseen(foreseen)
    if answer.outcome == "elsewhere" and position > 0:
        # Where a colleague will be is theirs to tell.
        answer = replace(answer, reasons=(say(_ELSEWHERE),))
    instead = _in_place_of(it.desks, position, it.numbers, foreseen.forecast.alternatives, wish.site.name)
    return _Place(person.name, person.section, replace(answer, proposals=instead))


def _in_place_of(
    desks: Sequence[str], position: int, numbers: Sequence[str], alternatives: Iterable[Alternative], site: str
) -> tuple[Proposal, ...]:
    """Return what a host proposes for one seat at the same site, each with the form that has it in that seat's place."""
    host, found = desks[position].rpartition("/desks/")[0], []
    for other in alternatives:
        url = f"{host}/desks/{other.desk}"
        if (url in desks and url != desks[position]) or other.site_name not in {"", site}:
            continue
        when = wishes.around(other.start.astimezone(UTC), other.end.astimezone(UTC))
        changed = [url if each == desks[position] else each for each in desks]
        found.append(Proposal(other, when, gathered.address(changed, when, numbers)))
    return tuple(found)


# --- The team ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Seat:
    """One seat as the team's page shows it, and what would do in its place."""

    it: Shown
    proposals: tuple[Proposal, ...]


def _standing(team: Team) -> int:
    now = town().clock()
    return sum(teams.may_be_cancelled(seat.trip, now=now) for seat in team.seats)


def _urls(seats: Sequence[Shown]) -> list[str]:
    return [f"{seat.trip.host}/desks/{seat.trip.desk_id}" for seat in seats]


def _numbers(seats: Sequence[Shown]) -> list[str]:
    return [seat.trip.staff.number for seat in seats[1:]]


def _again(seats: Sequence[Shown]) -> str:
    """Return the form with the same desks and people."""
    when = wishes.around(seats[0].trip.start, seats[0].trip.end)
    return gathered.address(_urls(seats), when, _numbers(seats))


def _instead_of(seats: Sequence[Shown], it: Shown) -> tuple[Proposal, ...]:
    instead = trips.alternatives_of(it.trip)
    return _in_place_of(_urls(seats), seats.index(it), _numbers(seats), instead, it.site.name)
