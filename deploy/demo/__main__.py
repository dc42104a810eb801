"""``make demo``: a registry and four towns on this machine, ready to click through. Ctrl-C ends it; its data stays.

Port ``DEMO_PORT`` (8000 by default) is the registry's, the towns follow. All data is in ``DEMO_FOLDER`` (``.demo``).
"""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from deploy.demo import confirming, installing, scenes, seed
from deploy.demo.installing import ALONE, HOSTED, OPERATOR, Plan
from deploy.demo.programs import DidNotStart, Program, stop_all
from deploy.demo.seed import ROLE_NAMES, TownFile
from federation.errors import AlreadyRunning, PortTaken, TachiyoriError
from federation.messages.search import SearchQuery
from federation.remote_registry import RemoteRegistry
from federation.web.serving import Listener, claimed
from node.town import Town

FOLDER = Path(os.environ.get("DEMO_FOLDER") or Path(__file__).parents[2] / ".demo")
EXPECTED = 60
"""So many desks the registry must know before anybody is told to click."""


def main() -> int:
    """Set up what is missing, start everything, say where to click, and stay until Ctrl-C."""
    plan = Plan(FOLDER, int(os.environ.get("DEMO_PORT", "8000")))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.set())
    try:
        with claimed(plan.folder):
            return _run(plan, stop)
    except AlreadyRunning as error:
        tell(f"デモはすでに動いています（プロセス {error.facts['pid']}）: {plan.registry}")
        tell("The demo is running already; see above.")
        return 2
    except PortTaken as error:
        tell(
            f"ポート {error.facts['port']} は使用中です。DEMO_PORT=9000 make demo のように、別の番号を指定してください。"
        )
        tell("The port is taken; choose another with DEMO_PORT.")
        return 2
    except (DidNotStart, TachiyoriError) as error:
        tell(f"起動できませんでした: {error}")
        return 1


def _run(plan: Plan, stop: threading.Event) -> int:
    files = {code: seed.read(code) for code in (*ALONE, *HOSTED)}
    programs: list[Program] = []
    _refuse_taken_ports(plan)
    (plan.folder / "demo.json").unlink(missing_ok=True)
    try:
        towns = _set_up(plan, files, programs)
        if not stop.is_set():
            _open_doors(plan, files, towns, programs, stop)
        _stay(programs, stop)
    finally:
        tell(f"終了しています…（データは {plan.data} に残ります）/ ending; the data stays")
        stop_all(programs)
    return 0


def _refuse_taken_ports(plan: Plan) -> None:
    for offset in range(1 + len(ALONE) + len(HOSTED)):
        Listener(plan.port + offset).wait_until_free()


def _set_up(plan: Plan, files: Mapping[str, TownFile], programs: list[Program]) -> dict[str, Town]:
    """Bring up the registry, then fill each town and have it join; return the opened towns by code."""
    registry = plan.registry_program()
    tell("連携基盤を起動しています…")
    bureau = installing.open_registry(registry.settings)
    registry.start()
    programs.append(registry)
    registry.wait()
    towns = {}
    for code, file in files.items():
        settings = plan.settings_of(file)
        if code in HOSTED:
            installing.write_settings(settings)
        town = installing.open_node(settings)
        if not seed.is_sown(town):
            tell(f"{file.name}: 施設・座席・職員・協定を登録しています…")
            seed.sow(town, file, town.clock())
        if not installing.is_member(bureau, town.config.entity_id):
            tell(f"{file.name}: 連携基盤に参加しています…")
            installing.admit(bureau, town)
            town = installing.open_node(settings)
        towns[code] = town
    for town in towns.values():
        town.members.refresh(town.clock())
    return towns


def _open_doors(
    plan: Plan, files: Mapping[str, TownFile], towns: Mapping[str, Town], programs: list[Program], stop: threading.Event
) -> None:
    tell("4つの自治体を起動しています…")
    nodes = plan.node_programs(files)
    for node in nodes:
        node.start()
        programs.append(node)
    for node in nodes:
        node.wait()
    if left := confirming.confirm(towns):
        tell(f"協定{left}件の確認が終わっていません。/ {left} agreements are still unconfirmed.")
    found = _wait_for_desks(plan, towns["130001"], stop)
    scenes.play(towns, tell)
    _write(plan, files)
    _show(plan, files, found)


def _wait_for_desks(plan: Plan, town: Town, stop: threading.Event) -> int:
    """Wait until the registry finds the desks of all towns; return how many are free two weeks from now."""
    registry = RemoteRegistry(town.peer, plan.registry)
    wish, deadline, found = _an_ordinary_morning(town), time.monotonic() + 60, 0
    while found < EXPECTED and time.monotonic() < deadline and not stop.wait(0.5):
        found = registry.search(wish).total
    return found


def _an_ordinary_morning(town: Town) -> SearchQuery:
    days = iter(scenes.working_days(town.clock()))
    start = scenes.at(next(days), "10:00")
    return SearchQuery(start=start, end=start + timedelta(hours=1), radius_km=2000.0)


def _stay(programs: list[Program], stop: threading.Event) -> None:
    while not stop.wait(0.5):
        for program in programs:
            if not program.is_running():
                raise DidNotStart(f"{program.name} ended:\n{program.last_words()}")


def _accounts(files: Mapping[str, TownFile], plan: Plan) -> Iterator[dict[str, object]]:
    for code, file in files.items():
        accounts = [{key: account[key] for key in ("role", "username", "password")} for account in file.accounts()]
        yield {"code": code, "name": file.name, "url": plan.entity_id(code), "accounts": accounts}


def _write(plan: Plan, files: Mapping[str, TownFile]) -> None:
    """Write ``demo.json`` for tests and tools that drive the demo."""
    operator = {"role": "operator", "username": OPERATOR, "password": seed.PASSWORD}
    told = {"registry": plan.registry, "nodes": list(_accounts(files, plan)), "operator": operator}
    (plan.folder / "demo.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _show(plan: Plan, files: Mapping[str, TownFile], found: int) -> None:
    tell(f"\n準備ができました。{found}席が見つかります。ここから始めてください:")
    tell(f"Ready: {found} desks are found. Start here (every page has English):\n\n  {plan.registry}\n")
    tell(f"パスワードはすべて同じです / one password for all accounts:  {seed.PASSWORD}\n")
    for code, file in files.items():
        tell(f"  {file.name} {file.name_en}  {plan.entity_id(code)}")
        for account in file.accounts():
            tell(f"    {account['username']}  {account['name']}（{ROLE_NAMES[account['role']]}）")
    tell(f"  連携基盤の運営者 registry operator  {plan.registry}/console\n    {OPERATOR}")
    tell(_TO_TRY.format(saitama=plan.entity_id("110001"), tokyo=plan.entity_id("130001")))
    tell("データと記録は .demo にあります。Ctrl-C で終了します。/ Data and logs are in .demo; Ctrl-C ends it.")


_TO_TRY = """
試してみること / things to try
  1. {saitama} に S1002 でサインインし、「新宿」の近くを探して予約する / sign in, search near 新宿, book
  2. {tokyo}/reception に T4001 で入り、利用証の番号を確かめる / check the pass at reception
  3. {tokyo}/admin に T3001 で入り、部屋を休止する / close a room, and see S1002 being told
  4. {saitama}/manager/attendance に S2001 で入り、勤務実績を見る / see the attendance
"""


def tell(words: str) -> None:
    """Print a line at once, also where the output is a file."""
    print(words, flush=True)


if __name__ == "__main__":
    sys.exit(main())
