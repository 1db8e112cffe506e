//! 무엇이 실패했고 어떻게 해결하는지: 한국어.

use chrono::TimeDelta;

use super::{Korean, chat};
use crate::chat::{Kind, Refusal};
use crate::message::words::Words;
use crate::message::words::failure::{FailureWords, Fix, Happened, minutes_off};
use crate::ncp::Error;
use crate::net::http::{ConnectError, HttpError};
use crate::secret_store::{Flaw, Mistake, Problem, Store};

impl FailureWords for Korean {
    fn happened(&self, happened: &Happened<'_>) -> String {
        let (sentence, answer) = match happened {
            Happened::Ncp(error, answer) => (ncp(error), self.answer(answer)),
            Happened::Refused(kind, refusal, answer) => (refused(*kind, *refusal), self.answer(answer)),
            Happened::NoAnswer(error) => return fault(error),
            Happened::Secret(error) => {
                return format!("{} `{}`: {}", kept_in(error.store()), error.id, secret(&error.problem, error.store()));
            }
            Happened::Incomplete(incomplete) => {
                let why = match incomplete.unreadable {
                    0 if incomplete.checked >= incomplete.total => "(읽는 동안 목록이 바뀜)".to_owned(),
                    0 => String::new(),
                    rows => format!("(읽을 수 없는 행 {rows}개)"),
                };
                return format!("목록이 불완전합니다: {}개 중 {}개{why}", incomplete.total, incomplete.checked);
            }
            Happened::CertificateManager(happened) => {
                return format!("Certificate Manager를 조회하지 못했습니다. {}", self.happened(happened));
            }
            Happened::AlsoUndelivered => return "이 채널에도 전송 실패".to_owned(),
        };
        if answer.is_empty() { sentence.to_owned() } else { format!("{sentence}({answer})") }
    }

    fn fix(&self, fix: Fix) -> String {
        let text = match fix {
            Fix::SetClock(ahead) => {
                let minutes = minutes_off(ahead);
                let side = if ahead > TimeDelta::zero() { "빠릅니다" } else { "느립니다" };
                return format!(
                    "시계가 NCP보다 {minutes}분 {side}(5분 넘게 차이 나면 거부됨). 시계를 맞추세요. Lambda라면 AWS에 문의하세요."
                );
            }
            Fix::AllowReading(Store::SecretsManager) => {
                "역할에 이 시크릿의 secretsmanager:GetSecretValue를 허용하세요."
            }
            Fix::AllowReading(Store::ParameterStore) => "역할에 이 파라미터의 ssm:GetParameter를 허용하세요.",
            Fix::CheckStore(store) => {
                return format!(
                    "다시 시도하세요. 계속되면 {store} 연결을 확인하세요(VPC의 함수에는 엔드포인트나 NAT 게이트웨이가 필요합니다)."
                );
            }
            Fix::NewWebhook(Kind::Teams) => {
                "Teams의 Workflows 앱에서 누구나 트리거할 수 있는 흐름을 다시 만들어 URL을 교체하세요."
            }
            Fix::NewWebhook(Kind::LineWorks) => {
                "Incoming Webhook 앱에서 URL을 다시 발급받아 교체하고, 봇이 대화방에 있는지 확인하세요."
            }
            Fix::NewWebhook(Kind::Json) => "중계 서버의 URL을 확인하세요.",
            Fix::NewWebhook(kind) => {
                return format!("{}에서 수신 웹훅(Incoming Webhook)을 새로 만들어 URL을 교체하세요.", kind.title());
            }
            Fix::AllowPosting(Kind::Teams) => {
                "흐름의 트리거를 `Anyone`(모든 사용자)으로 바꾸고, 새 URL을 복사해 교체하세요."
            }
            Fix::AllowPosting(Kind::Json) => "중계 서버가 요구하는 인증을 확인하세요.",
            Fix::AllowPosting(kind) => {
                return format!("웹훅이 채널에 게시할 수 있도록 {} 관리자에게 요청하세요.", chat(kind));
            }
            Fix::CheckKeys => "액세스 키와 시크릿 키가 한 쌍인지, 키가 사용 중 상태인지 확인하세요.",
            Fix::AllowListing => {
                "키의 소유자에게 Global Edge 조회(목록) 권한이 있는지, 계정이 Global Edge를 이용 중인지, 키의 접근 IP가 제한되어 \
                 있지 않은지 확인하세요."
            }
            Fix::AllowCertificateManager => {
                "키의 소유자에게 Certificate Manager 조회 권한을 부여하거나 CERTIFICATE_MANAGER를 끄세요."
            }
            Fix::CheckApiUrl => "NCP_API_URL 또는 시크릿의 `api_url`을 확인하세요. NCP는 존마다 주소가 다릅니다.",
            Fix::CheckApiUrlAndVersion => {
                "NCP_API_URL을 확인하세요. 맞다면 NCP의 API가 변경되었을 수 있으니 ncp-cert-alert의 새 버전을 확인하세요."
            }
            Fix::CheckCertificateManagerUrl => {
                "CERTIFICATE_MANAGER_URL(또는 시크릿의 `certificate_manager_url`)과 그 연결을 확인하세요. NCP 존마다 주소가 다릅니다."
            }
            Fix::WaitForMaintenance => {
                "NCP가 점검 중일 수 있으니 나중에 다시 시도하세요. 계속되면 설정의 API 주소가 맞는지, 프록시가 대신 응답하는지 확인하세요."
            }
            Fix::RaiseQuota => "NCP API Gateway에서 한도를 늘리거나 실행 횟수를 줄이세요.",
            Fix::RunLessOften => {
                "실행 시간을 바꾸거나 실행 횟수를 줄이세요. 다른 프로그램도 이 API를 사용하고 있습니다."
            }
            Fix::TryLater => "나중에 다시 시도하세요. 계속되면 NCP의 서비스 상태를 확인하세요.",
            Fix::TryAgain => "다시 시도하세요. 계속되면 인터넷 연결과 제한 시간을 확인하세요.",
            Fix::CheckConnection => {
                "NCP_API_URL과 인터넷 연결을 확인하세요(VPC의 함수에는 NAT 게이트웨이가 필요합니다)."
            }
            Fix::CheckProxyVariables => "HTTPS_PROXY, ALL_PROXY, NO_PROXY와 프록시가 허용하는 호스트를 확인하세요.",
            Fix::CheckProxy => "NCP_API_URL을 확인하세요. 중간에서 인증서를 바꾸는 프록시가 있으면 동작하지 않습니다.",
            Fix::CompareWithConsole => {
                "콘솔의 목록과 비교하세요. 계속되면 개수와 목록이 다른 이유를 NCP 고객지원에 문의하세요."
            }
            Fix::CheckSecretId => "이름 또는 ARN과 리전을 확인하세요.",
            Fix::AllowDecrypting => "역할에 해당 KMS 키의 kms:Decrypt를 허용하고, 키가 활성화되어 있는지 확인하세요.",
            Fix::RestoreSecret => "복원하거나 다른 시크릿을 지정하세요.",
            Fix::CheckCredentials => "AWS 자격 증명(만료 여부)과 이 시스템의 시계를 확인하세요.",
            Fix::CorrectSecret => "값을 수정하세요. 형식은 docs/settings.ko.md에, 자세한 내용은 로그에 있습니다.",
            Fix::SwitchFlowOn => "Teams의 Workflows 앱에서 흐름을 켜세요.",
            Fix::UseFlowTemplate => {
                "Workflows 앱의 템플릿 ‘웹후크 요청이 수신되면 채널에 게시’로 흐름을 만들고, 트리거는 그대로 둔 채 URL을 교체하세요."
            }
            Fix::CopyUrl => "웹훅 URL을 끝까지 다시 복사하거나, 웹훅을 새로 만들어 URL을 교체하세요.",
            Fix::Unarchive => "채널 보관을 해제하거나, 다른 채널의 웹훅을 사용하세요.",
            Fix::ReportBug => "dry run 결과를 첨부해 버그로 알려 주세요.",
            Fix::CheckRelayFormat => "중계 서버가 문서의 형식(version 1)을 받는지 확인하세요.",
            Fix::SeparateWebhook => "인증서 알림 전용 웹훅을 따로 만드세요.",
            Fix::UseFinalUrl => "최종적으로 연결되는 URL을 사용하세요.",
            Fix::CheckWebhook => "수신 웹훅의 URL이 맞는지, 다른 서버가 대신 응답하지 않는지 확인하세요.",
            Fix::PostLater => "나중에 다시 시도하세요.",
            Fix::CheckWebhookConnection => "웹훅의 URL과 인터넷 연결을 확인하세요.",
            Fix::CheckWebhookHost => "URL의 호스트가 맞는지, 공인 인증서를 사용하는지 확인하세요.",
            Fix::SeeLog => "이유는 로그에서 확인하세요.",
        };
        text.to_owned()
    }

    fn ncp_code(&self, code: &str) -> String {
        format!("NCP 코드 {code}")
    }
}

/// 웹훅이 거부한 이유.
fn refused(kind: Kind, refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Gone => "웹훅이 삭제되었거나 만료되었습니다",
        Refusal::SwitchedOff => "흐름이 꺼져 있습니다",
        Refusal::OtherSchema => "흐름의 트리거가 다른 형식의 메시지를 요구합니다",
        Refusal::CutUrl => "URL이 중간에 잘렸습니다",
        Refusal::Archived => "채널이 보관 처리되었습니다",
        Refusal::Forbidden => "게시 권한이 없습니다",
        Refusal::TooLarge => "메시지가 너무 큽니다",
        Refusal::Payload => "메시지 형식이 거부되었습니다",
        Refusal::RateLimited => "메시지가 너무 많아 일시적으로 제한되었습니다",
        Refusal::Redirected => "다른 주소로 리디렉션됩니다",
        Refusal::NotAcknowledged if kind == Kind::Slack => "응답은 왔지만 `ok`가 아닙니다",
        Refusal::NotAcknowledged => "응답은 왔지만 수신 확인이 아닙니다",
        Refusal::Unexplained => "메시지가 거부되었습니다",
        Refusal::Unavailable => "서버 오류가 발생했습니다",
    }
}

fn kept_in(store: Store) -> &'static str {
    match store {
        Store::SecretsManager => "시크릿",
        Store::ParameterStore => "파라미터",
    }
}

fn secret(problem: &Problem, store: Store) -> String {
    match problem {
        Problem::NotFound => format!("이 리전의 {store}에 없습니다"),
        Problem::AccessDenied => "읽기 권한이 없습니다".to_owned(),
        // 두 저장소 이름 모두 받침 없이 끝난다.
        Problem::NotDecrypted => format!("{store}가 복호화하지 못했습니다"),
        Problem::Deleted => "삭제 예정 상태입니다".to_owned(),
        Problem::OtherRegion { asked, of_arn } => {
            format!("{store}를 찾은 리전은 {asked}인데, ARN의 리전은 {of_arn}입니다")
        }
        Problem::NoValue => "저장된 값이 없습니다".to_owned(),
        Problem::Credentials(code) => format!("AWS가 자격 증명을 거부했습니다: {code}"),
        Problem::NoAnswer(error) => format!("{store}에 요청하지 못했습니다: {}", fault(error)),
        Problem::Busy(code) => format!("{store} 서비스 오류: {code}"),
        Problem::Refused(code) => format!("{store} 요청이 거부되었습니다: {code}"),
        Problem::Unreadable => format!("{store}의 응답을 읽을 수 없습니다"),
        Problem::Invalid(flaws) => flaws.iter().map(flaw).collect::<Vec<_>>().join(", "),
    }
}

/// 시크릿에서 잘못된 점.
fn flaw(flaw: &Flaw) -> String {
    let field = &flaw.field;
    match flaw.mistake {
        Mistake::Missing => format!("{field} 없음"),
        Mistake::UnknownKey => format!("알 수 없는 키 {field}"),
        Mistake::Empty if field.is_empty() => "값이 비어 있음".to_owned(),
        Mistake::Empty => format!("{field} 값이 비어 있음"),
        Mistake::WrongType => format!("{field} 값의 타입 오류"),
        Mistake::Doubled => format!("{field} 중복"),
        Mistake::NotJson { line, column } => format!("JSON 문법 오류({line}행 {column}열)"),
        Mistake::NotAnObject => "JSON 객체가 아닌 값".to_owned(),
        Mistake::JsonInString if field.is_empty() => "JSON 전체가 문자열로 저장됨".to_owned(),
        Mistake::JsonInString => format!("{field} 값의 JSON이 문자열로 저장됨"),
        Mistake::PathStored => "파일 내용 대신 경로(`file://`)가 저장됨".to_owned(),
        Mistake::InQuotes => format!("{field} 값에 따옴표가 포함됨"),
        Mistake::BadCharacter => format!("{field} 값에 공백 등 키에 쓸 수 없는 문자가 포함됨"),
        Mistake::BadUrl => format!("{field} 값은 사용할 수 없는 URL"),
        Mistake::UnreadableFile => "파일을 읽을 수 없음".to_owned(),
        Mistake::UnsetVariable => "환경 변수가 설정되지 않음".to_owned(),
        // 드문 오류이며 영어 설명이 더 정확하다.
        Mistake::Other => flaw.to_string(),
    }
}

fn ncp(error: &Error) -> &'static str {
    match error {
        Error::Unauthorized { .. } => "NCP가 키를 거부했습니다",
        Error::PermissionDenied { .. } => "권한이 없어 거부되었습니다",
        Error::NotFound { .. } => "NCP에 없는 주소입니다",
        Error::QuotaExceeded { .. } => "API 사용 한도를 초과했습니다",
        Error::RateLimited { .. } => "요청이 너무 많습니다",
        Error::Unavailable { .. } => "NCP 서버 오류",
        Error::Refused { .. } => "NCP가 요청을 거부했습니다",
        Error::WebPage { .. } => "NCP의 응답 대신 웹 페이지를 받았습니다",
        // 자세한 내용은 파서의 영어 문장이며 로그에 있다.
        Error::Malformed(_) | Error::Http(_) => "NCP의 응답을 읽을 수 없습니다",
    }
}

fn fault(fault: &HttpError) -> String {
    match fault {
        HttpError::TimedOut => "제한 시간 안에 응답이 없었습니다".to_owned(),
        HttpError::Connect(ConnectError::Refused) => "연결이 거부되었습니다".to_owned(),
        HttpError::Connect(ConnectError::Untrusted) => "서버 인증서를 신뢰할 수 없습니다".to_owned(),
        HttpError::Connect(ConnectError::Unreachable) => "연결할 수 없습니다".to_owned(),
        HttpError::Connect(ConnectError::ProxyUnreachable) => "프록시에 연결할 수 없습니다".to_owned(),
        HttpError::Connect(ConnectError::ProxyLogin) => "프록시가 사용자 이름과 비밀번호를 요구합니다".to_owned(),
        HttpError::Connect(ConnectError::ProxyRefused) => "프록시가 호스트에 연결하지 않았습니다".to_owned(),
        HttpError::Interrupted => "응답이 끝나기 전에 연결이 끊겼습니다".to_owned(),
        HttpError::TooLarge { limit } => format!("응답이 {}KB를 넘습니다", limit / 1024),
    }
}
