"""Who belongs to the federation, and on what proof."""

from federation.errors.request import Conflict
from federation.errors.root import TachiyoriError
from federation.wording import phrase


class NotAMember(TachiyoriError):
    """The party is unknown to the registry this node trusts."""

    code = "not-a-member"
    status = 403
    words = phrase("連携基盤に参加していない団体です。")


class MemberSuspended(NotAMember):
    """The registry has suspended the party by its signed status list."""

    code = "member-suspended"
    words = phrase("この団体の参加は一時停止されています。連携基盤の運営者にお問い合わせください。")


class TrustBroken(TachiyoriError):
    """An entity statement, chain, trust mark or status list does not hold (OpenID Federation 1.1, 10.2)."""

    code = "trust-broken"
    status = 403
    words = phrase("相手団体の証明を確認できませんでした。連携基盤の運営者にお問い合わせください。")


class InvitationRefused(TachiyoriError):
    """The invitation is unknown, used, expired, or made for another body; which of these is for the log."""

    code = "invitation-refused"
    status = 403
    words = phrase("招待コードを使用できません。期限切れか使用済みです。連携基盤の運営者に再発行を依頼してください。")


class AlreadyAMember(Conflict):
    """The entity id or the 団体コード belongs to a member already: one issuer speaks for one code."""

    code = "already-a-member"
    words = phrase("この団体コードまたはアドレスは、すでに参加しています。連携基盤の運営者にお問い合わせください。")


class SecondOperatorNeeded(Conflict):
    """Who asked for a suspension may not confirm it."""

    code = "second-operator-needed"
    words = phrase("停止を申請した本人は確認できません。別の運営者が確認してください。")
