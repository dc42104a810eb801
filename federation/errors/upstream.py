"""What may happen while people sign in by their town's own identity provider. Each says what to do, and whom to ask."""

from federation.errors.request import BadInput, Unavailable
from federation.errors.root import TachiyoriError
from federation.wording import phrase


class UpstreamDown(Unavailable):
    """The provider does not answer, or says that it cannot now."""

    code = "upstream-down"
    status = 502
    words = phrase(
        "所属団体の認証サービスに接続できません。しばらく待ってから、もう一度お試しください。"
        "続くときは、所属団体のシステム担当者にお問い合わせください。"
    )


class UpstreamWrong(TachiyoriError):
    """The provider said something no provider may say, or that is not for us; ``detail`` says what, to the log only."""

    code = "upstream-wrong"
    status = 502
    words = phrase(
        "所属団体の認証サービスの応答を確認できなかったため、サインインを中止しました。あなたの操作の誤りではありません。"
        "所属団体のシステム担当者にお問い合わせください。"
    )


class UpstreamDenied(TachiyoriError):
    """The provider, or the person there, said no."""

    code = "upstream-denied"
    status = 403
    words = phrase(
        "認証サービスでサインインが完了しませんでした。取り消した場合は、もう一度お試しください。"
        "許可されていないと表示された場合は、所属団体のシステム担当者にお問い合わせください。"
    )


class SignInLapsed(BadInput):
    """What came back belongs to no sign-in that this browser began a short while ago, or to one that is over."""

    code = "sign-in-lapsed"
    words = phrase("サインインの操作が時間切れになったか、すでに終わっています。もう一度サインインしてください。")


class SignInStale(TachiyoriError):
    """The provider let somebody in who showed themselves to it too long ago."""

    code = "sign-in-stale"
    status = 403
    words = phrase(
        "認証サービスでの本人の確認から時間がたっています。もう一度サインインして、認証サービスで確認を受けてください。"
    )


class NotEntitled(TachiyoriError):
    """The provider knows the person, and names no group that may use this."""

    code = "not-entitled"
    status = 403
    words = phrase(
        "本人の確認はできましたが、このシステムを利用できるグループに入っていません。"
        "利用が必要な場合は、所属団体のシステム担当者にお問い合わせください。"
    )


class LevelMissed(TachiyoriError):
    """A surer sign-in was asked for than the provider gave."""

    code = "level-missed"
    status = 403
    words = phrase(
        "この操作には、より確実な方法（二要素認証など）でのサインインが必要です。"
        "認証サービスで方法を選べない場合は、所属団体のシステム担当者にお問い合わせください。"
    )
