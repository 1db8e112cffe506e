//! The words of the examination, in every language. What failed, and what to do, is in [`crate::message::words`].

pub(super) use crate::cli::words::Text;
use crate::message::words::Language;

/// What is examined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Settings,
    Clock,
    Keys,
    Permission,
    List,
    Total,
    Fields,
    Detail,
    CertificateManager,
    Host,
    Webhook,
}

impl Subject {
    pub(super) const ALL: [Self; 11] = [
        Self::Settings,
        Self::Clock,
        Self::Keys,
        Self::Permission,
        Self::List,
        Self::Total,
        Self::Fields,
        Self::Detail,
        Self::CertificateManager,
        Self::Host,
        Self::Webhook,
    ];

    /// What the report calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Clock => "clock",
            Self::Keys => "keys",
            Self::Permission => "permission",
            Self::List => "list",
            Self::Total => "total",
            Self::Fields => "fields",
            Self::Detail => "detail",
            Self::CertificateManager => "certificateManager",
            Self::Host => "host",
            Self::Webhook => "webhook",
        }
    }

    pub(super) fn title(self, language: Language) -> &'static str {
        let text = match self {
            Self::Settings => ["Settings", "설정", "設定"],
            Self::Clock => ["Clock", "시계", "時計"],
            Self::Keys => ["Keys", "키", "キー"],
            Self::Permission => ["Permission", "권한", "権限"],
            Self::List => ["List", "목록", "一覧"],
            Self::Total => ["Total", "개수", "件数"],
            Self::Fields => ["Fields and values", "필드와 값", "項目と値"],
            Self::Detail => ["Detail", "상세", "詳細"],
            Self::CertificateManager => ["Certificate Manager"; 3],
            Self::Host => ["Host", "호스트", "ホスト"],
            Self::Webhook => ["Webhook", "웹훅", "Webhook"],
        };
        Text(text).in_language(language)
    }
}

pub(super) const OK: Text = Text(["ok", "정상", "正常"]);
pub(super) const FAILED: Text = Text(["failed", "실패", "失敗"]);
pub(super) const SKIPPED: Text = Text(["skipped", "건너뜀", "省略"]);

pub(super) const NOTHING_FAILED: Text =
    Text(["Nothing failed.", "실패한 항목이 없습니다.", "失敗した項目はありません。"]);
pub(super) const SOME_FAILED: Text = Text(["Failed: {}", "실패 {}건", "失敗{}件"]);
pub(super) const REPORT_WRITTEN: Text = Text([
    "{} can be attached to a public issue: it holds names of fields, types and statuses, and no value of the account.",
    "{}는 공개 이슈에 첨부할 수 있습니다. 필드 이름, 타입, 상태만 있고 계정의 값은 없습니다.",
    "{}は公開のIssueに添付できます。項目名、型、ステータスだけで、アカウントの値は含みません。",
]);

pub(super) const VALID: Text = Text(["valid; NCP_API_URL is {}", "올바름 · NCP_API_URL {}", "有効・NCP_API_URLは{}"]);
pub(super) const CORRECT_SETTINGS: Text = Text([
    "correct them: NCP is not asked with a guessed value",
    "값을 고치세요. 추측한 값으로는 NCP를 조회하지 않습니다.",
    "値を直してください。推測した値ではNCPに照会しません。",
]);
pub(super) const MAKE_KEYS: Text = Text([
    "in NCP's console, under Sub Account, make an access key of a sub-account that may view Global Edge, and set both variables to its \
     two parts",
    "NCP 콘솔의 Sub Account에서 Global Edge 조회 권한이 있는 서브 계정의 액세스 키를 만들고, 두 변수에 Access Key와 Secret Key를 넣으세요.",
    "NCPコンソールのSub Accountで、Global Edgeを表示できるサブアカウントのアクセスキーを作成し、2つの変数にAccess KeyとSecret Keyを設定してください。",
]);
pub(super) const CLOCK: Text = Text(["differs from NCP's by {} s", "NCP 시계와 {}초 차이", "NCPの時計との差は{}秒"]);
pub(super) const NO_DATE: Text =
    Text(["no answer that names the time", "시각이 있는 응답이 없음", "時刻を含む応答なし"]);
pub(super) const ACCEPTED: Text = Text(["accepted by NCP", "NCP가 수락", "NCPが受理"]);
pub(super) const LISTED: Text = Text(["the list can be read", "목록 조회 가능", "一覧を取得可能"]);
pub(super) const NEEDS_LIST: Text =
    Text(["not known until the list can be read", "목록을 조회해야 알 수 있음", "一覧を取得できるまで不明"]);
pub(super) const NOT_CHECKED: Text = Text([
    "not checked, since another step failed",
    "다른 단계가 실패해 확인하지 않음",
    "他の項目が失敗したため未確認",
]);
pub(super) const PAGES: Text = Text(["pages of {} rows: accepted", "페이지당 {}행: 수락", "1ページ{}行：受理"]);
pub(super) const SHORT_PAGES: Text = Text([
    "pages of {} rows: accepted, but only {} rows are returned",
    "페이지당 {}행: 수락, 실제로는 {}행",
    "1ページ{}行：受理、実際は{}行",
]);
pub(super) const REFUSED_PAGES: Text = Text(["pages of {} rows: {}", "페이지당 {}행: {}", "1ページ{}行：{}"]);
pub(super) const TOTAL: Text = Text([
    "certificates read: {}, as many as NCP counts",
    "인증서 {}개, NCP의 개수와 일치",
    "証明書{}件、NCPの件数と一致",
]);
pub(super) const NO_CERTIFICATES: Text = Text([
    "0 certificates: if there should be some, these are the keys of another account",
    "인증서 0개: 있어야 한다면 다른 계정의 키입니다",
    "証明書0件：あるはずなら、別のアカウントのキーです",
]);
pub(super) const NO_ROWS: Text = Text(["there is no row to look at", "확인할 행이 없음", "確認する行なし"]);
pub(super) const AS_DOCUMENTED: Text = Text(["as documented", "문서와 일치", "文書どおり"]);
pub(super) const NEW_FIELDS: Text = Text([
    "as documented; new and ignored: {}",
    "문서와 일치 · 새 필드(무시): {}",
    "文書どおり・新しい項目（無視）：{}",
]);
pub(super) const DEPARTS: Text = Text(["not as documented: {}", "문서와 다름: {}", "文書と異なる：{}"]);
pub(super) const REPORT_IT: Text = Text([
    "look for a new version of ncp-cert-alert; if there is none, open an issue with the file that `cert-alert doctor --report FILE` writes",
    "ncp-cert-alert 새 버전을 확인하고, 없으면 `cert-alert doctor --report FILE`로 만든 파일을 첨부해 이슈를 등록하세요.",
    "ncp-cert-alertの新しいバージョンを確認し、なければ`cert-alert doctor --report FILE`が出力するファイルを添えてIssueを登録してください。",
]);
pub(super) const NOTHING_HIDDEN: Text = Text([
    "A certificate whose date or status is not understood is reported as a warning",
    "날짜나 상태를 알 수 없는 인증서는 경고로 알립니다.",
    "日付やステータスを解釈できない証明書は警告として通知します。",
]);
pub(super) const OFF: Text = Text(["{} is off", "{} 꺼짐", "{}はオフ"]);
pub(super) const DETAILS_READ: Text = Text(["read: {}", "조회함: {}", "取得：{}"]);
pub(super) const WITHOUT: Text = Text(["{} (without {})", "{}({} 없음)", "{}（{}なし）"]);
pub(super) const ALLOW_DETAILS: Text = Text([
    "allow the key's owner to view the detail of Global Edge's certificates too, or set CERTIFICATE_DETAILS to `false`: messages then \
     lack the edges and alternative names",
    "서브 계정에 Global Edge 인증서 상세 조회 권한도 부여하거나, CERTIFICATE_DETAILS를 `false`로 설정하세요. 설정하면 메시지에 엣지와 포함 도메인이 \
     표시되지 않습니다.",
    "サブアカウントにGlobal Edgeの証明書の詳細を表示する権限も与えるか、CERTIFICATE_DETAILSを`false`にしてください。その場合、メッセージにエッジと追加ドメインは\
     表示されません。",
]);
pub(super) const HELD: Text = Text(["certificates read: {}", "인증서 {}개 조회", "証明書{}件を取得"]);
pub(super) const NO_OWN_MANAGER: Text = Text([
    "the account has an `api_url` and no `certificate_manager_url`",
    "계정에 `api_url`만 있고 `certificate_manager_url`이 없음",
    "アカウントに`api_url`だけがあり`certificate_manager_url`がない",
]);
pub(super) const NO_HOST: Text = Text([
    "no RUNNING slot has a host: name one in PROBE_HOSTS for a wildcard",
    "접속할 호스트가 없음: 와일드카드라면 PROBE_HOSTS에 호스트를 지정하세요",
    "接続するホストなし：ワイルドカードの場合はPROBE_HOSTSにホストを指定してください",
]);
pub(super) const VALID_UNTIL: Text = Text(["valid until {}", "{}까지 유효", "{}まで有効"]);
pub(super) const NAME_A_HOST: Text = Text([
    "name a host in PROBE_HOSTS that the name or wildcard of a RUNNING slot covers",
    "PROBE_HOSTS에는 RUNNING 슬롯의 도메인이나 와일드카드에 해당하는 호스트를 지정하세요.",
    "PROBE_HOSTSには、RUNNINGスロットの名前またはワイルドカードに該当するホストを指定してください。",
]);
pub(super) const REACH_IT: Text = Text([
    "check where its DNS leads, and that it can be reached from here; a run only counts this, it never alarms",
    "DNS가 가리키는 곳과 여기에서 접속할 수 있는지 확인하세요. 실행 시에는 개수만 세고 알리지 않습니다.",
    "DNSの向き先と、ここから接続できるかを確認してください。実行時は件数に含めるだけで、通知はしません。",
]);
pub(super) const ANSWERS: Text =
    Text(["{} answers; nothing was posted", "{} 응답함 · 게시하지 않음", "{}が応答・投稿はしていません"]);
pub(super) const NO_WEBHOOK: Text = Text([
    "neither WEBHOOK_URL nor WEBHOOK_SECRET_ID is set",
    "WEBHOOK_URL과 WEBHOOK_SECRET_ID 모두 설정되지 않음",
    "WEBHOOK_URLもWEBHOOK_SECRET_IDも未設定",
]);
pub(super) const DEMO: Text =
    Text(["the demo makes no outside connection", "데모는 외부에 연결하지 않음", "デモは外部に接続しません"]);
