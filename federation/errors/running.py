"""What may keep a party from running, or its lists from being read."""

from federation.errors.request import BadInput, Conflict, Unavailable
from federation.wording import phrase


class UnreadableFile(BadInput):
    """A file that was brought in is not the kind it should be."""

    code = "unreadable-file"
    words = phrase("ファイルを読み取れません（%(what)s）。ファイルを確認して、もう一度選択してください。")


class AlreadyRunning(Conflict):
    """Another process serves this data folder."""

    code = "already-running"
    words = phrase(
        "データフォルダー %(folder)s は、プロセス %(pid)s がすでに使用しています。先にそちらを終了してください。"
    )


class PortTaken(Conflict):
    """Somebody listens on the port already."""

    code = "port-taken"
    words = phrase("ポート %(port)s は、ほかのプログラムが使用しています。別の番号を指定してください。")


class ServerFailed(Unavailable):
    """A part of the installation cannot be kept running."""

    code = "server-failed"
    words = phrase("サーバー（%(what)s）を起動できませんでした。ログを確認してください。")


class NotMigrated(Conflict):
    """The database's schema is not the one this version works with."""

    code = "not-migrated"
    words = phrase("%(name)sのデータベースが、この版の形になっていません。先に migrate を実行してください。")


class PrintFontMissing(Unavailable):
    """The font with every letter, of which a PDF is made, was not built at this installation."""

    code = "print-font-missing"
    words = phrase(
        "PDFに使う書体がこのサーバーに用意されていないため、PDFを作成できません。情報担当に連絡してください。"
        "この画面は、ブラウザーの印刷で紙にできます。"
    )
