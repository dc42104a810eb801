"""The words of 事故・トラブル on screens and in the draft of the report."""

from collections.abc import Mapping

from federation.wording import phrase

KINDS: Mapping[str, str] = {
    "lost": phrase("遺失物"),
    "looking": phrase("のぞき見"),
    "wrong_door": phrase("立入り・扉の誤り"),
    "other": phrase("その他"),
}
SEVERITIES = {"minor": phrase("軽微"), "serious": phrase("重い"), "grave": phrase("重大")}
LEAKS = {"no": phrase("漏えいのおそれなし"), "maybe": phrase("漏えいのおそれあり"), "yes": phrase("漏えいした")}
WRITERS = {"reception": phrase("受付・守衛"), "site_admin": phrase("施設担当者"), "personnel": phrase("人事担当")}
