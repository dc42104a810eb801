"""What the audit log's events are called on its page; the log itself, its export and the commands keep the identifiers."""

from collections.abc import Mapping

from flask import current_app

from federation.web import trail
from federation.web.tongue import say
from federation.wording import phrase
from node.views.acts import ACTS, LOOK

WORDS: Mapping[str, str] = {
    "agreement": phrase("協定の変更の記録"),
    "agreement-confirmed": phrase("協定の内容の確認"),
    "agreement-document": phrase("協定書の登録・取出し"),
    "agreement-file": phrase("署名付きの協定の取出し"),
    "agreement-objected": phrase("協定の合わない点の連絡"),
    "agreement-suspended-by-home": phrase("所属団体による協定の停止・再開"),
    "agreement-suspension": phrase("協定による予約の停止・再開"),
    "agreement.answer": phrase("協定への返答の受信"),
    "agreement.offer": phrase("協定の内容の受信"),
    "agreement.suspension": phrase("協定の停止の受信"),
    "access-ended": phrase("アクセスの終了"),
    "approval": phrase("予約の承認・差戻し・不承認"),
    "block": phrase("利用停止の変更"),
    "budget": phrase("所属の予算の変更"),
    "attendance-corrected": phrase("勤務実績の訂正"),
    "attendance-rule": phrase("始業・終業のお知らせの設定"),
    "calendar-address": phrase("カレンダーの購読用アドレスの変更"),
    "closure-changed": phrase("休止の変更"),
    "booked-for": phrase("同僚のための予約"),
    "closure-lifted": phrase("休止の解除"),
    "closure-registered": phrase("休止の登録"),
    "code": phrase("認可コードの発行"),
    "consent-withdrawn": phrase("同意の取消し"),
    "deputy": phrase("承認の代理の変更"),
    "departure": phrase("退職・転出の登録"),
    "disclosed": phrase("開示のファイルの作成"),
    "entry-linked": phrase("アカウントの結び付け"),
    "entry-unlinked": phrase("アカウントの結び付きの解除"),
    "exception-changed": phrase("利用時間の例外の変更"),
    "factor": phrase("本人確認の方法の変更"),
    "factors-removed": phrase("本人確認の方法の削除"),
    "home-conditions": phrase("利用条件の変更"),
    "feedback-note-deleted": phrase("利用者の記入の削除"),
    "hours-changed": phrase("利用時間の変更"),
    "import": phrase("施設などの取り込み"),
    "incident-entry": phrase("事故・トラブルへの書き込み"),
    "incident-handled": phrase("事故・トラブルの手続の記録"),
    "incident-heard": phrase("事故・トラブルの連絡の受信"),
    "incident-recorded": phrase("事故・トラブルの記録"),
    "incident-told": phrase("事故・トラブルの連絡の送信"),
    "keys": phrase("鍵の変更"),
    "mail-address": phrase("メールアドレスの変更の記録"),
    "manifest.viewed": phrase("当日名簿の閲覧"),
    "membership": phrase("参加団体の状態の変化"),
    "no-show-answered": phrase("来庁の申し出への回答"),
    "no-show-rule": phrase("来なかった予約の扱いの変更"),
    "paper.viewed": phrase("利用の経過の閲覧"),
    "par": phrase("サインインの申込み"),
    "pass.checked": phrase("利用証の確認"),
    "passkey": phrase("パスキーの使用"),
    "password": phrase("パスワードの変更"),
    "replaced": phrase("団体の引継ぎ"),
    "reset-code": phrase("再設定コード"),
    "revoke": phrase("トークンの取消し"),
    "retention-changed": phrase("保存期間の変更"),
    "roles": phrase("権限の変更"),
    "roll-call-answer": phrase("在館者の確認"),
    "roll-call-begun": phrase("点呼の開始"),
    "roll-call-ended": phrase("点呼の終了"),
    "roll-call-heard": phrase("在館者確認の報告の受信"),
    "second-factor": phrase("二つ目の要素での確認"),
    "planned-list": phrase("取り込みを待つ名簿の変更"),
    "plan-changed": phrase("座席配置の変更"),
    "plan-picture-put": phrase("配置図の画像の保存"),
    "plan-picture-deleted": phrase("配置図の画像の削除"),
    "pools-changed": phrase("利用枠の変更"),
    "photo-added": phrase("写真の追加"),
    "photo-described": phrase("写真の説明の変更"),
    "photo-moved": phrase("写真の並べ替え"),
    "photo-deleted": phrase("写真の削除"),
    "restored": phrase("バックアップからの復元"),
    "sheet-filled": phrase("セキュリティ確認表の記入"),
    "sheet-signed": phrase("セキュリティ確認表の署名"),
    "security-event": phrase("他団体からの連絡の受信"),
    "security-event-sent": phrase("他団体への連絡の送信"),
    "sessions-ended": phrase("サインインの終了"),
    "sign-in": phrase("サインイン"),
    "sign-in-elsewhere": phrase("訪問先でのサインイン"),
    "standing-approval": phrase("包括承認の変更"),
    "staff-added": phrase("職員の追加"),
    "staff-list": phrase("職員名簿の取り込み"),
    "token": phrase("トークンの発行"),
    "trip-asked": phrase("予約の申込みの記録"),
    "trail.asked": phrase("予約の記録の照会"),
    "userinfo": phrase("職員の情報の照会"),
    "views.asked": phrase("閲覧の記録の照会"),
    "visit.arrive": phrase("入室の記録"),
    "visit.leave": phrase("退室の記録"),
    "visit.offline": phrase("回線が切れている間の記録の受取り"),
    "visit-grant": phrase("予約のための証明の発行"),
    "desk-problem-done": phrase("座席の不具合への対応"),
    "visit.problem": phrase("座席の不具合の連絡"),
    "door-note": phrase("受付の記録"),
    "badge-back": phrase("入館証の返却"),
    "walk-in": phrase("予約のない方の入室"),
    "webhook": phrase("知らせの送信先の変更"),
}


def named(event: str) -> str:
    """Return an event in the reader's words; the identifier where an older release or another party wrote it."""
    if event in WORDS:
        return say(WORDS[event])
    page = event.removeprefix(trail.PAGE)
    if page == event or page not in current_app.view_functions:
        return event
    return say(ACTS.get(page, LOOK))
