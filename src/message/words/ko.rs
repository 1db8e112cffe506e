//! 한국어.

use chrono::{Datelike, Months, NaiveDate, TimeDelta};

use super::{
    Advice, Group, Heading, Headline, MutedName, Occasion, Reader, Taken, Words, Worst, by_severity, fields_of,
    listed_months,
};
use crate::certificate::Status;
use crate::chat::{self, Refusal};
use crate::global_edge::{self, ErrorReply};
use crate::net::http::{ConnectError, HttpError};
use crate::net::redact::Remote;
use crate::report::{AccountReport, Failure, Mode};
use crate::rules::{Counts, Severity, Thresholds};
use crate::secret_store::{self, Problem, Store, Unavailable};

pub(super) struct Korean;

/// 남은 일수를 말하는 한도. 이보다 멀면 날짜만 말한다.
const COUNTED_DAYS: i64 = 30;

/// `3일`, `5시간`, `1시간 미만`: 버림.
fn span(time: TimeDelta) -> String {
    match (time.num_days().abs(), time.num_hours().abs()) {
        (0, 0) => "1시간 미만".to_owned(),
        (0, hours) => format!("{hours}시간"),
        (days, _) => format!("{days}일"),
    }
}

/// `a, b, c 외 2개`
fn list(names: &[impl AsRef<str>], more: usize, counter: &str) -> String {
    let names = names.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
    if more == 0 { names } else { format!("{names} 외 {more}{counter}") }
}

impl Korean {
    /// 제목에 쓰는 가장 급한 인증서: `[3일 후 만료] www.example.kr`
    fn worst(&self, worst: &Worst) -> String {
        let Worst { name, group, left, day, .. } = worst;
        let tag = match (group, left) {
            (Group::Expired | Group::Within(_), Some(left)) if *left <= TimeDelta::zero() => "만료".to_owned(),
            (Group::Expired | Group::Within(_), Some(left)) => match day {
                Some(day) if left.num_days() > COUNTED_DAYS => format!("{day} 만료"),
                _ => self.expiry(*left),
            },
            (Group::Elsewhere, Some(left)) if *left <= TimeDelta::zero() => {
                return format!("[만료] {name}(Load Balancer 또는 CDN+)");
            }
            (Group::Elsewhere, Some(left)) => {
                return format!("[{}] {name}(Load Balancer 또는 CDN+)", self.expiry(*left));
            }
            (Group::Unused, Some(left)) if *left <= TimeDelta::zero() => "만료·연결된 엣지 없음".to_owned(),
            (Group::Unused, Some(_)) => "만료 임박·연결된 엣지 없음".to_owned(),
            (Group::Unused, None) => "연결된 엣지 없음".to_owned(),
            (Group::NotRunning, _) => "상태 이상".to_owned(),
            (Group::InProgress, _) if worst.is_leaving => "삭제 중".to_owned(),
            (Group::InProgress, _) => "배포 중".to_owned(),
            (Group::ExpiryUnknown | Group::NotChecked | Group::NotDelivered, _) | (_, None) => {
                "만료일 확인 불가".to_owned()
            }
        };
        format!("[{tag}] {name}")
    }
}

impl Words for Korean {
    fn title(&self, headline: &Headline<'_>) -> String {
        if headline.mode == Mode::Sample {
            return "[테스트] 실제 문제가 아닙니다".to_owned();
        }
        let failed = match headline.failed.as_slice() {
            [] => None,
            [one] => Some(format!("[확인 실패] 계정 {one}")),
            many => Some(format!("[확인 실패] 계정 {}개", many.len())),
        };
        let is_urgent = headline.worst.as_ref().is_some_and(|worst| worst.is_urgent);
        let rest = match (headline.urgent, headline.others) {
            (0, 0) => String::new(),
            (0, others) if is_urgent => format!(" 외 예정 {others}건"),
            (0, others) => format!(" 외 {others}건"),
            (urgent, 0) => format!(" 외 긴급 {urgent}건"),
            (urgent, others) => format!(" 외 긴급 {urgent}건 · 예정 {others}건"),
        };
        let worst = headline.worst.as_ref().map(|worst| self.worst(worst) + &rest);
        let news: Vec<String> = [failed, worst].into_iter().flatten().collect();
        let news = if !news.is_empty() {
            news.join(" · ") + if headline.is_summary { " · 주간 요약" } else { "" }
        } else if headline.checked == 0 {
            "인증서 0개: 계정이 맞는지 확인 필요".to_owned()
        } else {
            let clear = if headline.is_summary { "주간 요약: 이상 없음" } else { "이상 없음" };
            let next = headline.next.as_ref().map(|day| format!(" · 다음 만료 {day}")).unwrap_or_default();
            if headline.is_whole {
                format!("{clear} · 인증서 {}개{next}", headline.checked)
            } else {
                format!("{clear}(이 채널 기준){next}")
            }
        };
        if headline.mode == Mode::Simulated { format!("[시뮬레이션] {news}") } else { news }
    }

    fn continued(&self, number: usize, of: usize, holds: &str) -> String {
        format!("({number}/{of}) 계속: {holds}")
    }

    fn numbered(&self, title: &str, number: usize, of: usize) -> String {
        format!("{title}({number}/{of})")
    }

    fn heading(&self, heading: Heading, count: usize) -> String {
        let text = match heading {
            Heading::NotChecked => "확인 실패".to_owned(),
            Heading::ActToday => "오늘 조치".to_owned(),
            Heading::Within(days) => format!("{days}일 이내 만료"),
            Heading::NotRunning => "상태 이상".to_owned(),
            Heading::ExpiryUnknown => "만료일 확인 불가".to_owned(),
            Heading::Unused => return format!("만료·만료 임박(연결된 엣지 없음, {count}건)"),
            Heading::InProgress => "배포·삭제 진행 중".to_owned(),
            Heading::Elsewhere => "Global Edge 외: Load Balancer, CDN+".to_owned(),
            Heading::NotDelivered => "전송 실패".to_owned(),
        };
        format!("{text}({count}건)")
    }

    fn counted(&self, group: Group, count: usize) -> String {
        match group {
            Group::NotChecked => format!("계정 확인 실패 {count}건"),
            Group::Expired => format!("만료 {count}건"),
            Group::Within(days) => format!("{days}일 이내 만료 {count}건"),
            Group::Unused => format!("연결된 엣지 없음 {count}건"),
            Group::NotRunning => format!("상태 이상 {count}건"),
            Group::ExpiryUnknown => format!("만료일 확인 불가 {count}건"),
            Group::InProgress => format!("배포·삭제 진행 중 {count}건"),
            Group::Elsewhere => format!("Global Edge 외 {count}건"),
            Group::NotDelivered => format!("전송 실패 {count}건"),
        }
    }

    fn comma(&self) -> &'static str {
        ", "
    }

    fn dot(&self) -> &'static str {
        " · "
    }

    fn colon(&self) -> &'static str {
        ": "
    }

    fn dash(&self) -> &'static str {
        " — "
    }

    fn bracketed(&self, text: &str) -> String {
        format!("({text})")
    }

    fn moment(&self, day: &str, time: &str) -> String {
        format!("{day} {time}")
    }

    fn day(&self, day: NaiveDate, with_year: bool) -> String {
        if with_year {
            return day.format("%Y년 %-m월 %-d일").to_string();
        }
        let weekday = ["월", "화", "수", "목", "금", "토", "일"][day.weekday().num_days_from_monday() as usize];
        format!("{}({weekday})", day.format("%-m월 %-d일"))
    }

    fn expiry(&self, left: TimeDelta) -> String {
        match (left > TimeDelta::zero(), left.num_days(), left.num_hours()) {
            (true, _, 0) => "1시간 이내 만료".to_owned(),
            (true, days, _) if days > COUNTED_DAYS => "만료 예정".to_owned(),
            (true, _, _) => format!("{} 후 만료", span(left)),
            (false, _, 0) => "만료된 지 1시간 미만".to_owned(),
            (false, _, _) => format!("{} 전 만료", span(left)),
        }
    }

    fn dated(&self, date: &str) -> String {
        format!(" · {date}")
    }

    fn readers_time(&self) -> (&'static str, &'static str) {
        ("(현지 시각: ", ")")
    }

    fn marked_new(&self, news: &str) -> String {
        format!("신규 · {news}")
    }

    fn unknown_expiry(&self, sent: Option<&str>) -> String {
        match sent {
            Some(text) => format!("만료일 확인 불가: 날짜 형식이 아닌 값 `{text}`"),
            None => "만료일 확인 불가: NCP가 날짜를 보내지 않음".to_owned(),
        }
    }

    fn status(&self, status: &Status, shown: &str, age: Option<TimeDelta>) -> String {
        let age = match age {
            None => String::new(),
            Some(age) if age.num_hours() == 0 => format!(", {}", span(age)),
            Some(age) => format!(", {}째", span(age)),
        };
        match status {
            Status::Ready => format!("READY(대기){age}"),
            Status::Publishing => format!("PUBLISHING(배포 중){age}"),
            Status::Running => format!("RUNNING(운영 중){age}"),
            Status::Deleting => "DELETING(삭제 중)".to_owned(),
            Status::Deleted => "DELETED(삭제됨)".to_owned(),
            Status::Undocumented(_) => format!("상태 {shown}(NCP 문서에 없는 상태){age}"),
            Status::Missing => "NCP가 상태를 보내지 않음".to_owned(),
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
            return "연결된 엣지 없음".to_owned();
        }
        let more = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(names.len());
        let listed = if names.is_empty() { String::new() } else { format!(": {}", list(names, more, "개")) };
        format!("연결된 엣지 {number}개{listed}")
    }

    fn names(&self, names: &[String], more: usize) -> String {
        format!("추가 도메인: {}", list(names, more, "개"))
    }

    fn origin(&self, lifetime: TimeDelta, issuer: Option<&str>) -> String {
        let issuer = issuer.map(|issuer| format!(", 발급 기관 {issuer}")).unwrap_or_default();
        format!("전체 유효 기간 {}{issuer}", span(lifetime))
    }

    fn used_elsewhere(&self, instances: usize) -> String {
        format!("인스턴스 {instances}개에서 사용 중, Global Edge 슬롯 없음")
    }

    fn replacement(&self, slot_id: i64, date: &str) -> String {
        format!("슬롯 {slot_id}의 같은 이름 인증서는 {date}까지 유효합니다. 엣지를 이 슬롯으로 전환하세요.")
    }

    fn renewed(&self, name: &str, date: &str) -> String {
        format!("갱신됨: {name}, {date}까지")
    }

    fn lasts(&self, name: &str, date: &str) -> String {
        format!("{name} · {date}까지")
    }

    fn and_more(&self, more: usize) -> String {
        format!("외 {more}건")
    }

    fn deployed_heading(&self, count: usize) -> String {
        format!("최근 7일간 배포({count}건)")
    }

    fn none_deployed(&self) -> String {
        "배포된 인증서 없음".to_owned()
    }

    fn outlook_heading(&self) -> String {
        "향후 3개월 만료 예정".to_owned()
    }

    fn outlook_month(&self, month: NaiveDate, count: usize, names: &[String]) -> String {
        let month = month.format("%-m월");
        if count == 0 {
            return format!("{month}: 없음");
        }
        format!("{month}: {count}건({})", list(names, count - names.len(), "건"))
    }

    fn how_to_renew(&self) -> &'static str {
        "갱신: Certificate Manager에 새 인증서 등록 → Global Edge > Certificate Provisioning > 슬롯 선택 > \
         [인증서 업데이트]"
    }

    fn muted(&self, names: &[MutedName], more: usize) -> String {
        let name = |one: &MutedName| match one.why.as_str() {
            "" => format!("{}({}까지)", one.name, one.until),
            why => format!("{}({}까지: {why})", one.name, one.until),
        };
        format!("음소거: {}", list(&names.iter().map(name).collect::<Vec<_>>(), more, "건"))
    }

    fn mutes_ended(&self, what: &[String], more: usize) -> String {
        format!("종료된 음소거: {}. 웹훅 시크릿에서 삭제하세요.", list(what, more, "건"))
    }

    fn mutes_idle(&self, what: &[String], more: usize) -> String {
        let what = list(what, more, "건");
        format!("해당 알림이 없는 음소거: {what}. 웹훅 시크릿에서 삭제하거나 수정하세요.")
    }

    fn unrouted(&self) -> String {
        "담당 채널이 없는 항목이 있어 모든 채널에 알립니다. 웹훅 시크릿에서 웹훅의 ‘accounts’ 또는 ‘names’를 추가하세요."
            .to_owned()
    }

    fn coverage(&self, account: &AccountReport, is_only: bool) -> String {
        let AccountReport { name, checked, total, failure, .. } = account;
        if *total == 0 && *checked == 0 && failure.is_none() {
            return format!("인증서 0개: 계정 {name}");
        }
        let account = if is_only { String::new() } else { format!(" · 계정 {name}") };
        if checked == total {
            return format!("인증서 {checked}개 확인{account}");
        }
        format!("인증서 {total}개 중 {checked}개 확인{account}")
    }

    fn coverage_of_many(&self, accounts: usize, checked: u64) -> String {
        format!("계정 {accounts}개의 인증서 {checked}개 확인")
    }

    fn empty_accounts(&self, names: &[&str], more: usize) -> String {
        format!("인증서 0개: 계정 {}", list(names, more, "개"))
    }

    fn rules(&self, thresholds: Thresholds, zone: &str) -> String {
        let Thresholds { warn_days, critical_days, shares, .. } = thresholds;
        let share = |share: Option<u8>| share.map(|share| format!("(또는 유효 기간의 {share}%)")).unwrap_or_default();
        let critical = match critical_days {
            0 => "만료 시 긴급".to_owned(),
            days => format!("{days}일{} 이내 긴급", share(shares.critical)),
        };
        format!("{warn_days}일{} 이내 경고, {critical} · 시각은 {zone} 기준", share(shares.warn))
    }

    fn horizon(&self, after: bool, name: &str, date: &str) -> String {
        format!("{} 만료: {name}, {date}", if after { "그다음" } else { "다음" })
    }

    fn all_clear(&self, thresholds: Thresholds, is_whole: bool) -> String {
        let Thresholds { warn_days, shares, .. } = thresholds;
        let share = shares.warn.map(|share| format!("(또는 유효 기간의 {share}%)")).unwrap_or_default();
        let but =
            if is_whole { "" } else { "음소거했거나 다른 채널에만 알리는 인증서를 제외하고 " };
        format!("{but}모든 인증서가 운영 중이며 유효 기간이 {warn_days}일{share} 넘게 남았습니다.")
    }

    fn nothing_there(&self, reader: Reader) -> String {
        let keys = match reader {
            Reader::Operator => "키와 NCP_API_URL이 올바른 계정의 것인지",
            Reader::Terminal => "NCLOUD_ACCESS_KEY, NCLOUD_SECRET_KEY, NCP_API_URL이 올바른 계정의 값인지",
        };
        format!("확인할 인증서가 없습니다. 있어야 한다면 {keys} 확인하세요.")
    }

    fn left_out(&self, counts: Counts) -> String {
        format!("이 채널에서 제외: {}", self.by_severity(counts))
    }

    fn older(&self, counts: Counts) -> String {
        format!("이전 {}: 주간 요약에서 확인", self.by_severity(counts))
    }

    fn more(&self, counts: Counts, months: &[(NaiveDate, usize)]) -> String {
        let (listed, behind) = listed_months(months);
        let undated = counts.total() - months.iter().map(|(_, number)| number).sum::<usize>();
        // 1년 안에서는 달만으로 충분하다.
        let plain = listed.first().and_then(|(first, _)| first.checked_add_months(Months::new(12)));
        let mut months: Vec<String> = listed
            .iter()
            .map(|(month, number)| {
                let form = if plain.is_some_and(|end| *month < end) { "%-m월" } else { "%Y년 %-m월" };
                format!("{} {number}건", month.format(form))
            })
            .collect();
        months.extend((behind > 0).then(|| format!("이후 {behind}건")));
        months.extend((undated > 0 && !months.is_empty()).then(|| format!("만료일 확인 불가 {undated}건")));
        let months =
            if months.is_empty() { String::new() } else { format!(" · 월별 만료: {}", months.join(", ")) };
        format!("외 {}건: {}{months}", counts.total(), self.by_severity(counts))
    }

    fn sample_notice(&self) -> String {
        "테스트 메시지입니다. 가상의 인증서로 만든 예시이며, 실제로 확인한 것은 없습니다.".to_owned()
    }

    fn simulated_notice(&self, date: &str) -> String {
        format!("시뮬레이션: {date} 기준으로 판단했습니다.")
    }

    fn console_button(&self) -> String {
        "콘솔 열기".to_owned()
    }

    fn runbook_button(&self) -> String {
        "런북 열기".to_owned()
    }

    fn severity(&self, severity: Severity) -> String {
        match severity {
            Severity::Critical => "긴급",
            Severity::Warning => "경고",
            Severity::Info => "정보",
        }
        .to_owned()
    }

    fn failure(&self, failure: &Failure, reader: Reader) -> Advice {
        let (what, fix) = match failure {
            Failure::Secret(error) => return self.secret(error),
            Failure::Api(error) => (api_error(error), api_fix(error, reader)),
            Failure::Incomplete(incomplete) => {
                let (checked, total) = (incomplete.checked, incomplete.total);
                let why = match incomplete.unreadable {
                    0 if checked >= total => "(읽는 동안 목록이 바뀜)".to_owned(),
                    0 => String::new(),
                    rows => format!("(읽을 수 없는 행 {rows}개)"),
                };
                (
                    format!("목록이 불완전합니다: {total}개 중 {checked}개{why}"),
                    "콘솔의 목록과 비교하세요. 계속되면 개수와 목록이 다른 이유를 NCP 고객지원에 문의하세요."
                        .to_owned(),
                )
            }
        };
        Advice { what, fix }
    }

    fn secret(&self, error: &secret_store::Error) -> Advice {
        let store = error.store();
        let (what, fix) = secret(&error.problem, store);
        Advice { what: format!("{} `{}`: {what}", kept_in(store), error.id), fix }
    }

    fn undelivered_title(&self, webhooks: &[String], occasion: Occasion, is_partial: bool, counted: &str) -> String {
        let (channels, behind) = match webhooks {
            [one] => (one.clone(), format!("({counted})")),
            many => {
                let (named, rest) = many.split_at(many.len().min(3));
                (format!("{}개", many.len()), format!(": {}", list(named, rest.len(), "개")))
            }
        };
        let what = match occasion {
            Occasion::Digest => "오늘 알림이",
            Occasion::Summary => "이번 주 요약이",
            // 놓친 소식이 없으니 알릴 것도 없다.
            Occasion::Sample => {
                let named = if webhooks.len() == 1 { "" } else { &behind };
                return format!("채널 {channels}에 테스트가 전송되지 않았습니다{named}");
            }
        };
        let how = if is_partial { "모두 전송되지는 않았습니다" } else { "전송되지 않았습니다" };
        format!("채널 {channels}에 {what} {how}{behind}. 담당자에게 알려 주세요.")
    }

    fn others_undelivered(&self) -> Advice {
        Advice {
            what: "역시 전송되지 않았습니다".to_owned(), fix: "이유는 함수의 로그에서 확인하세요.".to_owned()
        }
    }

    fn channels(&self, names: &[String]) -> String {
        list(names, 0, "개")
    }

    fn webhook(&self, name: &str, kind: chat::Kind) -> String {
        // 한국에서는 이름이 다르다.
        let title = if kind == chat::Kind::LineWorks { "NAVER WORKS" } else { kind.title() };
        format!("채널 {name}({title})")
    }

    fn clear_in_short(&self) -> &'static str {
        "이상 없음"
    }

    fn missed(&self, occasion: Occasion, taken: Taken, counted: &str) -> String {
        let what = if occasion == Occasion::Summary { "주간 요약" } else { "인증서 알림" };
        match taken {
            Taken { messages, of } if taken.is_partial() => {
                format!("{what} 메시지 {of}개 중 {messages}개만 전송됨: {counted}")
            }
            _ => format!("전송되지 않은 {what}: {counted}"),
        }
    }

    fn sentences(&self, sentences: &[&str]) -> String {
        let Some((last, before)) = sentences.split_last() else { return String::new() };
        let before = before.iter().map(|one| format!("{}. ", one.trim_end_matches('.')));
        before.collect::<String>() + last
    }

    fn quotes(&self) -> (char, char) {
        ('‘', '’')
    }

    fn undelivered(&self, kind: chat::Kind, failure: &chat::Error, reader: Reader) -> Advice {
        let place = match reader {
            Reader::Operator => "웹훅 시크릿에",
            Reader::Terminal => "WEBHOOK_URL에",
        };
        let fix = match (failure.refusal(), kind) {
            (Refusal::Gone, chat::Kind::Slack) => {
                format!("Slack에서 수신 웹훅(Incoming Webhook)을 새로 만들고 그 URL을 {place} 넣으세요.")
            }
            (Refusal::Gone, chat::Kind::Teams) => format!(
                "Teams의 Workflows 앱에서 흐름이 켜져 있고 누구나 트리거할 수 있는지 확인한 뒤, 현재 URL을 {place} 넣으세요."
            ),
            (Refusal::Gone, chat::Kind::LineWorks) => format!(
                "Incoming Webhook 앱에서 URL을 새로 발급받고 봇이 대화방에 있는지 확인한 뒤, URL을 {place} 넣으세요."
            ),
            (Refusal::Gone, chat::Kind::Jandi) => {
                format!("JANDI에서 인커밍 웹훅(Incoming Webhook)을 새로 만들고 그 URL을 {place} 넣으세요.")
            }
            (Refusal::Gone, chat::Kind::Dooray) => {
                format!("Dooray! 메신저에서 Incoming 연동을 새로 만들고 그 URL을 {place} 넣으세요.")
            }
            (Refusal::Gone, chat::Kind::Json) => {
                format!("중계 서버의 URL을 확인하고 올바른 URL을 {place} 넣으세요.")
            }
            (Refusal::Archived, _) => {
                format!("채널 보관을 해제하거나, 다른 채널의 웹훅 URL을 {place} 넣으세요.")
            }
            (Refusal::Forbidden, chat::Kind::Slack) => {
                "앱과 웹훅이 채널에 게시할 수 있도록 Slack 관리자에게 요청하세요.".to_owned()
            }
            (Refusal::Forbidden, chat::Kind::Teams) => {
                format!("흐름의 트리거를 `Anyone`(모든 사용자)으로 바꾸고, 새 URL을 복사해 {place} 넣으세요.")
            }
            (Refusal::Forbidden, chat::Kind::LineWorks) => {
                "관리자에게 Incoming Webhook 앱 사용을 요청하고, 봇이 대화방에 있는지 확인하세요.".to_owned()
            }
            (Refusal::Forbidden, chat::Kind::Jandi | chat::Kind::Dooray) => {
                "이 대화방에서 웹훅을 사용할 수 있도록 관리자에게 요청하거나, 웹훅을 새로 만드세요.".to_owned()
            }
            (Refusal::Forbidden, chat::Kind::Json) => {
                "중계 서버가 요구하는 인증을 확인하세요. 요청이 거부되었습니다.".to_owned()
            }
            (Refusal::TooLarge | Refusal::Payload, chat::Kind::Json) => {
                "중계 서버가 문서의 형식(version 1)을 받는지 확인하세요.".to_owned()
            }
            (Refusal::TooLarge | Refusal::Payload, _) => "dry run 결과를 첨부해 버그로 알려 주세요.".to_owned(),
            (Refusal::RateLimited, _) => "인증서 알림 전용 웹훅을 따로 만드세요.".to_owned(),
            (Refusal::Redirected, _) => format!("최종적으로 연결되는 URL을 {place} 넣으세요."),
            (
                Refusal::NotAcknowledged | Refusal::Declined,
                chat::Kind::LineWorks | chat::Kind::Jandi | chat::Kind::Dooray,
            ) => "메신저 설정에서 웹훅을 확인하고, URL이 잘리지 않았는지 확인하세요.".to_owned(),
            (Refusal::NotAcknowledged | Refusal::Declined, _) => {
                "수신 웹훅의 URL이 맞는지, 다른 서버가 대신 응답하지 않는지 확인하세요.".to_owned()
            }
            (Refusal::Unavailable, _) => match reader {
                Reader::Operator => "나중에 함수를 다시 실행하세요.".to_owned(),
                Reader::Terminal => "나중에 다시 시도하세요.".to_owned(),
            },
            (Refusal::Unreachable, _) => match reader {
                Reader::Operator => "웹훅의 URL과 함수의 인터넷 연결을 확인하세요.".to_owned(),
                Reader::Terminal => "웹훅의 URL과 인터넷 연결을 확인하세요.".to_owned(),
            },
            (Refusal::Untrusted, _) => "URL의 호스트가 맞는지, 공인 인증서를 사용하는지 확인하세요.".to_owned(),
        };
        let what = match failure.refusal() {
            Refusal::Gone => "웹훅이 삭제되었거나 만료되었습니다",
            Refusal::Archived => "채널이 보관 처리되었습니다",
            Refusal::Forbidden => "게시 권한이 없습니다",
            Refusal::TooLarge => "메시지가 너무 큽니다",
            Refusal::Payload => "메시지 형식이 거부되었습니다",
            Refusal::RateLimited => "메시지가 너무 많아 일시적으로 제한되었습니다",
            Refusal::Redirected => "다른 주소로 리디렉션됩니다",
            Refusal::NotAcknowledged if kind == chat::Kind::Slack => "응답은 왔지만 `ok`가 아닙니다",
            Refusal::NotAcknowledged => "응답은 왔지만 수신 확인이 아닙니다",
            Refusal::Declined => "응답은 왔지만 메시지를 거부했습니다",
            Refusal::Unavailable => "서비스에 장애가 있습니다",
            // 원인이 곧 완결된 문장이다.
            Refusal::Unreachable | Refusal::Untrusted => return Advice { what: code(failure), fix },
        };
        Advice { what: format!("{what}({})", code(failure)), fix }
    }
}

impl Korean {
    fn by_severity(&self, counts: Counts) -> String {
        by_severity(counts, self.comma(), |number, severity| format!("{} {number}건", self.severity(severity)))
    }
}

fn code(failure: &chat::Error) -> String {
    let quoted = |reply: &Remote| if reply.is_empty() { String::new() } else { format!(", `{reply}`") };
    match failure {
        chat::Error::Refused { status, reply, .. } => format!("HTTP {status}{}", quoted(reply)),
        chat::Error::NotAcknowledged { reply } | chat::Error::Declined { reply, .. } => {
            format!("HTTP 200{}", quoted(reply))
        }
        chat::Error::Http(one) => fault(one),
    }
}

fn reply(reply: &ErrorReply) -> String {
    match (reply.code.is_empty(), reply.text.is_empty()) {
        (true, true) => "사유 미제공".to_owned(),
        (true, false) => format!("`{}`", reply.text),
        (false, true) => format!("코드 {}", reply.code),
        (false, false) => format!("코드 {}, `{}`", reply.code, reply.text),
    }
}

/// What a store keeps.
fn kept_in(store: Store) -> &'static str {
    match store {
        Store::SecretsManager => "시크릿",
        Store::ParameterStore => "파라미터",
    }
}

fn secret(problem: &Problem, store: Store) -> (String, String) {
    match problem {
        Problem::NotFound => (format!("이 리전의 {store}에 없습니다"), "이름 또는 ARN과 리전을 확인하세요.".to_owned()),
        Problem::AccessDenied => {
            let action = match store {
                Store::SecretsManager => "secretsmanager:GetSecretValue",
                Store::ParameterStore => "ssm:GetParameter",
            };
            (
                "함수에 읽기 권한이 없습니다".to_owned(),
                // Both kinds of stored values take the same particle.
                format!("함수의 역할에 이 {}에 대한 {action}를 허용하세요.", kept_in(store)),
            )
        }
        Problem::NotDecrypted => (
            // Both stores take the same particle.
            format!("{store}가 복호화하지 못했습니다"),
            "함수의 역할에 해당 KMS 키의 kms:Decrypt를 허용하고, 키가 활성화되어 있는지 확인하세요.".to_owned(),
        ),
        Problem::Deleted => ("삭제 예정 상태입니다".to_owned(), "복원하거나 다른 시크릿을 지정하세요.".to_owned()),
        Problem::Unavailable(why) => (
            format!("{store}에 요청하지 못했습니다: {}", unavailable(why)),
            format!(
                "함수를 다시 실행하세요. 계속되면 {store} 연결을 확인하세요(VPC의 함수에는 엔드포인트나 NAT 게이트웨이가 \
                 필요합니다)."
            ),
        ),
        Problem::Invalid(problems) => (
            match fields_of(problems).as_slice() {
                [] => "JSON 객체가 아닙니다".to_owned(),
                fields => format!("값이 올바르지 않습니다: {}", fields.join(", ")),
            },
            "값을 수정하세요. 형식은 README에, 자세한 내용은 로그에 있습니다.".to_owned(),
        ),
    }
}

fn unavailable(why: &Unavailable) -> String {
    match why {
        Unavailable::Http(one) => fault(one),
        Unavailable::Code(code) => code.to_string(),
        Unavailable::Status(status) => format!("HTTP {status}"),
        Unavailable::Unreadable => "응답을 읽을 수 없습니다".to_owned(),
        Unavailable::NotSent => "요청을 보낼 수 없습니다".to_owned(),
    }
}

fn api_error(error: &global_edge::Error) -> String {
    match error {
        global_edge::Error::Unauthorized { reply: text, .. } => {
            format!("NCP가 키를 거부했습니다(HTTP 401, {})", reply(text))
        }
        global_edge::Error::PermissionDenied { status, reply: text } => {
            format!("권한이 없어 거부되었습니다(HTTP {status}, {})", reply(text))
        }
        global_edge::Error::NotFound { reply: text } => format!("NCP에 없는 주소입니다(HTTP 404, {})", reply(text)),
        global_edge::Error::QuotaExceeded { reply: text } => {
            format!("API 사용 한도를 초과했습니다(HTTP 429, {})", reply(text))
        }
        global_edge::Error::RateLimited { reply: text, .. } => {
            format!("요청이 너무 많습니다(HTTP 429, {})", reply(text))
        }
        global_edge::Error::Unavailable { status, reply: text, .. } => {
            format!("NCP에 장애가 있습니다(HTTP {status}, {})", reply(text))
        }
        global_edge::Error::Refused { status, reply: text } => {
            format!("NCP가 요청을 거부했습니다(HTTP {status}, {})", reply(text))
        }
        // 자세한 내용은 파서의 영어 문장이며 로그에 있다.
        global_edge::Error::Malformed(_) => "NCP의 응답을 읽을 수 없습니다".to_owned(),
        global_edge::Error::Http(one) => fault(one),
    }
}

fn api_fix(error: &global_edge::Error, reader: Reader) -> String {
    let terminal = reader == Reader::Terminal;
    let fix = match error {
        global_edge::Error::Unauthorized { skew: Some(skew), .. } => {
            let minutes = skew.num_minutes().abs();
            let side = if *skew > TimeDelta::zero() { "빠릅니다" } else { "느립니다" };
            return if terminal {
                format!(
                    "이 컴퓨터의 시계가 NCP보다 {minutes}분 {side}. 시계를 맞추세요. 5분 넘게 차이 나면 거부됩니다."
                )
            } else {
                format!(
                    "함수의 시계가 NCP보다 {minutes}분 {side}. 5분 넘게 차이 나면 거부됩니다. 계속되면 AWS에 문의하세요."
                )
            };
        }
        global_edge::Error::Unauthorized { skew: None, .. } if terminal => {
            "NCLOUD_ACCESS_KEY와 NCLOUD_SECRET_KEY를 확인하세요. 두 키는 한 쌍이어야 하고 사용 중 상태여야 합니다."
        }
        global_edge::Error::Unauthorized { skew: None, .. } => {
            "시크릿의 액세스 키와 시크릿 키가 한 쌍인지, 키가 사용 중 상태인지 확인하세요."
        }
        global_edge::Error::PermissionDenied { .. } => {
            "키의 소유자에게 Global Edge 조회(목록) 권한이 있는지, 계정이 Global Edge를 이용 중인지, 키의 접근 IP가 제한되어 \
             있지 않은지 확인하세요."
        }
        global_edge::Error::NotFound { .. } if terminal => "NCP_API_URL을 확인하세요. NCP는 존마다 주소가 다릅니다.",
        global_edge::Error::NotFound { .. } => {
            "NCP_API_URL 또는 시크릿의 `api_url`을 확인하세요. NCP는 존마다 주소가 다릅니다."
        }
        global_edge::Error::QuotaExceeded { .. } => "NCP API Gateway에서 한도를 늘리거나 실행 횟수를 줄이세요.",
        global_edge::Error::RateLimited { .. } => {
            "실행 시간을 바꾸거나 실행 횟수를 줄이세요. 다른 프로그램도 이 API를 사용하고 있습니다."
        }
        global_edge::Error::Unavailable { .. } if terminal => {
            "나중에 다시 시도하세요. 계속되면 NCP의 서비스 상태를 확인하세요."
        }
        global_edge::Error::Unavailable { .. } => {
            "나중에 함수를 다시 실행하세요. 계속되면 NCP의 서비스 상태를 확인하세요."
        }
        global_edge::Error::Refused { .. } | global_edge::Error::Malformed(_) => {
            "NCP_API_URL을 확인하세요. 맞다면 NCP의 API가 변경되었을 수 있으니 ncp-cert-alert의 새 버전을 확인하세요."
        }
        global_edge::Error::Http(fault) => fault_fix(fault, terminal),
    };
    fix.to_owned()
}

fn fault(fault: &HttpError) -> String {
    match fault {
        HttpError::TimedOut => "제한 시간 안에 응답이 없었습니다".to_owned(),
        HttpError::Connect(ConnectError::Refused) => "연결이 거부되었습니다".to_owned(),
        HttpError::Connect(ConnectError::Untrusted) => "서버 인증서를 신뢰할 수 없습니다".to_owned(),
        HttpError::Connect(ConnectError::Unreachable) => "연결할 수 없습니다".to_owned(),
        HttpError::Interrupted => "응답이 끝나기 전에 연결이 끊겼습니다".to_owned(),
        HttpError::TooLarge { limit } => format!("응답이 {}KB를 넘습니다", limit / 1024),
    }
}

fn fault_fix(fault: &HttpError, terminal: bool) -> &'static str {
    match fault {
        HttpError::TimedOut | HttpError::Interrupted if terminal => {
            "다시 시도하세요. 계속되면 인터넷 연결을 확인하세요."
        }
        HttpError::TimedOut => "함수를 다시 실행하세요. 계속되면 제한 시간을 늘리고 인터넷 연결을 확인하세요.",
        HttpError::Interrupted => "함수를 다시 실행하세요. 계속되면 인터넷 연결을 확인하세요.",
        HttpError::Connect(ConnectError::Untrusted) => {
            "NCP_API_URL을 확인하세요. 중간에서 인증서를 바꾸는 프록시가 있으면 동작하지 않습니다."
        }
        HttpError::Connect(ConnectError::Refused | ConnectError::Unreachable) if terminal => {
            "NCP_API_URL과 인터넷 연결을 확인하세요."
        }
        HttpError::Connect(ConnectError::Refused | ConnectError::Unreachable) => {
            "NCP_API_URL과 함수의 인터넷 연결을 확인하세요(VPC의 함수에는 NAT 게이트웨이가 필요합니다)."
        }
        HttpError::TooLarge { .. } => "NCP_API_URL을 확인하세요. Global Edge의 응답이 아닙니다.",
    }
}
