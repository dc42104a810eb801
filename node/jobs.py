"""What a town does by itself: one table of jobs, each a plain function that may run twice at once without harm."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

from federation import outbox, replay
from federation.errors import TachiyoriError
from federation.scheduler import Job
from federation.web import logs
from node import incidents, leaving, marks, rekeying, retention, yearlists
from node.home import (
    answering,
    approvals,
    asking,
    doorclosing,
    feedback,
    following,
    mailing,
    moves,
    reminders,
    rollcalls,
    teams,
    waiting,
)
from node.home import emergencies as heard
from node.host import (
    assistance,
    bookings,
    confirmations,
    emergencies,
    noshows,
    publications,
    reasking,
    rounds,
    suspension,
    untold,
    wanted,
)
from node.host import feedback as voices
from node.host.sheets import carrying, keeping
from node.joining import has_joined
from node.people import allowances, attempts, endings, resets, sessions
from node.people.provider import codes, pushed
from node.pings import FOLLOW, Pings, follower, hear_demand, hear_harvest, keep_status
from node.town import Town
from node.webhooks.sending import Sender

_log = logging.getLogger(__name__)

_MOST_DESKS = 50
"""So many desks are told anew in one transaction, so that nobody waits long for the feed's counter."""


def jobs(town: Town) -> list[Job]:
    """Return the table of one town's jobs; before it has joined only those that call nobody."""
    pings, sender = Pings(town), Sender(town)
    at_home: dict[str, tuple[Callable[[], object], timedelta]] = {
        "promises": (lambda: deliver(town), timedelta(seconds=1)),
        "wishes": (lambda: asking.lapse(town, now=town.clock()), timedelta(seconds=30)),
        "waiting": (lambda: waiting.go_on(town, now=town.clock()), timedelta(seconds=20)),
        "teams": (lambda: teams.go_on(town, now=town.clock()), timedelta(seconds=10)),
        "approvals": (lambda: approvals.go_on(town, now=town.clock()), timedelta(seconds=10)),
        "holds": (lambda: lapse_holds(town), timedelta(seconds=30)),
        "visits over": (lambda: close_visits(town), timedelta(minutes=1)),
        "absent": (lambda: release_absent(town), timedelta(seconds=10)),
        "starts": (lambda: remind_of_starts(town), timedelta(minutes=1)),
        "night doors": (lambda: tell_night_doors(town), timedelta(minutes=1)),
        "departures": (lambda: follow_departures(town), timedelta(seconds=10)),
        "staff lists": (lambda: yearlists.carry_out(town.storage, now=town.clock()), timedelta(minutes=1)),
        "free times": (lambda: untold.tell(town.storage), timedelta(seconds=0.5)),
        "suspensions": (lambda: freeze(town), timedelta(minutes=1)),
        "emergencies": (lambda: end_emergencies(town), timedelta(seconds=10)),
        "imports": (lambda: carry_on_imports(town), timedelta(seconds=1)),
        "horizon": (lambda: roll_horizon(town), timedelta(minutes=30)),
        "pools": (lambda: release_pools(town), timedelta(minutes=1)),
        "voices": (lambda: tell_voices(town), timedelta(hours=1)),
        "agreements": (lambda: tell_agreements(town), timedelta(hours=1)),
        "webhooks": (lambda: send_webhooks(sender), timedelta(seconds=2)),
        "purge": (lambda: purge(town), timedelta(hours=1)),
    }
    by_mail: dict[str, tuple[Callable[[], object], timedelta]] = {
        "letters": (lambda: post_letters(town), timedelta(seconds=5)),
        "reminders": (lambda: remind(town), timedelta(minutes=5)),
    }
    abroad: dict[str, tuple[Callable[[], object], timedelta]] = {
        "pings": (pings.send, timedelta(seconds=0.5)),
        "members": (lambda: town.members.refresh(town.clock()), timedelta(minutes=2)),
        "own keys": (lambda: rekeying.keep_told(town), timedelta(seconds=30)),
        "status": (lambda: keep_status(town), timedelta(seconds=60)),
        "mark": (lambda: marks.renew(town), timedelta(minutes=1)),
        "emergencies elsewhere": (lambda: heard.refresh(town, town.clock()), timedelta(seconds=60)),
        "harvest": (lambda: hear_harvest(town), timedelta(minutes=2)),
        "demand": (lambda: hear_demand(town), wanted.ASKED_EVERY),
        "visits elsewhere": (lambda: follow_hosts(town), timedelta(seconds=60)),
    }
    table = at_home | (by_mail if town.config.smtp else {}) | (abroad if has_joined(town.config) else {})
    code = town.config.code
    return [Job(f"{code} {name}", _speaking_for(code, work), period, code) for name, (work, period) in table.items()]


def all_jobs(towns: Iterable[Town]) -> list[Job]:
    """Return the jobs of all towns of an installation, each marked with its code in name and log.

    Each town has threads of its own: one whose partners are silent keeps no other from hearing of a suspension.
    """
    return [job for town in towns for job in jobs(town)]


def _speaking_for(code: str, work: Callable[[], object]) -> Callable[[], object]:
    """Mark what a job logs with its town; that another party does not answer is a line, and no failure of the job."""

    def run() -> object:
        with logs.speaking_for(code):
            try:
                return work()
            except TachiyoriError as error:
                _log.warning("%s: %s", error.code, error.detail)
                return None

    return run


def deliver(town: Town) -> outbox.Delivered:
    """Keep the promises that are due: wishes, cancellations and events to hosts, feeds we were pinged about."""
    carriers = {
        **asking.carriers(town),
        **moves.carriers(town),
        **feedback.carriers(town),
        **rollcalls.carriers(town),
        **incidents.carriers(town),
        **leaving.carriers(town),
        **confirmations.carriers(town),
        **answering.carriers(town),
        FOLLOW: follower(town),
    }
    return outbox.deliver(town.storage, carriers, now=town.clock())


def post_letters(town: Town) -> outbox.Delivered:
    """Hand letters that are due to the town's mail server, beside the promises: a slow server holds up no booking."""
    smtp = town.config.smtp
    carriers = mailing.carriers(town, smtp) if smtp else {}
    return outbox.deliver(town.storage, carriers, now=town.clock())


def send_webhooks(sender: Sender) -> outbox.Delivered:
    """Send to the town's own programs what they are to hear, beside the promises: a slow one holds up no booking."""
    return outbox.deliver(sender.storage, sender.carriers(), now=sender.now(), limit=20)


def remind(town: Town) -> int:
    """Promise the letters of the evening before."""
    with town.storage.transaction(write=True) as db:
        return reminders.remind(db, now=town.clock())


def follow_hosts(town: Town) -> dict[str, str]:
    """Read the visits feed of every host where we have a booking; a lost ping costs no more than this job's period."""
    return following.follow_all(town, following.sources(town), now=town.clock())


def lapse_holds(town: Town) -> int:
    """Let go of holds whose time is over."""
    with town.storage.transaction(write=True) as db:
        return rounds.lapse_holds(db, town.clock())


def close_visits(town: Town) -> int:
    """Let visits that are over be completed, or no-shows."""
    with town.storage.transaction(write=True) as db:
        return rounds.close_visits(db, town.clock())


def release_absent(town: Town) -> int:
    """Offer the desks of those to others who have not come within their site's grace."""
    with town.storage.transaction(write=True) as db:
        return noshows.release_absent(db, town.clock())


def remind_of_starts(town: Town) -> int:
    """Tell who has not come yet that their time is about to begin."""
    with town.storage.transaction(write=True) as db:
        return reminders.before_start(db, now=town.clock())


def tell_night_doors(town: Town) -> int:
    """Tell who is still in another town's building by which door to leave."""
    with town.storage.transaction(write=True) as db:
        return doorclosing.tell_night_door(db, now=town.clock())


def freeze(town: Town) -> int:
    """Freeze what suspended homes have booked, and thaw what the registry has restored."""
    with town.storage.transaction(write=True) as db:
        return suspension.follow_suspensions(db, town.clock())


def follow_departures(town: Town) -> int:
    """End everything of those whose last day has come."""
    with town.storage.transaction(write=True) as db:
        return leaving.follow_departures(db, now=town.clock())


def end_emergencies(town: Town) -> int:
    """Put back what a 災害時臨時開放 opened, once its time has come."""
    with town.storage.transaction(write=True) as db:
        return emergencies.end_due(db, town.clock())


def carry_on_imports(town: Town) -> int:
    """Carry out the imports that were begun, whoever began them. Returns how many."""
    return carrying.carry_on_all(town.storage, town.config, now=town.clock())


def roll_horizon(town: Town) -> int:
    """Tell the registry anew when desks are free: each day one more comes within the horizon. Returns how many desks."""
    told, more = 0, _MOST_DESKS
    while more == _MOST_DESKS:
        with town.storage.transaction(write=True) as db:
            more = rounds.roll_horizon(db, town.clock(), limit=_MOST_DESKS)
        told += more
    return told


def release_pools(town: Town) -> int:
    """Offer to everybody what was kept and is free, when its time has come."""
    with town.storage.transaction(write=True) as db:
        return rounds.release_pools(db, town.clock())


def tell_agreements(town: Town) -> int:
    """Tell towns anew of agreements that never reached them. Returns how many."""
    with town.storage.transaction(write=True) as db:
        return reasking.remind(db, town.clock())


def tell_voices(town: Town) -> int:
    """Publish what visitors say of rooms, where enough have said something new."""
    with town.storage.transaction(write=True) as db:
        return voices.refresh(db, town.clock())


def purge(town: Town) -> None:
    """Drop what has served its time: names of visitors, dead marks, old tombstones, the log's oldest years."""
    now = town.clock()
    with town.storage.transaction(write=True) as db:
        until = retention.names_until(db, now)
        gone = rounds.purge_names(db, until, retention.held_back(db))
        retention.note(db, "names", gone, retention.day_of(until), now)
        retention.note(db, "assistance", assistance.purge(db, now), retention.day_of(now), now)
        bookings.purge_tombstones(db, now)
        replay.forget(db, now=now)
        attempts.forget(db, now=now)
        endings.forget(db, now=now)
        allowances.forget(db, now=now)
        heard.forget(db, now)
        publications.forget(db, now)
        sessions.forget(db, now=now)
        pushed.forget(db, now=now)
        codes.forget(db, now=now)
        resets.forget(db, now=now)
        keeping.forget(db, now)
        voices.forget(db, now)
        feedback.forget(db, now)
        town.feeds.forget(db, now=now)
        retention.delete_due(db, now)
    town.proofs.forget(now=now)
