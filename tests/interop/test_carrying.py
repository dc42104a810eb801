"""A town that cannot be reached: its feeds are written to files, carried, and taken in by the registry's command."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from deploy.demo.programs import Program
from node.host import sites
from node.models.sites import Room
from tests.interop.conftest import SQLITE
from tests.story.acts import Day, desk_of, desks_found, wish

pytestmark = [pytest.mark.peer, pytest.mark.parametrize("day", [SQLITE], indirect=True)]


def run(program: Program, module: str, *words: str) -> str:
    environment = {**os.environ, **program.settings, "LANG": "C.UTF-8"}
    line = [sys.executable, "-m", module, *words]
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=True, timeout=120).stdout


def found(day: Day) -> set[str]:
    return {desk_of(link) for link in desks_found(day, day.visitor, **wish(hours_ahead=24))}


def test_what_is_carried_by_hand_is_found(day: Day, tmp_path: Path) -> None:
    host = day.stage.host
    host.program.stop()
    town = host.open()
    with town.storage.transaction(write=True) as db:
        room = db.scalars(select(Room).where(Room.site_id == day.site, Room.published).order_by(Room.name)).first()
        assert room is not None
        desk = sites.add_desk(db, room, {"name": "R-1"})
        sites.publish(db, desk)
        carried = desk.id
    assert carried not in found(day)
    for feed in ("listings", "offers"):
        file = tmp_path / feed
        assert "ページを書き出しました" in run(host.program, "node.commands", "export-feed", feed, str(file))
        said = run(day.stage.registry, "registry.commands", "import-feed", str(file), "--by", "運営者")
        assert f"{host.origin} の {feed}" in said
    assert carried in found(day)
