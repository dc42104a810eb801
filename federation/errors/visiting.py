"""What may go wrong when a visitor signs in at a host with their own town."""

from federation.errors.request import TooMany
from federation.errors.root import TachiyoriError
from federation.wording import phrase


class VisitRefused(TachiyoriError):
    """What came back from a home is not the answer to what this browser asked; ``detail`` says why, to the log only."""

    code = "visit-refused"
    status = 403
    words = phrase(
        "サインインを確認できませんでした。座席の表示をもう一度読み取り、最初から操作してください。"
        "続けて起きるときは、所属する自治体の画面をご利用ください。"
    )


class VisitDeclined(TachiyoriError):
    """The home has said no, or the person has."""

    code = "visit-declined"
    status = 403
    words = phrase(
        "所属する自治体でのサインインが完了しませんでした。もう一度操作するか、所属する自治体の画面をご利用ください。"
    )


class VisitOver(TachiyoriError):
    """A visitor's session here has ended: its half hour is over, or it was ended."""

    code = "visit-over"
    status = 401
    words = phrase(
        "サインインの有効時間が過ぎたか、サインインが終了しました。続けるには、もう一度サインインしてください。"
    )


class NoProvider(TachiyoriError):
    """The visitor's town does not let its people sign in elsewhere."""

    code = "no-provider"
    status = 409
    words = phrase("選んだ自治体は、この画面でのサインインに対応していません。所属する自治体の画面で操作してください。")


class TooManyVisits(TooMany):
    """More people of one town begin to sign in at once than ever stand at desks."""

    code = "too-many-visits"
    words = phrase("サインインが集中しています。1分ほど待つか、所属する自治体の画面をご利用ください。")
