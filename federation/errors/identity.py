"""Who somebody is, and what they may do."""

from federation.errors.request import BadInput, TooMany, Unavailable
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


class AnotherApprover(Forbidden):
    """Signed in as somebody else than whom the letter asked."""

    code = "another-approver"
    words = phrase(
        "この案内は、ほかの承認者に宛てたものです。サインアウトしてから開くか、ご自身の「承認」の画面で決めてください。"
    )


class ScopeMissing(Forbidden):
    """The token is good, but not for this (RFC 6750, 3.1)."""

    code = "insufficient-scope"
    challenge = 'error="insufficient_scope"'


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


class CodeRefused(SignInRefused):
    """A second factor was not what it had to be, or was used before."""

    code = "code-refused"
    words = phrase(
        "確認コードが違うか、すでに使われています。次のコードが表示されるのを待つか、コード表の番号を確かめてください。"
    )


class PasskeyRefused(SignInRefused):
    """A passkey's answer is not to our question, or not by a passkey we know; ``detail`` says why, to the log only."""

    code = "passkey-refused"
    words = phrase("パスキーを確認できませんでした。もう一度お試しになるか、ほかの方法でサインインしてください。")


class SecondFactorNeeded(NotSignedIn):
    """Signed in, but not surely enough for this (RFC 9470): one more factor is asked for."""

    code = "second-factor-needed"
    words = phrase("この画面を開くには、パスワードのほかにもう一つの方法で本人を確認する必要があります。")


class SurerSignInNeeded(TachiyoriError):
    """A host takes visitors only who signed in more surely at home (RFC 9470); nothing was asked of it yet."""

    code = "surer-sign-in-needed"
    status = 403
    words = phrase(
        "この受入団体の予約には、パスワードともう一つの方法によるサインインが必要です。予約はまだ行われていません。"
    )


class SignInTooOld(NotSignedIn):
    """Signed in too long ago for what changes how one signs in."""

    code = "sign-in-too-old"
    words = phrase("安全のため、もう一度サインインしてから操作してください。")


class EntryRefused(TachiyoriError):
    """The town's own source knows somebody whom the directory does not let in; ``detail`` says why, to the log only."""

    code = "entry-refused"
    status = 403
    words = phrase(
        "本人の確認はできましたが、職員名簿と一致しないためサインインできません。所属団体の人事担当またはシステム担当者にお問い合わせください。"
    )


class SignInRequestGone(TachiyoriError):
    """What another town asked for is over, was decided, or is open in another browser."""

    code = "sign-in-request-gone"
    status = 400
    words = phrase(
        "サインインの手続きの有効時間が過ぎたか、すでに使われています。訪問先の団体の画面に戻り、もう一度始めてください。"
    )


class DirectoryDown(Unavailable):
    """The town's directory server cannot be asked; ``detail`` says why, to the log only."""

    code = "directory-down"
    words = phrase(
        "団体の認証サーバーに接続できないため、いまはサインインできません。しばらくしても直らないときは、団体のシステム担当者に連絡してください。"
    )


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


class CommonPassword(BadPassword):
    """The new password is among those that are tried first."""

    code = "common-password"
    words = phrase(
        "よく使われる言葉や並びのため、推測されやすいパスワードです。関係のない言葉を三つ以上つなげるなど、別のものにしてください。"
    )


class ResetRefused(SignInRefused):
    """A reset code that is wrong, used, or too old, or a number that has none."""

    code = "reset-refused"
    words = phrase("職員番号または再設定コードが違うか、期限が切れています。人事担当に新しいコードを依頼してください。")


class TokenRefused(TachiyoriError):
    """A token is not what it claims to be, or not for this recipient; ``detail`` says why, to the log only."""

    code = "token-refused"
    status = 401
    words = phrase("認証情報を確認できませんでした。所属団体のシステム担当者にお問い合わせください。")
    challenge = 'error="invalid_token"'


class TokenMissing(TokenRefused):
    """A request that needs a token came without any; no error is told with the challenge then (RFC 6750, 3.1)."""

    code = "token-missing"
    words = phrase("認証情報が送られていません。所属団体のノードから、アクセストークンを付けて送信してください。")
    challenge = ""


class TokenExpired(TokenRefused):
    """A token was genuine once; its time is over, or has not begun. The sentence names the clock."""

    code = "token-expired"
    words = phrase("認証情報の有効時間外です。両団体のサーバーの時計が合っているか確認してください。")


class TokenReplayed(TokenRefused):
    """A token that may be used once has been used before."""

    code = "token-replayed"
    words = phrase("この認証情報はすでに使われています。もう一度最初から操作してください。")


class NonceNeeded(TokenRefused):
    """A DPoP proof needs a nonce of this server's, which the answer's header gives (RFC 9449, 9)."""

    code = "use-dpop-nonce"
    words = phrase("サーバーが求める値が認証情報にありません。応答の DPoP-Nonce を使って、もう一度送信してください。")
    challenge = 'error="use_dpop_nonce"'
