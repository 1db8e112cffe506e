//! 한국어.

use chrono::{DateTime, Datelike, TimeDelta, Utc};

use super::{Advice, Group, Headline, Phrases, by_severity};
use crate::api::{self, Said};
use crate::certificate::Status;
use crate::digest::{AccountReport, Failure, Kind};
use crate::finding::{Counts, Severity, Thresholds};
use crate::http::{ConnectFault, Fault};
use crate::redact::Remote;
use crate::secrets::Problem;
use crate::webhook::{self, Refusal};
use crate::zone::Zone;

pub(super) struct Korean;

/// `3일`, `5시간`, `1시간 미만`: 버림.
fn span(time: TimeDelta) -> String {
    match (time.num_days().abs(), time.num_hours().abs()) {
        (0, 0) => "1시간 미만".to_owned(),
        (0, hours) => format!("{hours}시간"),
        (days, _) => format!("{days}일"),
    }
}

/// 제목에 쓰는 짧은 이름.
fn in_short(group: Group) -> String {
    match group {
        Group::NotChecked => "확인 실패".to_owned(),
        Group::Expired => "만료".to_owned(),
        Group::Within(days) => format!("{days}일 이내 만료"),
        Group::Unused => "미사용".to_owned(),
        Group::NotRunning => "운영 중 아님".to_owned(),
        Group::CannotBeJudged => "만료일 불명".to_owned(),
        Group::InProgress => "처리 중".to_owned(),
        Group::Elsewhere => "Global Edge 외".to_owned(),
    }
}

impl Phrases for Korean {
    fn title(&self, headline: &Headline<'_>) -> String {
        let failed = match headline.failed.as_slice() {
            [] => None,
            [one] => Some(format!("계정 {one} 확인 실패")),
            many => Some(format!("계정 {}개 확인 실패", many.len())),
        };
        let counted = |&(group, number): &(Group, usize)| format!("{} {number}건", in_short(group));
        let mut news: Vec<String> = headline.groups.iter().map(counted).collect();
        if headline.others > 0 {
            news.push(format!("그 외 {}건", headline.others));
        }
        let found = (!news.is_empty()).then(|| news.join(", "));
        let news = [failed, found].into_iter().flatten().collect::<Vec<_>>().join("; ");
        if news.is_empty() && headline.checked == 0 {
            return "인증서 0개: 확인할 인증서 없음".to_owned();
        }
        let news = if news.is_empty() { "이상 없음".to_owned() } else { news };
        match headline.kind {
            Kind::Sample => format!("[테스트] {news}"),
            Kind::Simulated => format!("[시뮬레이션] {news}: 인증서 {}개 확인", headline.checked),
            Kind::Real => format!("{news}: 인증서 {}개 확인", headline.checked),
        }
    }

    fn heading(&self, group: Group) -> String {
        match group {
            Group::NotChecked => "확인하지 못함".to_owned(),
            Group::Expired => "만료됨".to_owned(),
            Group::Within(days) => format!("{days}일 이내 만료"),
            Group::Unused => "만료(임박)되었지만 사용하는 엣지 없음".to_owned(),
            Group::NotRunning => "운영 중이 아님".to_owned(),
            Group::CannotBeJudged => "만료일을 알 수 없음".to_owned(),
            Group::InProgress => "처리 중".to_owned(),
            Group::Elsewhere => "Global Edge 외 사용 중(로드밸런서, CDN+)".to_owned(),
        }
    }

    fn date(&self, time: DateTime<Utc>, zone: Zone) -> String {
        let local = zone.local(time);
        let day = ["월", "화", "수", "목", "금", "토", "일"][local.weekday().num_days_from_monday() as usize];
        format!("{}({day}) {} {}", local.format("%Y년 %-m월 %-d일"), local.format("%H:%M"), zone.abbreviation(time))
    }

    fn expiry(&self, left: TimeDelta) -> String {
        if left <= TimeDelta::zero() && left.num_hours() == 0 {
            "만료된 지 1시간 미만".to_owned()
        } else if left <= TimeDelta::zero() {
            format!("{} 전 만료됨", span(left))
        } else if left.num_days() > 0 {
            format!("{} 후 만료(D-{})", span(left), left.num_days())
        } else if left.num_hours() > 0 {
            format!("{} 후 만료", span(left))
        } else {
            "1시간 이내 만료".to_owned()
        }
    }

    fn dated(&self, date: &str) -> String {
        format!(", {date}")
    }

    fn readers_time(&self) -> (&'static str, &'static str) {
        (" (내 시간대: ", ")")
    }

    fn unknown_expiry(&self, sent: Option<&str>) -> String {
        match sent {
            Some(text) => format!("만료일 불명: NCP가 보낸 `{text}`은(는) 날짜가 아닙니다"),
            None => "만료일 불명: NCP가 날짜를 보내지 않았습니다".to_owned(),
        }
    }

    fn status(&self, status: &Status, shown: &str, age: Option<TimeDelta>) -> String {
        let age = age.map(|age| format!(", {}째", span(age)).replace(" 미만째", " 미만")).unwrap_or_default();
        match status {
            Status::Ready => format!("READY(배포 대기){age}"),
            Status::Publishing => format!("PUBLISHING(배포 중){age}"),
            Status::Running => format!("RUNNING(운영 중){age}"),
            Status::Deleting => "DELETING(삭제 중)".to_owned(),
            Status::Deleted => "DELETED(삭제됨)".to_owned(),
            Status::Undocumented(_) => format!("상태 {shown}{age}(NCP 문서에 없는 상태)"),
            Status::Missing => "NCP가 상태를 보내지 않았습니다".to_owned(),
        }
    }

    fn region(&self, region: &str) -> String {
        match region {
            "KR_JP" => "KR_JP(한국, 일본)".to_owned(),
            "KR_JP_GLOBAL" => "KR_JP_GLOBAL(한국, 일본, 글로벌)".to_owned(),
            other => other.to_owned(),
        }
    }

    fn certificate(&self, name: &str) -> String {
        format!("인증서 {name}")
    }

    fn slot(&self, slot_id: i64) -> String {
        format!("슬롯 {slot_id}")
    }

    fn account(&self, name: &str) -> String {
        format!("계정 {name}")
    }

    fn nameless(&self) -> String {
        "(도메인 이름 없음)".to_owned()
    }

    fn edges(&self, number: u64, names: &[String]) -> String {
        if number == 0 {
            return "사용하는 엣지 없음".to_owned();
        }
        let listed = match number.saturating_sub(names.len() as u64) {
            _ if names.is_empty() => String::new(),
            0 => format!(": {}", names.join(", ")),
            more => format!(": {} 외 {more}개", names.join(", ")),
        };
        format!("엣지 {number}개가 사용 중{listed}")
    }

    fn names(&self, names: &[String], more: usize) -> String {
        let more = if more > 0 { format!(" 외 {more}개") } else { String::new() };
        format!("다른 이름: {}{more}", names.join(", "))
    }

    fn origin(&self, lifetime: TimeDelta, issuer: Option<&str>) -> String {
        let issuer = issuer.map(|issuer| format!(", 발급 기관 {issuer}")).unwrap_or_default();
        format!("전체 유효 기간 {}일{issuer}", lifetime.num_days())
    }

    fn used_elsewhere(&self, instances: usize) -> String {
        format!("인스턴스 {instances}개에서 사용 중, Global Edge 슬롯에는 없음")
    }

    fn replacement(&self, slot_id: i64, date: &str) -> String {
        format!("슬롯 {slot_id}에 같은 이름의 인증서가 {date}까지 유효합니다. 엣지를 그 슬롯으로 전환하세요")
    }

    fn coverage(&self, account: &AccountReport) -> String {
        let AccountReport { name, checked, total, pages, .. } = account;
        if *total == 0 && *checked == 0 {
            return format!("인증서 0개, 계정 {name}");
        }
        format!("인증서 {total}개 중 {checked}개 확인, {pages}페이지, 계정 {name}")
    }

    fn coverage_of_many(&self, accounts: usize, checked: u64) -> String {
        format!("인증서 {checked}개, 계정 {accounts}개")
    }

    fn empty_accounts(&self, names: &[&str], number: usize) -> String {
        let listed = match number - names.len() {
            0 => format!(": {}", names.join(", ")),
            _ if names.is_empty() => String::new(),
            more => format!(": {} 외 {more}개", names.join(", ")),
        };
        format!("인증서 0개인 계정 {number}개{listed}")
    }

    fn rules(&self, thresholds: Thresholds, zone: &str) -> String {
        let Thresholds { warn_days, critical_days, shares, .. } = thresholds;
        let share = |share: Option<u8>| share.map(|share| format!("(또는 유효 기간의 {share}%)")).unwrap_or_default();
        let (warn, critical) = (share(shares.warn), share(shares.critical));
        format!("{warn_days}일{warn} 이내 경고, {critical_days}일{critical} 이내 위험 · 시각은 {zone}")
    }

    fn horizon(&self, _: bool, name: &str, date: &str) -> String {
        format!("다음 만료 예정: {name}, {date}")
    }

    fn all_clear(&self, thresholds: Thresholds) -> String {
        let share = thresholds.shares.warn.map(|share| format!("(또는 유효 기간의 {share}%)")).unwrap_or_default();
        format!("모든 인증서가 운영 중이며 {}일{share} 넘게 유효합니다.", thresholds.warn_days)
    }

    fn nothing_there(&self) -> String {
        "확인할 인증서가 없습니다. 있어야 한다면 키와 NCP_API_URL이 맞는 계정의 것인지 확인하세요.".to_owned()
    }

    fn left_out(&self, counts: Counts) -> String {
        format!("여기에 표시하지 않음: {}", self.counted(counts))
    }

    fn more(&self, counts: Counts) -> String {
        format!("+{}건 더 있음: {}", counts.total(), self.counted(counts))
    }

    fn sample_notice(&self) -> String {
        "테스트 메시지입니다. 가상의 인증서로 만든 예시이며 실제로 확인한 것은 없습니다.".to_owned()
    }

    fn simulated_notice(&self, date: &str) -> String {
        format!("시뮬레이션: 현재를 {date}(으)로 가정하고 판단했습니다.")
    }

    fn console_button(&self) -> String {
        "콘솔 열기".to_owned()
    }

    fn runbook_button(&self) -> String {
        "런북 열기".to_owned()
    }

    fn severity(&self, severity: Severity) -> String {
        match severity {
            Severity::Critical => "위험",
            Severity::Warning => "경고",
            Severity::Info => "정보",
        }
        .to_owned()
    }

    fn failure(&self, failure: &Failure) -> Advice {
        let (what, fix) = match failure {
            Failure::Secret(error) => {
                let (what, fix) = secret(&error.problem);
                (format!("시크릿 `{}`: {what}", error.id), fix.to_owned())
            }
            Failure::Api(error) => api(error),
            Failure::Incomplete(incomplete) => (
                format!("목록이 완전하지 않음: {}개 중 {}개", incomplete.total, incomplete.checked),
                "콘솔의 목록과 비교하세요. 계속되면 개수와 목록이 다른 이유를 NCP 고객지원에 문의하세요.".to_owned(),
            ),
        };
        Advice { what, fix }
    }

    fn undelivered_title(&self, webhooks: &[String]) -> String {
        match webhooks {
            [one] => format!("인증서 알림이 웹훅 {one}에 전달되지 않았습니다"),
            many => format!("인증서 알림이 웹훅 {}개에 전달되지 않았습니다", many.len()),
        }
    }

    fn undelivered_heading(&self) -> String {
        "전달 실패".to_owned()
    }

    fn webhook(&self, name: &str, kind: webhook::Kind) -> String {
        format!("웹훅 {name}({})", kind.title())
    }

    fn sentences(&self, advice: &Advice) -> String {
        format!("{}. {}", advice.what, advice.fix)
    }

    fn quotes(&self) -> (char, char) {
        ('‘', '’')
    }

    fn undelivered(&self, kind: webhook::Kind, failure: &webhook::Error) -> Advice {
        let fix = match (failure.refusal(), kind) {
            (Refusal::Gone, webhook::Kind::Slack) => "Slack에서 새 수신 웹훅을 만들고 그 URL을 웹훅 시크릿에 넣으세요.",
            (Refusal::Gone, webhook::Kind::Teams) => {
                "Teams의 Workflows 앱에서 흐름이 켜져 있고 누구나 트리거할 수 있는지 확인한 뒤, 현재 URL을 웹훅 시크릿에 넣으세요."
            }
            (Refusal::Archived, _) => "채널 보관을 해제하거나, 다른 채널의 웹훅을 웹훅 시크릿에 넣으세요.",
            (Refusal::Forbidden, webhook::Kind::Slack) => {
                "앱과 웹훅이 채널에 게시할 수 있도록 Slack 관리자에게 요청하세요."
            }
            (Refusal::Forbidden, webhook::Kind::Teams) => {
                "흐름의 트리거를 `모든 사람(Anyone)`으로 바꾸고, 새 URL을 복사해 웹훅 시크릿에 넣으세요."
            }
            (Refusal::TooLarge | Refusal::Payload, _) => "dry run 결과와 함께 버그로 알려 주세요.",
            (Refusal::RateLimited, _) => "이 웹훅에 메시지가 너무 많습니다. 알림 전용 웹훅을 만드세요.",
            (Refusal::Redirected, _) => "웹훅이 최종적으로 연결되는 URL을 웹훅 시크릿에 넣으세요.",
            (Refusal::NotAcknowledged, _) => "URL이 수신 웹훅의 것인지, 다른 것이 대신 응답하지 않는지 확인하세요.",
            (Refusal::Unavailable, _) => "나중에 함수를 다시 실행하세요.",
            (Refusal::Unreachable, _) => "웹훅의 URL과 함수의 인터넷 연결을 확인하세요.",
            (Refusal::Untrusted, _) => "URL의 호스트가 맞는지, 공인된 인증서를 쓰는지 확인하세요.",
        };
        let code = match failure {
            webhook::Error::Refused { status, said, .. } => format!("HTTP {status}{}", quoted(said)),
            webhook::Error::NotAcknowledged { said } => format!("HTTP 200{}", quoted(said)),
            webhook::Error::Fault(fault) => self::fault(fault).0,
        };
        let what = match failure.refusal() {
            Refusal::Gone => "웹훅이 더 이상 없습니다",
            Refusal::Archived => "채널이 보관되었습니다",
            Refusal::Forbidden => "이곳에서 보낸 메시지를 받지 않습니다",
            Refusal::TooLarge => "메시지가 너무 큽니다",
            Refusal::Payload => "메시지를 이해하지 못했습니다",
            Refusal::RateLimited => "지금은 메시지를 더 받지 않습니다",
            Refusal::Redirected => "다른 곳으로 연결됩니다",
            Refusal::NotAcknowledged => "응답은 왔지만 `ok`가 아닙니다",
            Refusal::Unavailable => "서비스에 문제가 있습니다",
            Refusal::Unreachable => "연결하지 못했습니다",
            Refusal::Untrusted => "믿을 수 있는 서버가 아닙니다",
        };
        let what = format!("{what}({code})");
        Advice { what, fix: fix.to_owned() }
    }
}

impl Korean {
    fn counted(&self, counts: Counts) -> String {
        by_severity(counts, |number, severity| format!("{} {number}건", self.severity(severity)))
    }
}

fn quoted(said: &Remote) -> String {
    if said.is_empty() { String::new() } else { format!(", `{said}`") }
}

fn said(said: &Said) -> String {
    match (said.code.is_empty(), said.text.is_empty()) {
        (true, true) => "이유 없음".to_owned(),
        (true, false) => format!("`{}`", said.text),
        (false, true) => format!("코드 {}", said.code),
        (false, false) => format!("코드 {}, `{}`", said.code, said.text),
    }
}

fn secret(problem: &Problem) -> (String, &'static str) {
    match problem {
        Problem::NotFound => ("이 리전의 Secrets Manager에 없습니다".to_owned(), "이름 또는 ARN과 리전을 확인하세요."),
        Problem::AccessDenied => (
            "함수에 읽기 권한이 없습니다".to_owned(),
            "함수의 역할에 이 시크릿에 대한 secretsmanager:GetSecretValue를 허용하세요.",
        ),
        Problem::NotDecrypted => (
            "Secrets Manager가 복호화하지 못했습니다".to_owned(),
            "함수의 역할에 시크릿의 KMS 키에 대한 kms:Decrypt를 허용하고, 키가 활성화되어 있는지 확인하세요.",
        ),
        Problem::Deleted => ("삭제 예정입니다".to_owned(), "복원하거나 다른 시크릿을 지정하세요."),
        Problem::Unavailable(why) => (
            format!("Secrets Manager에 요청하지 못했습니다: {why}"),
            "함수를 다시 실행하세요. 계속되면 Secrets Manager로 가는 네트워크를 확인하세요(VPC의 함수에는 엔드포인트나 NAT 게이트웨이가 필요합니다).",
        ),
        Problem::Invalid(problems) => {
            (problems.join("; "), "시크릿의 값을 고치세요. 두 가지 형식은 README에 있습니다.")
        }
    }
}

fn api(error: &api::Error) -> (String, String) {
    let (what, fix) = match error {
        api::Error::Unauthorized { skew, said: text } => {
            let what = format!("NCP가 키를 거부했습니다(HTTP 401, {})", said(text));
            if let Some(skew) = skew {
                let side = if *skew > TimeDelta::zero() { "빠릅니다" } else { "느립니다" };
                let minutes = skew.num_minutes().abs();
                return (
                    what,
                    format!("이쪽 시계가 NCP보다 {minutes}분 {side}. 5분 넘게 차이 나면 거부되므로 시계를 맞추세요."),
                );
            }
            (what, "시크릿의 액세스 키와 시크릿 키가 한 쌍인지, 키가 사용 중 상태인지 확인하세요.")
        }
        api::Error::PermissionDenied { status, said: text } => (
            format!("NCP가 권한을 거부했습니다(HTTP {status}, {})", said(text)),
            "키의 소유자에게 Global Edge 조회(목록) 권한을 주고, 계정이 Global Edge를 이용 중인지, 키의 접근 IP가 제한되어 있지 않은지 확인하세요.",
        ),
        api::Error::NotFound { said: text } => (
            format!("NCP에 없는 주소입니다(HTTP 404, {})", said(text)),
            "NCP_API_URL 또는 시크릿의 `api_url`을 확인하세요. NCP는 존마다 주소가 다릅니다.",
        ),
        api::Error::QuotaExceeded { said: text } => (
            format!("API 사용 한도를 다 썼습니다(HTTP 429, {})", said(text)),
            "NCP API Gateway에서 한도를 늘리거나 실행 횟수를 줄이세요.",
        ),
        api::Error::RateLimited { said: text, .. } => (
            format!("요청이 너무 많습니다(HTTP 429, {})", said(text)),
            "다른 시간에, 또는 덜 자주 실행하세요. 다른 프로그램도 이 API를 쓰고 있습니다.",
        ),
        api::Error::Unavailable { status, said: text, .. } => (
            format!("NCP에 문제가 있습니다(HTTP {status}, {})", said(text)),
            "나중에 함수를 다시 실행하세요. 계속되면 NCP의 서비스 상태를 확인하세요.",
        ),
        api::Error::Refused { status, said: text } => (
            format!("NCP가 요청을 거부했습니다(HTTP {status}, {})", said(text)),
            "NCP_API_URL을 확인하세요. 맞다면 NCP의 API가 바뀌었을 수 있으니 ncp-cert-alert의 새 버전을 확인하세요.",
        ),
        api::Error::Malformed(why) => (
            format!("NCP의 응답을 읽을 수 없습니다: {why}"),
            "NCP_API_URL을 확인하세요. 맞다면 NCP의 API가 바뀌었을 수 있으니 ncp-cert-alert의 새 버전을 확인하세요.",
        ),
        api::Error::Fault(one) => fault(one),
    };
    (what, fix.to_owned())
}

fn fault(fault: &Fault) -> (String, &'static str) {
    let network = "주소와 함수의 인터넷 연결을 확인하세요(VPC의 함수에는 NAT 게이트웨이가 필요합니다).";
    match fault {
        Fault::TimedOut => (
            "제시간에 응답이 없었습니다".to_owned(),
            "함수를 다시 실행하세요. 계속되면 제한 시간을 늘리고 인터넷 연결을 확인하세요.",
        ),
        Fault::Connect(ConnectFault::Refused) => ("연결이 거부되었습니다".to_owned(), network),
        Fault::Connect(ConnectFault::Unreachable) => ("연결할 수 없었습니다".to_owned(), network),
        Fault::Connect(ConnectFault::Untrusted) => (
            "서버의 TLS 인증서를 신뢰할 수 없습니다".to_owned(),
            "주소를 확인하세요. 중간에서 인증서를 바꾸는 프록시가 있으면 동작하지 않습니다.",
        ),
        Fault::Interrupted => (
            "응답이 끝나기 전에 연결이 끊겼습니다".to_owned(),
            "함수를 다시 실행하세요. 계속되면 인터넷 연결을 확인하세요.",
        ),
        Fault::TooLarge { limit } => (
            format!("응답이 {}KB를 넘습니다", limit / 1024),
            "주소를 확인하세요. 이것은 Global Edge의 응답이 아닙니다.",
        ),
    }
}
