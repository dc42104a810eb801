"""Members: invited, admitted, suspended, lifted, listed."""

from datetime import timedelta

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.errors import NotFound
from federation.members import Member
from federation.municipality import repair
from federation.terminal import say, told
from federation.wording import phrase
from registry import oversight
from registry.commands.root import BY, cli, opened
from registry.membership import enrolment, invitations, standing, statements, succession


@cli.command(help=phrase("団体コードを指定して招待コードを発行します。"))
@click.argument("code")
@click.option("--name", default="", help=phrase("団体名（全国の一覧にない団体のとき）"))
@click.option("--days", default=14, show_default=True, help=phrase("有効日数"))
@click.option("--replaces", default="", help=phrase("別のドメインへ移る団体のとき、いままでの識別子（https://…）"))
@click.option("--quiet", is_flag=True, help=phrase("招待コードだけを表示する"))
@BY
def invite(code: str, name: str, days: int, by: str, *, replaces: str, quiet: bool) -> None:
    """Make an invitation and print its secret, this once."""
    bureau = opened()
    with bureau.storage.transaction(write=True) as db:
        body = invitations.known_body(db, repair(code).code, name)
        if replaces:
            statements.get_member(db, replaces)
        life = timedelta(days=days)
        secret = invitations.invite(db, body, by=by, now=bureau.clock(), life=life, replaces=replaces)
    if quiet:
        click.echo(secret)
        return
    say(phrase("%(name)sの招待コードを発行しました"), name=f"{body.name} ({body.code})")
    say(phrase("招待コード：%(secret)s"), secret=secret)
    say(phrase("連携基盤のアドレス：%(address)s"), address=bureau.config.entity_id)
    say(phrase("署名用の鍵の指紋：%(thumbprint)s"), thumbprint=bureau.seal.federation.current.kid)
    say(phrase("復旧用の鍵の指紋：%(thumbprint)s"), thumbprint=bureau.seal.recovery)


@cli.command(help=phrase("待っている申請を表示し、指紋を照合した団体の参加を承認します。"))
@click.argument("code", required=False)
@click.option("--thumbprint", help=phrase("団体の担当者に確認した鍵の指紋"))
@BY
def admit(code: str | None, thumbprint: str | None, by: str) -> None:
    """Admit the body of that code, or list who waits; without ``--thumbprint`` it is shown and asked."""
    bureau = opened()
    with bureau.storage.transaction() as db:
        waiting = enrolment.waiting(db)
    if code is None:
        for each in waiting:
            click.echo(
                f"{each.invitation.code}\t{each.invitation.name}\t{each.enrolment.entity_id}\t{each.enrolment.thumbprint}"
            )
        return
    asked = next((each for each in waiting if each.invitation.code == repair(code).code), None)
    if asked is None:
        raise NotFound(f"no enrolment of {code} waits")
    if thumbprint is None:
        say(phrase("鍵の指紋：%(thumbprint)s"), thumbprint=asked.enrolment.thumbprint)
        click.confirm(told(phrase("団体の画面に表示された指紋と同じですか。")), abort=True)
        thumbprint = asked.enrolment.thumbprint
    with bureau.storage.transaction(write=True) as db:
        now = bureau.clock()
        enrolment.admit(db, bureau.seal, asked.enrolment.id, thumbprint=thumbprint, by=by, now=now)
        standing.sign_status_list(db, bureau.seal, now)
    say(phrase("%(name)sの参加を承認しました。"), name=asked.invitation.name)


@cli.command(help=phrase("団体を停止します。緊急でなければ別の運営者の確認が必要です。"))
@click.argument("code")
@click.option("--reason", required=True, help=phrase("団体に通知する理由"))
@click.option("--emergency", is_flag=True, help=phrase("直ちに停止し、事後に確認する"))
@BY
def suspend(code: str, reason: str, by: str, *, emergency: bool) -> None:
    """Ask for a suspension, confirm one that another operator asked for, or stop at once."""
    bureau = opened()
    with bureau.storage.transaction(write=True) as db:
        now, member = bureau.clock(), _member(db, code)
        asked = standing.standing(db, member.id)
        if asked is None:
            asked = standing.suspend(db, member.id, reason=reason, emergency=emergency, by=by, now=now)
        else:
            standing.confirm(db, asked.id, by=by, now=now)
        standing.publish(db, bureau.seal, member.id, now)
    say(
        phrase("停止しました。")
        if asked.in_force
        else phrase("停止を申請しました。別の運営者が確認すると停止されます。")
    )


@cli.command(help=phrase("団体の停止を解除します。"))
@click.argument("code")
@click.option("--reason", required=True, help=phrase("解除の理由"))
@BY
def lift(code: str, reason: str, by: str) -> None:
    """Lift a suspension, or withdraw one that was asked for."""
    bureau = opened()
    with bureau.storage.transaction(write=True) as db:
        now, member = bureau.clock(), _member(db, code)
        asked = standing.standing(db, member.id)
        if asked is None:
            raise NotFound(f"{code} is not suspended")
        standing.lift(db, asked.id, reason=reason, by=by, now=now)
        standing.publish(db, bureau.seal, member.id, now)
    say(phrase("停止を解除しました。"))


def _member(db: Session, code: str) -> Member:
    found = db.scalar(select(Member).where(Member.code == repair(code).code, ~Member.gone))
    if found is None:
        raise NotFound(f"no member {code}")
    return found


@cli.command(help=phrase("合併: 団体OLDの職員・予約・協定を、参加済みの団体NEWに引き継がせ、OLDの参加を終わらせます。"))
@click.argument("old")
@click.option("--by-member", "new", required=True, metavar="NEW", help=phrase("引き継ぐ団体の団体コード"))
@click.option("--yes", is_flag=True, help=phrase("確認の質問をしない"))
@BY
def replace(old: str, new: str, by: str, *, yes: bool) -> None:
    """Let one member take another's place."""
    bureau = opened()
    with bureau.storage.transaction() as db:
        former, successor = _member(db, old), _member(db, new)
    say(
        phrase("%(old)s の職員・予約・協定は、すべての団体で %(new)s に移ります。元には戻せません。"),
        old=f"{former.name} {former.entity_id}",
        new=f"{successor.name} {successor.entity_id}",
    )
    if not yes:
        click.confirm(told(phrase("続けますか。")), abort=True)
    with bureau.storage.transaction(write=True) as db:
        succession.replace(db, bureau.seal, former.entity_id, successor.entity_id, by=by, now=bureau.clock())
    say(phrase("%(name)sが引き継ぎました。"), name=successor.name)


@cli.command(help=phrase("参加団体の状態を表示します。"))
def members() -> None:
    """Print code, name, entity id, status, freshness and errors of every member, separated by tabs."""
    bureau = opened()
    with bureau.storage.transaction() as db:
        rows = oversight.watched(db, bureau.clock())
    for row in rows:
        fresh = row.complete_at.isoformat(timespec="seconds") if row.complete_at else "-"
        words = "; ".join(row.errors)
        click.echo(
            f"{row.member.code}\t{row.member.name}\t{row.member.entity_id}\t{row.member.status}\t{fresh}\t{words}"
        )
