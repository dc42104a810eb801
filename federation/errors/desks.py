"""What may stand between a person and a desk."""

from federation.errors.request import BadInput, Conflict, NotFound
from federation.errors.root import TachiyoriError
from federation.wording import phrase


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


class AskAtHome(Conflict):
    """The home wants a stay approved, so that staying longer is asked there and not at the host's page."""

    code = "ask-at-home"
    words = phrase("延長には所属団体の承認が必要です。所属団体の「予約」の画面から延長を申し込んでください。")


class FeedbackClosed(Conflict):
    """What a visitor says of a visit came before its end, or long after it."""

    code = "feedback-closed"
    words = phrase("ご感想は、利用が終わってから30日以内にお送りください。")


class FeedbackNotTaken(NotFound):
    """The host has no ear for what a visitor says of this visit: an older release, or a booking it does not know."""

    code = "feedback-not-taken"
    words = phrase("受入団体は、この予約についてのご感想を受け付けていません。")


class BadWish(BadInput):
    """The date or time of a wish cannot be read, or lies where nothing can be booked; ``field`` says which."""

    code = "bad-wish"
    words = phrase("利用日時を確認してください。%(what)s。")


class DeskKept(BadInput):
    """The desk is kept for the town's own staff at that time."""

    code = "desk-kept"
    words = phrase("この座席は、この時間帯は自団体の職員のために取り置かれています。別の座席をお選びください。")


class BadDeskCode(BadInput):
    """What was typed is not a code as printed on a desk."""

    code = "bad-desk-code"
    words = phrase("座席のコードは「ABC-DEF」の形の6文字です。座席の表示を確認して、もう一度入力してください。")


class PlaceUnknown(BadInput):
    """No station or municipality of that name is known to the registry."""

    code = "place-unknown"
    words = phrase("「%(place)s」という場所が見つかりません。駅名または自治体を確認して、もう一度お試しください。")


class NameNeeded(BadInput):
    """A body in no national list is invited by its name too."""

    code = "name-needed"
    words = phrase("この団体コードは全国の一覧にありません。団体名も入力してください。")
