//! 한국어.

mod failure;

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::{Group, Headline, MutedName, Occasion, Taken, Texts, Words, Worst};
use crate::certificate::Status;
use crate::chat::Kind;
use crate::rules::served::Remark;
use crate::rules::{Severity, Thresholds};

pub(super) struct Korean;

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

/// 한국에서 쓰는 이름.
fn chat(kind: Kind) -> &'static str {
    if kind == Kind::LineWorks { "NAVER WORKS" } else { kind.title() }
}

impl Words for Korean {
    fn texts(&self) -> &'static Texts {
        &Texts {
            comma: ", ",
            dot: " · ",
            colon: ": ",
            full_stop: ". ",
            quotes: ('‘', '’'),
            sample_title: "[테스트] 실제 문제가 아닙니다",
            no_account_title: "이 채널에 지정된 계정이 없음",
            empty_title: "인증서 0개: 계정이 맞는지 확인 필요",
            weekly_summary: "주간 요약",
            clear_in_short: "이상 없음",
            nameless: "(도메인 이름 없음)",
            unused: "사용 중인 엣지 없음",
            none_deployed: "배포된 인증서 없음",
            outlook: "위 항목 외 만료 예정",
            how_to_renew: "갱신: Certificate Manager에 새 인증서 등록 → Global Edge > Certificate Provisioning > 인증서 이름 선택 > \
                           [인증서 업데이트]",
            how_to_unstick: "배포 지연: 상태가 바뀌지 않으면 슬롯 번호와 함께 NCP 고객지원에 문의하세요.",
            how_to_serve: "이 도메인의 DNS가 가리키는 곳과 엣지가 사용하는 슬롯을 확인하세요.",
            unrouted: "어느 웹훅의 라우팅에도 해당하지 않는 항목이 있어 모든 채널에 알립니다. 웹훅 시크릿에서 웹훅의 ‘accounts’ 또는 \
                       ‘names’를 추가하세요.",
            nothing_there: "확인할 인증서가 없습니다. 있어야 한다면 키와 NCP_API_URL이 올바른 계정의 것인지 확인하세요.",
            sample_notice: "테스트 메시지입니다. 가상의 인증서로 만든 예시이며, 실제로 확인한 것은 없습니다.",
            console_button: "콘솔 열기",
            runbook_button: "런북 열기",
        }
    }

    fn accounts_failed(&self, names: &[&str]) -> String {
        match names {
            [name] => format!("[확인 실패] 계정 {name}"),
            many => format!("[확인 실패] 계정 {}개", many.len()),
        }
    }

    fn worst(&self, worst: &Worst) -> String {
        let Worst { name, group, left } = worst;
        let aside = match group {
            Group::Unused => "·사용 중인 엣지 없음",
            Group::Elsewhere => "·Global Edge 외",
            Group::ServedEnds => "·실제 제공 중",
            Group::ServedOlder => return format!("[{}] {name}", self.group(*group)),
            _ => "",
        };
        let tag = match left.filter(|_| group.is_by_expiry()) {
            Some(left) if left > TimeDelta::zero() => self.expiry(left),
            Some(_) => "만료".to_owned(),
            None => self.group(*group),
        };
        format!("[인증서 {tag}{aside}] {name}")
    }

    fn beside_the_worst(&self, urgent: usize, others: usize) -> String {
        match (urgent, others) {
            (0, 0) => String::new(),
            (0, others) => format!(", 기타 {others}건"),
            (urgent, 0) => format!(" 외 긴급 {urgent}건"),
            (urgent, others) => format!(" 외 긴급 {urgent}건, 기타 {others}건"),
        }
    }

    fn clear_title(&self, headline: &Headline<'_>) -> String {
        let clear = if headline.is_summary { "주간 요약: 이상 없음" } else { "이상 없음" };
        let next = headline.next.as_ref().map(|day| format!(" · 다음 만료 {day}")).unwrap_or_default();
        if headline.is_whole {
            format!("{clear} · 인증서 {}개{next}", headline.checked)
        } else {
            format!("{clear}(이 채널 기준){next}")
        }
    }

    fn simulated_title(&self, news: &str) -> String {
        format!("[시뮬레이션] {news}")
    }

    fn continued(&self, number: usize, of: usize, holds: &str) -> String {
        format!("({number}/{of}) 계속: {holds}")
    }

    fn numbered(&self, title: &str, number: usize, of: usize) -> String {
        format!("{title}({number}/{of})")
    }

    fn group(&self, group: Group) -> String {
        match group {
            Group::NotChecked => "확인 실패".to_owned(),
            Group::Urgent => "즉시 조치 필요".to_owned(),
            Group::Expired => "만료".to_owned(),
            Group::Within(days) => format!("{days}일 이내 만료"),
            Group::Stuck => "배포 지연".to_owned(),
            Group::UnknownStatus => "상태 이상".to_owned(),
            Group::ExpiryUnknown => "만료일 확인 불가".to_owned(),
            Group::InProgress => "배포·삭제 진행 중".to_owned(),
            Group::Unused => "만료(임박) · 사용 중인 엣지 없음".to_owned(),
            Group::Elsewhere => "Global Edge 외 Load Balancer 등".to_owned(),
            Group::ServedEnds => "실제 제공 중인 인증서 만료(임박)".to_owned(),
            Group::ServedOlder => "이전 인증서 제공 중".to_owned(),
            Group::NotDelivered => "전송 실패".to_owned(),
        }
    }

    fn heading(&self, group: Group, count: usize) -> String {
        format!("{}({count}건)", self.group(group))
    }

    fn counted(&self, group: Group, count: usize) -> String {
        format!("{} {count}건", self.group(group))
    }

    fn bracketed(&self, text: &str) -> String {
        format!("({text})")
    }

    fn day(&self, day: NaiveDate, with_year: bool) -> String {
        if with_year {
            return day.format("%Y년 %-m월 %-d일").to_string();
        }
        let weekday = ["월", "화", "수", "목", "금", "토", "일"][day.weekday().num_days_from_monday() as usize];
        format!("{}({weekday})", day.format("%-m월 %-d일"))
    }

    fn expiry(&self, left: TimeDelta) -> String {
        match (left > TimeDelta::zero(), left.num_hours()) {
            (true, 0) => "1시간 이내 만료".to_owned(),
            (true, _) => format!("{} 후 만료", span(left)),
            (false, 0) => "만료된 지 1시간 미만".to_owned(),
            (false, _) => format!("{} 전 만료", span(left)),
        }
    }

    fn dated(&self, date: &str) -> String {
        format!(" · {date}")
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
            Status::Ready => format!("READY(배포 대기){age}"),
            Status::Publishing => format!("PUBLISHING(배포 중){age}"),
            Status::Running => format!("RUNNING(운영 중){age}"),
            Status::Deleting => "DELETING(삭제 중)".to_owned(),
            Status::Deleted => "DELETED(삭제됨)".to_owned(),
            Status::Undocumented(_) => format!("알 수 없는 상태 {shown}{age}"),
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

    fn edges(&self, number: u64, names: &[String]) -> String {
        let more = usize::try_from(number).unwrap_or(usize::MAX).saturating_sub(names.len());
        let listed = if names.is_empty() { String::new() } else { format!(": {}", list(names, more, "개")) };
        format!("사용 중인 엣지 {number}개{listed}")
    }

    fn names(&self, names: &[String], more: usize) -> String {
        format!("포함 도메인(SAN): {}", list(names, more, "개"))
    }

    fn origin(&self, lifetime: TimeDelta, issuer: Option<&str>) -> String {
        let issuer = issuer.map(|issuer| format!(", 발급 기관 {issuer}")).unwrap_or_default();
        format!("전체 유효 기간 {}{issuer}", span(lifetime))
    }

    fn used_elsewhere(&self, instances: usize) -> String {
        format!("인스턴스 {instances}개에서 사용 중, Global Edge 슬롯 없음")
    }

    fn used_behind_no_edge(&self, instances: Option<usize>) -> String {
        match instances {
            Some(instances) => {
                format!("사용 중인 엣지 없음, Certificate Manager에서는 인스턴스 {instances}개가 사용 중")
            }
            None => "사용 중인 엣지 없음, Certificate Manager 확인 불가".to_owned(),
        }
    }

    fn served_ends(&self, left: TimeDelta) -> String {
        format!("실제 제공 중인 인증서가 {}", self.expiry(left))
    }

    fn served_older(&self, until: &str) -> String {
        format!("이전 인증서가 아직 제공 중({until}까지 유효)")
    }

    fn seen(&self, hosts: &[&str], more: usize, region: Option<&str>) -> String {
        let hosts = if hosts.is_empty() { String::new() } else { format!("{}, ", list(hosts, more, "개")) };
        format!("{hosts}{}에서 확인", region.unwrap_or("현재 위치"))
    }

    fn slot_lasts(&self, date: &str) -> String {
        format!("슬롯의 인증서는 {date}까지 유효")
    }

    fn looked(&self, tried: usize, remarks: &[(Remark, usize)]) -> String {
        let remarks: Vec<String> = remarks.iter().map(|(remark, count)| self.remark(*remark, *count)).collect();
        let remarks = if remarks.is_empty() { String::new() } else { format!(": {}", remarks.join(", ")) };
        format!("호스트 {tried}개 접속 확인{remarks}")
    }

    fn remark(&self, remark: Remark, count: usize) -> String {
        format!("{} {count}개", self.host_remark(remark))
    }

    fn host_remark(&self, remark: Remark) -> &'static str {
        match remark {
            Remark::OtherName => "다른 이름의 인증서",
            Remark::UnknownIssuer => "알 수 없는 발급 기관 또는 불완전한 체인",
            Remark::NoAnswer => "응답 없음",
            Remark::NotFound => "주소 없음",
            Remark::NotPublic => "공인 주소 없음",
            Remark::NoTls => "TLS 1.2·1.3 미지원",
            Remark::Unconfirmed => "재확인 결과 다름",
            Remark::NotLooked => "확인하지 않음",
            Remark::NoSlot => "해당하는 RUNNING 슬롯 없음",
        }
    }

    fn replacement(&self, slot_id: i64, date: &str) -> String {
        format!("슬롯 {slot_id}에 {date}까지 유효한 인증서가 있습니다. 엣지를 전환하세요.")
    }

    fn lasts(&self, name: &str, date: &str) -> String {
        format!("{name} · {date}까지")
    }

    fn and_more(&self, more: usize) -> String {
        format!("외 {more}건")
    }

    fn lines_dropped(&self, lines: usize) -> String {
        format!("외 {lines}줄 생략(메시지 길이 제한)")
    }

    fn renewed_heading(&self, count: usize) -> String {
        format!("갱신됨({count}건)")
    }

    fn deployed_heading(&self, count: usize) -> String {
        format!("최근 7일간 배포({count}건)")
    }

    fn outlook_month(&self, month: NaiveDate, count: usize, names: &[String]) -> String {
        let month = month.format("%Y년 %-m월");
        if count == 0 {
            return format!("{month}: 없음");
        }
        format!("{month}: {count}건({})", list(names, count - names.len(), "건"))
    }

    fn old_tls(&self, count: usize, names: &[String]) -> String {
        format!("TLS 1.0 또는 1.1을 아직 허용({count}건): {}", list(names, count - names.len(), "건"))
    }

    fn muted_name(&self, muted: &MutedName) -> String {
        let MutedName { name, until, why } = muted;
        if why.is_empty() { format!("{name}({until}까지)") } else { format!("{name}({until}까지: {why})") }
    }

    fn was_muted(&self, until: &str, why: &str) -> String {
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        format!("음소거 중이었으나({until}까지{why}) 긴급이 되어 알림")
    }

    fn muted(&self, names: &[String], more: usize) -> String {
        format!("음소거: {}", list(names, more, "건"))
    }

    fn unknown_labels(&self, labels: &[String], more: usize) -> String {
        let labels = list(labels, more, "개");
        format!("이 채널에 지정했지만 없는 계정: {labels}. 웹훅 시크릿의 ‘accounts’를 고치세요.")
    }

    fn mutes_ended(&self, what: &[String], more: usize) -> String {
        format!("종료된 음소거: {}. 웹훅 시크릿에서 삭제하세요.", list(what, more, "건"))
    }

    fn mutes_idle(&self, what: &[String], more: usize) -> String {
        format!("적용 대상이 없는 음소거: {}. 웹훅 시크릿에서 삭제하거나 수정하세요.", list(what, more, "건"))
    }

    fn checked(&self, checked: u64, of: Option<u64>, account: Option<&str>) -> String {
        let account = account.map(|account| format!(" · 계정 {account}")).unwrap_or_default();
        match of {
            Some(total) => format!("인증서 {total}개 중 {checked}개 확인{account}"),
            None => format!("인증서 {checked}개 확인{account}"),
        }
    }

    fn checked_in_many(&self, checked: u64, accounts: usize) -> String {
        format!("계정 {accounts}개의 인증서 {checked}개 확인")
    }

    fn no_certificates(&self, accounts: &[&str], more: usize) -> String {
        format!("인증서 0개: 계정 {}", list(accounts, more, "개"))
    }

    fn without_details(&self, count: usize, why: &str) -> String {
        format!("인증서 {count}개는 상세 정보를 확인하지 못함: {why}")
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

    fn horizon(&self, name: &str, date: &str) -> String {
        format!("다음 만료: {name}, {date}")
    }

    fn all_clear(&self, thresholds: Thresholds, is_whole: bool) -> String {
        let Thresholds { warn_days, shares, .. } = thresholds;
        let share = shares.warn.map(|share| format!("(또는 유효 기간의 {share}%)")).unwrap_or_default();
        let but =
            if is_whole { "" } else { "음소거했거나 다른 채널에만 알리는 인증서를 제외하고 " };
        format!("{but}모든 인증서가 운영 중이며 유효 기간이 {warn_days}일{share} 넘게 남았습니다.")
    }

    fn left_out(&self, counts: &str) -> String {
        format!("이 채널에서 제외: {counts}")
    }

    fn older(&self, counts: &str) -> String {
        format!("기존 {counts}은 주간 요약에 표시")
    }

    fn at_severity(&self, severity: Severity, count: usize) -> String {
        let severity = match severity {
            Severity::Critical => "긴급",
            Severity::Warning => "경고",
            Severity::Info => "정보",
        };
        format!("{severity} {count}건")
    }

    fn in_month(&self, month: NaiveDate, with_year: bool, count: usize) -> String {
        format!("{} {count}건", month.format(if with_year { "%Y년 %-m월" } else { "%-m월" }))
    }

    fn later(&self, count: usize) -> String {
        format!("이후 {count}건")
    }

    fn counted_only(&self, count: usize, by_severity: &str, by_month: Option<&str>) -> String {
        let by_month = by_month.map(|months| format!(" · 월별 만료: {months}")).unwrap_or_default();
        format!("외 {count}건: {by_severity}{by_month}")
    }

    fn simulated_notice(&self, date: &str) -> String {
        format!("시뮬레이션: {date} 기준으로 판단했습니다.")
    }

    fn undelivered_title(&self, webhooks: &[String], occasion: Occasion, is_partial: bool, counted: &str) -> String {
        let (channels, behind) = match webhooks {
            [name] => (name.clone(), format!("({counted})")),
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

    fn webhook(&self, name: &str, kind: Kind) -> String {
        format!("채널 {name}({})", chat(kind))
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
}
