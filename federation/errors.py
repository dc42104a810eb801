"""One root, and one class for each thing that can go wrong.

A class carries everything the outside may learn: ``code`` (stable, the last segment of the problem type),
``status`` (HTTP) and ``words`` (a Japanese sentence, also the message id of the catalogues). What only an operator
may learn goes into ``detail``, which is logged and never sent.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from federation.wording import phrase


class TachiyoriError(Exception):
    """The root: something a person or another town must be told about."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    words: ClassVar[str] = phrase("処理できませんでした。入力内容を確認して、もう一度お試しください。")
    reasons: Sequence[object] = ()
    """Why not, as ``federation.messages.booking.Reason``, where rules have been judged."""
    alternatives: Sequence[object] = ()
    """What would do instead, as ``federation.messages.booking.Alternative``."""

    def __init__(
        self,
        detail: str = "",
        *,
        field: str | None = None,
        retry_after: int | None = None,
        facts: Mapping[str, str | int] | None = None,
    ) -> None:
        """Say what happened: ``detail`` for the log, ``field`` as a path into the input, ``facts`` for the words.

        ``retry_after`` is in seconds and becomes the header of that name (RFC 9110, 10.2.3).
        """
        super().__init__(detail or self.code)
        self.detail = detail
        self.field = field
        self.retry_after = retry_after
        self.facts: dict[str, str | int] = dict(facts or {})


class BadInput(TachiyoriError):
    """What was sent cannot be read as what was asked for."""

    code = "bad-input"
    status = 400
    words = phrase("入力内容に誤りがあります。項目を確認して、もう一度送信してください。")


class BadMunicipalityCode(BadInput):
    """The text is not a 全国地方公共団体コード."""

    code = "bad-municipality-code"
    words = phrase("「%(given)s」は団体コードではありません。6桁の全国地方公共団体コードを入力してください。")


class BadCheckDigit(BadMunicipalityCode):
    """Six digits, but the last does not follow from the first five."""

    code = "bad-check-digit"
    words = phrase(
        "団体コード「%(given)s」の検査数字が合いません。「%(repaired)s」ではありませんか。番号を確認してください。"
    )


class TooLarge(TachiyoriError):
    """The request is larger than this party reads (RFC 9110, 15.5.14)."""

    code = "too-large"
    status = 413
    words = phrase("送信された内容が大きすぎます。上限は%(limit)sです。分けて送信してください。")


class NotFound(TachiyoriError):
    """There is no such thing here, or none this caller may know of."""

    code = "not-found"
    status = 404
    words = phrase("見つかりませんでした。アドレスを確認するか、最初のページからお探しください。")


class MethodNotAllowed(TachiyoriError):
    """The address is right, what is asked of it is not (RFC 9110, 15.5.6)."""

    code = "method-not-allowed"
    status = 405
    words = phrase("この操作は受け付けていません。前の画面に戻り、もう一度お試しください。")


class InternalError(TachiyoriError):
    """A fault of ours; the log has the trace."""

    code = "internal-error"
    status = 500
    words = phrase(
        "システムの不具合により処理できませんでした。時間をおいても直らない場合は、システム担当者にお知らせください。"
    )


class Conflict(TachiyoriError):
    """The request is well made but the present state does not allow it."""

    code = "conflict"
    status = 409
    words = phrase("ほかの操作と重なりました。画面を更新して、もう一度お試しください。")


class PreconditionMissing(TachiyoriError):
    """A change must name the version it is based on, in If-Match (RFC 6585, 3)."""

    code = "precondition-missing"
    status = 428
    words = phrase("変更の元になった版が示されていません。最新の内容を確認してから、もう一度お試しください。")


class PreconditionFailed(TachiyoriError):
    """The thing has changed since the caller last saw it (RFC 9110, 13.1.1)."""

    code = "precondition-failed"
    status = 412
    words = phrase("表示後に内容が変わりました。最新の内容を確認してから、もう一度お試しください。")


class TooMany(TachiyoriError):
    """The caller asks more often than this party answers (RFC 6585, 4)."""

    code = "too-many"
    status = 429
    words = phrase("操作が短い間に集中しています。しばらく待ってから、もう一度お試しください。")


class Unavailable(TachiyoriError):
    """This party, or one it depends on, cannot answer now."""

    code = "unavailable"
    status = 503
    words = phrase("ただいま応答できません。しばらく待ってから、もう一度お試しください。")


# --- Identity -------------------------------------------------------------------------------------------------


class NotSignedIn(TachiyoriError):
    """Nobody is known to be at the keyboard."""

    code = "not-signed-in"
    status = 401
    words = phrase("サインインが必要です。")


class Forbidden(TachiyoriError):
    """Known, but not allowed to do this."""

    code = "forbidden"
    status = 403
    words = phrase("この操作を行う権限がありません。必要な場合は、団体の担当者にお問い合わせください。")


class FormExpired(Forbidden):
    """A form came back without its session's token: the session ended, or another site sent it."""

    code = "form-expired"
    words = phrase(
        "画面の有効時間が過ぎたため、送信を受け付けませんでした。前の画面に戻り、再読み込みしてから送信してください。"
    )


class TokenRefused(TachiyoriError):
    """A token is not what it claims to be, or not for this recipient; ``detail`` says why, to the log only."""

    code = "token-refused"
    status = 401
    words = phrase("認証情報を確認できませんでした。所属団体のシステム担当者にお問い合わせください。")


class TokenExpired(TokenRefused):
    """A token was genuine once; its time is over, or has not begun. The sentence names the clock."""

    code = "token-expired"
    words = phrase("認証情報の有効時間外です。両団体のサーバーの時計が合っているか確認してください。")


class TokenReplayed(TokenRefused):
    """A token that may be used once has been used before."""

    code = "token-replayed"
    words = phrase("この認証情報はすでに使われています。もう一度最初から操作してください。")


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


# --- Other towns ----------------------------------------------------------------------------------------------


class PeerUnreachable(Unavailable):
    """Another party did not answer in time, or not at all."""

    code = "peer-unreachable"
    status = 502
    words = phrase("相手団体のシステムに接続できませんでした。しばらく待ってから、もう一度お試しください。")


class PeerAddressRefused(TachiyoriError):
    """A URL leads to an address this party never calls."""

    code = "peer-address-refused"
    status = 502
    words = phrase("相手団体の接続先が許可されていません。システム担当者にお問い合わせください。")


class PeerAnsweredBadly(TachiyoriError):
    """Another party answered with something that is not of the protocol."""

    code = "peer-answered-badly"
    status = 502
    words = phrase("相手団体から正しい応答がありませんでした。しばらく待ってから、もう一度お試しください。")


class PeerRefused(TachiyoriError):
    """Another party understood and said no; ``answered`` is its HTTP status and ``body`` what it sent, unverified."""

    code = "peer-refused"
    status = 502
    words = phrase("相手団体のシステムが要求を受け付けませんでした。システム担当者にお問い合わせください。")

    def __init__(self, detail: str = "", *, answered: int, body: bytes = b"") -> None:
        """Keep what the other party answered, so that the caller can find the problem in it."""
        super().__init__(detail)
        self.answered = answered
        self.body = body


class FeedEpochGone(TachiyoriError):
    """The feed began a new epoch; the reader starts again from the beginning."""

    code = "feed-epoch-gone"
    status = 410
    words = phrase("フィードが作り直されました。最初から読み直してください。")


# --- Desks and bookings ---------------------------------------------------------------------------------------


class DeskTaken(Conflict):
    """Somebody holds the desk during the wished time."""

    code = "desk-taken"
    words = phrase("その座席は、その時間帯に予約済みです。ほかの座席または時間をお選びください。")


class PersonElsewhere(Conflict):
    """The person already has a place somewhere during the wished time."""

    code = "person-elsewhere"
    words = phrase("同じ時間帯に、すでに別の予約があります（%(where)s）。先にその予約を取り消してください。")


class BookingRefused(Conflict):
    """The rules of home or host say no; the problem lists the reasons."""

    code = "booking-refused"
    words = phrase("利用条件により予約できません。理由を確認し、別の座席または日時をお選びください。")


class BookingExists(Conflict):
    """The UUID stands for other places already."""

    code = "booking-exists"
    words = phrase("この予約番号は別の内容で使われています。")


class BookingGone(TachiyoriError):
    """The booking was cancelled before, or before it ever arrived."""

    code = "booking-gone"
    status = 410
    words = phrase("この予約は取り消されています。")


class BookingLapsed(Conflict):
    """The wish's ``not_after`` has passed."""

    code = "booking-lapsed"
    words = phrase("申込みの期限を過ぎました。もう一度お申し込みください。")


class NotNow(Conflict):
    """The step is right, the time is not: too early or too late to check in, extend or leave."""

    code = "not-now"
    words = phrase("今はこの操作ができる時間ではありません（%(window)s）。")


# --- Signing in to one's own town, and its lists ----------------------------------------------------------------


class SignInLocked(TooMany):
    """Too many wrong passwords for one number."""

    code = "sign-in-locked"
    words = phrase("パスワードの誤りが続いたため、約%(minutes)s分間サインインできません。しばらく待ってからお試しください。")


class BadPassword(BadInput):
    """The new password is too easy, or longer than anybody types."""

    code = "bad-password"
    words = phrase("パスワードは%(shortest)s文字以上%(longest)s文字以内で、職員番号を含まないものにしてください。")


class UnreadableFile(BadInput):
    """A file that was brought in is not the kind it should be."""

    code = "unreadable-file"
    words = phrase("ファイルを読み取れません（%(what)s）。ファイルを確認して、もう一度選択してください。")


# --- Running --------------------------------------------------------------------------------------------------


class AlreadyRunning(Conflict):
    """Another process serves this data folder."""

    code = "already-running"
    words = phrase("データフォルダー %(folder)s は、プロセス %(pid)s がすでに使用しています。先にそちらを終了してください。")


class PortTaken(Conflict):
    """Somebody listens on the port already."""

    code = "port-taken"
    words = phrase("ポート %(port)s は、ほかのプログラムが使用しています。別の番号を指定してください。")


class ServerFailed(Unavailable):
    """A part of the installation cannot be kept running."""

    code = "server-failed"
    words = phrase("サーバー（%(what)s）を起動できませんでした。ログを確認してください。")


# --- The registry ---------------------------------------------------------------------------------------------


class PlaceUnknown(BadInput):
    """No station or municipality of that name is known to the registry."""

    code = "place-unknown"
    words = phrase("「%(place)s」という場所が見つかりません。駅名または自治体を確認して、もう一度お試しください。")


class NameNeeded(BadInput):
    """A body in no national list is invited by its name too."""

    code = "name-needed"
    words = phrase("この団体コードは全国の一覧にありません。団体名も入力してください。")


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


class SignInRefused(TachiyoriError):
    """Account and password do not belong together, or the account is locked for a while."""

    code = "sign-in-refused"
    status = 401
    words = phrase("アカウントまたはパスワードが違います。続けて間違えると、しばらくサインインできなくなります。")


# --- Home's own pages -------------------------------------------------------------------------------------------


class BadWish(BadInput):
    """The date or time of a wish cannot be read, or lies where nothing can be booked; ``field`` says which."""

    code = "bad-wish"
    words = phrase("利用日時を確認してください。%(what)s。")


class BadDeskCode(BadInput):
    """What was typed is not a code as printed on a desk."""

    code = "bad-desk-code"
    words = phrase("座席のコードは「ABC-DEF」の形の6文字です。座席の表示を確認して、もう一度入力してください。")


class NotMigrated(Conflict):
    """The database's schema is not the one this version works with."""

    code = "not-migrated"
    words = phrase("%(name)sのデータベースが、この版の形になっていません。先に migrate を実行してください。")
