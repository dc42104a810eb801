"""Who somebody is, and what they may do."""

from federation.errors.request import BadInput, TooMany
from federation.errors.root import TachiyoriError
from federation.wording import phrase


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


class SignInLocked(TooMany):
    """Too many wrong passwords for one number."""

    code = "sign-in-locked"
    words = phrase(
        "パスワードの誤りが続いたため、約%(minutes)s分間サインインできません。しばらく待ってからお試しください。"
    )


class SignInRefused(TachiyoriError):
    """Account and password do not belong together, or the account is locked for a while."""

    code = "sign-in-refused"
    status = 401
    words = phrase("アカウントまたはパスワードが違います。続けて間違えると、しばらくサインインできなくなります。")


class OwnRoles(BadInput):
    """A staff list would change what the person who takes it over may do; somebody else has to."""

    code = "own-roles"
    words = phrase(
        "取り込む本人の権限は変えられません。別の人事担当が取り込むか、その行の権限を現在のとおりにしてください。"
    )


class BadPassword(BadInput):
    """The new password is too easy, or longer than anybody types."""

    code = "bad-password"
    words = phrase("パスワードは%(shortest)s文字以上%(longest)s文字以内で、職員番号を含まないものにしてください。")


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
