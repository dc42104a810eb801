"""What can go wrong with an address for mail, and with a letter to it."""

from federation.errors.request import BadInput
from federation.errors.root import TachiyoriError
from federation.wording import phrase


class BadMailAddress(BadInput):
    """What was typed is no address for mail."""

    code = "bad-mail-address"
    words = phrase("メールアドレスを「taro@city.example.lg.jp」の形で入力してください。")


class BadMailCode(BadInput):
    """The code is not the one that was sent, or is too old."""

    code = "bad-mail-code"
    words = phrase("確認コードが違うか、期限が切れています。もう一度入力するか、新しいコードを送ってください。")


class MailLater(TachiyoriError):
    """The mail server takes this one letter later: a sender it does not know yet, a full mailbox. Others may well go."""

    code = "mail-later"
    status = 503


class MailboxUnknown(TachiyoriError):
    """The mail server will never take a letter to this address."""

    code = "mailbox-unknown"
    status = 502
