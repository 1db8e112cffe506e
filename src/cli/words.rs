//! What the command line says around a digest, and the words of its table and page. Its help, and errors about options and
//! settings, are in English: they come before a language is known.

use chrono::TimeDelta;

use crate::message::words::Language;

/// A text in English, Korean and Japanese; `{}` and `#` stand for what is counted or named.
pub(super) struct Text(pub(super) [&'static str; 3]);

impl Text {
    pub(super) fn in_language(&self, language: Language) -> &'static str {
        let Self([english, korean, japanese]) = self;
        match language {
            Language::English => english,
            Language::Korean => korean,
            Language::Japanese => japanese,
        }
    }
}

/// Below the demo.
pub(super) const DEMO: Text = Text([
    "A demo: a simulated account, checked by the same code as the function.",
    "데모: 가상 계정을 실제 함수와 같은 코드로 확인한 결과입니다.",
    "デモ：架空のアカウントを、実際の関数と同じコードで確認した結果です。",
]);
pub(super) const DETAILS: Text = Text([" Details: -v", " 자세히 보기: -v", "詳細表示：-v"]);
pub(super) const YOUR_OWN: Text = Text([
    "Your own account: set NCLOUD_ACCESS_KEY and NCLOUD_SECRET_KEY, then run cert-alert check",
    "내 계정 확인: NCLOUD_ACCESS_KEY와 NCLOUD_SECRET_KEY를 설정한 뒤 cert-alert check 실행",
    "自分のアカウントを確認：NCLOUD_ACCESS_KEYとNCLOUD_SECRET_KEYを設定し、cert-alert checkを実行",
]);
pub(super) const MORE: Text = Text([
    "More: cert-alert list --demo, cert-alert preview --kind slack, --help",
    "다른 기능: cert-alert list --demo, cert-alert preview --kind slack, --help",
    "その他：cert-alert list --demo、cert-alert preview --kind slack、--help",
]);

/// While pages are read, in indicatif's placeholders.
pub(super) const PROGRESS: Text = Text([
    "{bar:24} {pos} of {len} certificates",
    "{bar:24} 인증서 {len}개 중 {pos}개",
    "{bar:24} 証明書{len}件中{pos}件",
]);

pub(super) const WRITTEN: Text = Text([
    "Written to {}; open it in a browser.",
    "{}에 저장했습니다. 브라우저에서 열어 보세요.",
    "{}に保存しました。ブラウザーで開いてください。",
]);
pub(super) const DELIVERED: Text =
    Text(["{}: delivered, messages: #", "{}: 전송 완료(메시지 #건)", "{}：送信済み（メッセージ#件）"]);
pub(super) const NOT_DUE: Text = Text(["{}: nothing to report", "{}: 알릴 내용 없음", "{}：通知する内容なし"]);

/// Below a payload.
pub(super) const PART: Text = Text(["Message {} of #.", "메시지 #개 중 {}번째입니다.", "メッセージ{}/#"]);
pub(super) const BLOCK_KIT: Text = Text([
    "Paste it into Block Kit Builder: {}",
    "Block Kit Builder에 붙여 넣어 확인하세요: {}",
    "Block Kit Builderに貼り付けて確認してください：{}",
]);
pub(super) const DESIGNER: Text = Text([
    "Paste its attachments[0].content (--card prints just that) into the Adaptive Cards designer: {}",
    "attachments[0].content(--card는 이 부분만 출력)를 Adaptive Cards 디자이너에 붙여 넣어 확인하세요: {}",
    "attachments[0].content（--cardではこの部分のみ出力）をAdaptive Cardsデザイナーに貼り付けて確認してください：{}",
]);
pub(super) const NO_DESIGNER: Text = Text([
    "This chat has no designer.",
    "이 채팅에는 미리보기 도구가 없습니다.",
    "このチャットにはプレビュー用のツールがありません。",
]);

pub(super) const TITLE: Text =
    Text(["TLS certificates on Global Edge", "Global Edge TLS 인증서", "Global EdgeのTLS証明書"]);
pub(super) const TIMELINE: Text =
    Text(["Expiries in the next twelve months", "앞으로 12개월의 만료 일정", "今後12か月の有効期限"]);
pub(super) const SIMULATED: Text = Text(["Simulated", "시뮬레이션", "シミュレーション"]);
pub(super) const EXPIRED: Text = Text(["Expired", "만료됨", "期限切れ"]);
pub(super) const LATER: Text = Text(["Later", "이후", "以降"]);
pub(super) const UNKNOWN: Text = Text(["Unknown", "확인 불가", "不明"]);
pub(super) const NO_END: Text = Text(["No end", "만료 없음", "無期限"]);

/// The columns for people.
pub(super) const COLUMNS: [Text; 8] = [
    Text(["Name", "이름", "名前"]),
    Text(["Expires", "만료일", "有効期限"]),
    Text(["Left", "남은 기간", "残り"]),
    Text(["Status", "상태", "ステータス"]),
    Text(["Region", "리전", "リージョン"]),
    Text(["Slot", "슬롯", "スロット"]),
    Text(["Certificate", "인증서", "証明書"]),
    Text(["TLS", "TLS", "TLS"]),
];

/// One more, where it was looked at what is served.
pub(super) const SERVED: Text = Text(["Served until", "실제 제공 만료일", "配信中の期限"]);

/// How much time is left, or how long ago it ended: whole days rounded down, or hours.
pub(super) fn left(language: Language, left: TimeDelta) -> String {
    let (days, hours) = (left.num_days().abs(), left.num_hours().abs());
    let (text, number) = match (days, hours) {
        (0, 0) => (["under 1 hour", "1시간 미만", "1時間未満"], 0),
        (0, 1) => (["{} hour", "{}시간", "{}時間"], 1),
        (0, hours) => (["{} hours", "{}시간", "{}時間"], hours),
        (1, _) => (["{} day", "{}일", "{}日"], 1),
        (days, _) => (["{} days", "{}일", "{}日"], days),
    };
    let span = Text(text).in_language(language).replace("{}", &number.to_string());
    if left > TimeDelta::zero() {
        return span;
    }
    Text(["{} ago", "{} 지남", "{}超過"]).in_language(language).replace("{}", &span)
}
