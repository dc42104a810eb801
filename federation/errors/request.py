"""What may be wrong with any request, whoever makes it."""

from federation.errors.root import TachiyoriError
from federation.wording import phrase


class BadInput(TachiyoriError):
    """What was sent cannot be read as what was asked for."""

    code = "bad-input"
    status = 400
    words = phrase("入力内容に誤りがあります。項目を確認して、もう一度送信してください。")


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


class PlaceNotShown(NotFound):
    """A site or desk whose page somebody opens is withdrawn, or never was; which of the two is nobody's business."""

    code = "place-not-shown"
    words = phrase(
        "この施設・座席は、現在ご案内していません。掲載を終了したか、アドレスが変わっています。"
        "予約がある方は、所属する自治体の画面で利用証をご確認ください。"
    )


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
