//! What went wrong and what to do about it, chosen once for all languages: a language only puts it into words.

use std::fmt::Display;

use chrono::TimeDelta;

use crate::chat::{self, Kind, Refusal};
use crate::global_edge::Incomplete;
use crate::ncp;
use crate::net::http::{ConnectError, HttpError};
use crate::report::Failure;
use crate::secret_store::{self, Problem, Store};

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Happened<'a> {
    /// NCP refused a call, or its answer could not be read.
    Ncp(&'a ncp::Error, Answer),
    /// There was no answer, or an incomplete one.
    NoAnswer(&'a HttpError),
    /// The list was read, but this happened to Certificate Manager.
    CertificateManager(Box<Happened<'a>>),
    /// The list does not match its own count.
    Incomplete(&'a Incomplete),
    /// A secret could not be read or used.
    Secret(&'a secret_store::Error),
    /// A webhook rejected a message.
    Refused(Kind, Refusal, Answer),
    /// Further webhooks failed, which are named before it.
    AlsoUndelivered,
}

/// What a server said, as far as it may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub status: Option<u16>,
    /// NCP's code (`0040`, `210`); empty if there was none.
    pub code: String,
    /// The text; empty if there was none.
    pub text: String,
}

impl Answer {
    fn new(status: u16, code: impl Display, text: impl Display) -> Self {
        Self { status: Some(status), code: code.to_string(), text: text.to_string() }
    }
}

/// By how many minutes a clock is off, begun ones too: NCP accepts five, so what it refuses is more.
pub(crate) fn minutes_off(skew: TimeDelta) -> u64 {
    skew.num_seconds().unsigned_abs().div_ceil(60)
}

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fix {
    /// NCP's keys: this side's clock is ahead of NCP's by this much (behind, if negative).
    SetClock(TimeDelta),
    /// The two keys may not belong together, or not be in use.
    CheckKeys,
    /// The key's owner may lack a permission or a subscription.
    AllowListing,
    /// The key's owner may lack a permission for Certificate Manager.
    AllowCertificateManager,
    /// The address may be that of another NCP zone.
    CheckApiUrl,
    /// The API may have changed.
    CheckApiUrlAndVersion,
    /// The address of Certificate Manager may be another one's.
    CheckCertificateManagerUrl,
    /// NCP may be under maintenance, or something in between answers in its place.
    WaitForMaintenance,
    /// The API's quota is used up.
    RaiseQuota,
    /// Others use the API too.
    RunLessOften,
    /// NCP has a problem.
    TryLater,
    /// NCP did not answer in time, or the connection broke.
    TryAgain,
    /// No connection to NCP could be made.
    CheckConnection,
    /// Something replaces NCP's TLS certificate.
    CheckProxy,
    /// The proxy of the environment leads nowhere.
    CheckProxyVariables,
    /// NCP's list and its count differ.
    CompareWithConsole,
    /// No secret of this name.
    CheckSecretId,
    /// The role lacks the permission to read the secret.
    AllowReading(Store),
    /// The role may not use the secret's KMS key.
    AllowDecrypting,
    /// The secret is marked for deletion.
    RestoreSecret,
    /// AWS's credentials are not valid, or this machine's clock is wrong.
    CheckCredentials,
    /// The store could not be reached.
    CheckStore(Store),
    /// The secret does not hold what it should: the sentences about it, which are English, say what is accepted.
    CorrectSecret,
    /// The webhook is gone: make a new one.
    NewWebhook(Kind),
    /// The flow is off.
    SwitchFlowOn,
    /// The flow is not the template's.
    UseFlowTemplate,
    /// The URL is not complete.
    CopyUrl,
    /// The channel is archived.
    Unarchive,
    /// The webhook may not post.
    AllowPosting(Kind),
    /// A bug of this program.
    ReportBug,
    /// The relay does not know the format.
    CheckRelayFormat,
    /// Too many messages for one webhook.
    SeparateWebhook,
    /// The URL leads elsewhere.
    UseFinalUrl,
    /// What answers may not be a webhook.
    CheckWebhook,
    /// The chat has a problem.
    PostLater,
    /// The chat cannot be reached.
    CheckWebhookConnection,
    /// The server's certificate is not trusted.
    CheckWebhookHost,
    /// The reasons are in the log.
    SeeLog,
}

/// Something that went wrong and what to do about it, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Advice {
    /// What happened.
    pub what: String,
    /// What to do; empty where the cause is not known.
    pub fix: String,
}

impl Advice {
    /// Both, as they follow the name of what failed in an error.
    pub(crate) fn in_one_line(&self) -> String {
        if self.fix.is_empty() { self.what.clone() } else { format!("{}: {}", self.what, self.fix) }
    }
}

/// What is said of failures in one language.
pub(crate) trait FailureWords {
    fn happened(&self, happened: &Happened<'_>) -> String;
    fn fix(&self, fix: Fix) -> String;
    /// NCP's own code in its answer.
    fn ncp_code(&self, code: &str) -> String;
}

/// Why an account was not read whole.
pub(super) fn of_account(failure: &Failure) -> (Happened<'_>, Option<Fix>) {
    match failure {
        Failure::Secret(error) => of_secret(error),
        Failure::Incomplete(incomplete) => (Happened::Incomplete(incomplete), Some(Fix::CompareWithConsole)),
        Failure::Api(error) => of_call(error),
        Failure::CertificateManager(error) => {
            let (happened, fix) = of_call(error);
            // It has an address and a permission of its own.
            let fix = fix.map(|fix| match fix {
                Fix::AllowListing => Fix::AllowCertificateManager,
                Fix::CheckApiUrl | Fix::CheckApiUrlAndVersion | Fix::CheckConnection => Fix::CheckCertificateManagerUrl,
                other => other,
            });
            (Happened::CertificateManager(Box::new(happened)), fix)
        }
    }
}

fn of_call(error: &ncp::Error) -> (Happened<'_>, Option<Fix>) {
    match error {
        ncp::Error::Http(fault) => (Happened::NoAnswer(fault), Some(of_fault(fault))),
        error => {
            let (answer, fix) = of_ncp(error);
            (Happened::Ncp(error, answer), fix)
        }
    }
}

/// What NCP answered, and what to do about it. Where the cause is not known there is no advice: it would presume one.
fn of_ncp(error: &ncp::Error) -> (Answer, Option<Fix>) {
    use crate::ncp::Error;
    let (status, reply, fix) = match error {
        Error::Unauthorized { skew: Some(skew), reply } => (401, reply, Fix::SetClock(*skew)),
        Error::Unauthorized { skew: None, reply } => (401, reply, Fix::CheckKeys),
        Error::PermissionDenied { status, reply } => (*status, reply, Fix::AllowListing),
        Error::NotFound { reply } => (404, reply, Fix::CheckApiUrl),
        Error::QuotaExceeded { reply } => (429, reply, Fix::RaiseQuota),
        Error::RateLimited { reply, .. } => (429, reply, Fix::RunLessOften),
        Error::Unavailable { status, reply, .. } => (*status, reply, Fix::TryLater),
        // The form of the request, or its address, is not what NCP expects.
        Error::Refused { status: status @ (300..=400 | 405 | 410 | 413), reply } => {
            (*status, reply, Fix::CheckApiUrlAndVersion)
        }
        Error::Refused { status, reply } => return (Answer::new(*status, &reply.code, &reply.text), None),
        Error::WebPage { reply } => (200, reply, Fix::WaitForMaintenance),
        Error::Malformed(_) => return (Answer::default(), Some(Fix::CheckApiUrlAndVersion)),
        Error::Http(fault) => return (Answer::default(), Some(of_fault(fault))),
    };
    (Answer::new(status, &reply.code, &reply.text), Some(fix))
}

/// What to do where NCP gave no answer.
fn of_fault(fault: &HttpError) -> Fix {
    match fault {
        fault if is_of_proxy(fault) => Fix::CheckProxyVariables,
        HttpError::TimedOut | HttpError::Interrupted => Fix::TryAgain,
        HttpError::Connect(ConnectError::Untrusted) => Fix::CheckProxy,
        HttpError::Connect(_) => Fix::CheckConnection,
        HttpError::TooLarge { .. } => Fix::CheckApiUrl,
    }
}

/// Whether the proxy is why there was no answer, so that nothing is known of the server.
fn is_of_proxy(fault: &HttpError) -> bool {
    use ConnectError::{ProxyLogin, ProxyRefused, ProxyUnreachable};
    matches!(fault, HttpError::Connect(ProxyLogin | ProxyRefused | ProxyUnreachable))
}

/// What is wrong with a secret.
pub(super) fn of_secret(error: &secret_store::Error) -> (Happened<'_>, Option<Fix>) {
    let fix = match &error.problem {
        Problem::NotFound | Problem::OtherRegion { .. } => Some(Fix::CheckSecretId),
        Problem::AccessDenied => Some(Fix::AllowReading(error.store())),
        Problem::NotDecrypted => Some(Fix::AllowDecrypting),
        Problem::Deleted => Some(Fix::RestoreSecret),
        Problem::Credentials(_) => Some(Fix::CheckCredentials),
        Problem::NoAnswer(fault) if is_of_proxy(fault) => Some(Fix::CheckProxyVariables),
        Problem::NoAnswer(_) | Problem::Unreadable => Some(Fix::CheckStore(error.store())),
        Problem::Busy(_) => Some(Fix::PostLater),
        // Where the cause is not known, advice would presume one.
        Problem::Refused(_) => None,
        Problem::NoValue | Problem::Invalid(_) => Some(Fix::CorrectSecret),
    };
    (Happened::Secret(error), fix)
}

/// Why a message could not be delivered. Where the cause is not known there is no advice: it would presume one.
pub(super) fn of_webhook(kind: Kind, error: &chat::Error) -> (Happened<'_>, Option<Fix>) {
    let (refusal, answer) = match error {
        chat::Error::Refused { refusal, status, reply, .. } => (*refusal, Answer::new(*status, "", reply)),
        chat::Error::Http(fault) => {
            let fix = match fault {
                HttpError::TooLarge { .. } => Fix::CheckWebhook,
                HttpError::Connect(ConnectError::Untrusted) => Fix::CheckWebhookHost,
                fault if is_of_proxy(fault) => Fix::CheckProxyVariables,
                _ => Fix::CheckWebhookConnection,
            };
            return (Happened::NoAnswer(fault), Some(fix));
        }
    };
    let fix = match (refusal, kind) {
        (Refusal::Unexplained, _) => None,
        (Refusal::Gone, _) => Some(Fix::NewWebhook(kind)),
        (Refusal::SwitchedOff, _) => Some(Fix::SwitchFlowOn),
        (Refusal::OtherSchema, _) => Some(Fix::UseFlowTemplate),
        (Refusal::Archived, _) => Some(Fix::Unarchive),
        (Refusal::Forbidden, _) => Some(Fix::AllowPosting(kind)),
        (Refusal::TooLarge | Refusal::Payload, Kind::Json) => Some(Fix::CheckRelayFormat),
        (Refusal::TooLarge | Refusal::Payload, _) => Some(Fix::ReportBug),
        (Refusal::RateLimited, _) => Some(Fix::SeparateWebhook),
        (Refusal::Redirected, Kind::Json) => Some(Fix::UseFinalUrl),
        // No chat redirects a post to a webhook that exists: Slack does so where the token is wrong.
        (Refusal::CutUrl | Refusal::Redirected, _) => Some(Fix::CopyUrl),
        (Refusal::NotAcknowledged, _) => Some(Fix::CheckWebhook),
        (Refusal::Unavailable, _) => Some(Fix::PostLater),
    };
    (Happened::Refused(kind, refusal, answer), fix)
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::*;
    use crate::net::disclosure::Secrets;
    use crate::net::http::Response;
    use Kind::{Dooray, Jandi, Json, LineWorks, Slack, Teams};

    /// A real answer of each kind, and what an operator reads about it.
    #[test]
    fn a_clock_that_is_refused_is_off_by_more_than_is_accepted() {
        for (seconds, minutes) in [(301, 6), (-359, 6), (-360, 6), (361, 7)] {
            assert_eq!(minutes_off(TimeDelta::seconds(seconds)), minutes, "{seconds}");
        }
    }

    #[test]
    fn a_refusal_is_explained_by_its_true_cause() {
        let power_automate =
            |code: &str, message: &str| format!(r#"{{"error":{{"code":"{code}","message":"{message}"}}}}"#);
        let disabled = power_automate(
            "WorkflowTriggerIsNotEnabled",
            "Could not execute workflow 'd55b' trigger 'manual' with state 'Disabled': trigger is not enabled.",
        );
        let deleted = disabled.replace("'Disabled'", "'Deleted'");
        let schema = power_automate(
            "TriggerInputSchemaMismatch",
            "The input body for trigger 'manual' of type 'Request' did not match its schema definition. Error details: \
             'Required properties are missing from object: contentUrl.'.",
        );
        let unversioned = power_automate("MissingApiVersionParameter", "The api-version query parameter is required.");
        let unsigned = power_automate(
            "DirectApiAuthorizationRequired",
            "The request must be authenticated only by Shared Access scheme.",
        );
        let tenant_only = power_automate("DirectApiAuthorizationRequired", "The request requires OAuth.");
        let other = power_automate("InvalidTemplate", "Unable to process template language expressions.");
        let html = "<html><title>Blocked</title></html>";
        let dooray = r#"{"header":{"isSuccessful":false,"resultCode":-1,"resultMessage":"no"}}"#;
        let busy = r#"{"header":{"isSuccessful":false,"resultCode":429,"resultMessage":"Too many requests"}}"#;
        let line_works = |code: &str| format!(r#"{{"code":{code},"description":"x"}}"#);
        let new = |kind| Some(Fix::NewWebhook(kind));
        for (kind, status, body, refusal, fix) in [
            (Slack, 400, "invalid_payload", Refusal::Payload, Some(Fix::ReportBug)),
            (Slack, 400, "invalid_blocks", Refusal::Payload, Some(Fix::ReportBug)),
            (Slack, 400, "no_text", Refusal::Payload, Some(Fix::ReportBug)),
            (Slack, 400, "msg_blocks_too_long", Refusal::TooLarge, Some(Fix::ReportBug)),
            (Slack, 400, "user_not_found", Refusal::Gone, new(Slack)),
            (Slack, 400, "some_new_word", Refusal::Unexplained, None),
            (Slack, 403, "invalid_token", Refusal::Gone, new(Slack)),
            (Slack, 403, "team_disabled", Refusal::Gone, new(Slack)),
            (Slack, 403, "action_prohibited", Refusal::Forbidden, Some(Fix::AllowPosting(Slack))),
            (Slack, 403, "posting_to_general_channel_denied", Refusal::Forbidden, Some(Fix::AllowPosting(Slack))),
            (Slack, 403, html, Refusal::Unexplained, None),
            (Slack, 404, "no_service", Refusal::Gone, new(Slack)),
            (Slack, 404, "no_active_hooks", Refusal::Gone, new(Slack)),
            (Slack, 404, "channel_not_found", Refusal::Gone, new(Slack)),
            (Slack, 410, "channel_is_archived", Refusal::Archived, Some(Fix::Unarchive)),
            (Slack, 302, "", Refusal::Redirected, Some(Fix::CopyUrl)),
            (Slack, 429, r#"{"ok":false,"error":"rate_limited"}"#, Refusal::RateLimited, Some(Fix::SeparateWebhook)),
            (Slack, 500, "rollup_error", Refusal::Unavailable, Some(Fix::PostLater)),
            (Slack, 200, html, Refusal::NotAcknowledged, Some(Fix::CheckWebhook)),
            (Teams, 400, &disabled, Refusal::SwitchedOff, Some(Fix::SwitchFlowOn)),
            (Teams, 400, &deleted, Refusal::Gone, new(Teams)),
            (Teams, 400, &schema, Refusal::OtherSchema, Some(Fix::UseFlowTemplate)),
            (Teams, 400, &unversioned, Refusal::CutUrl, Some(Fix::CopyUrl)),
            (Teams, 401, &unsigned, Refusal::CutUrl, Some(Fix::CopyUrl)),
            (Teams, 401, &tenant_only, Refusal::Forbidden, Some(Fix::AllowPosting(Teams))),
            (Teams, 401, "", Refusal::Unexplained, None),
            (Teams, 400, &other, Refusal::Unexplained, None),
            (Teams, 404, "", Refusal::Gone, new(Teams)),
            (Teams, 413, "", Refusal::TooLarge, Some(Fix::ReportBug)),
            (Teams, 502, html, Refusal::Unavailable, Some(Fix::PostLater)),
            (LineWorks, 200, &line_works("404"), Refusal::Gone, new(LineWorks)),
            (LineWorks, 200, &line_works("\"E01\""), Refusal::Unexplained, None),
            (LineWorks, 400, "", Refusal::Unexplained, None),
            (LineWorks, 403, "", Refusal::Forbidden, Some(Fix::AllowPosting(LineWorks))),
            (Jandi, 400, r#"{"code":40000}"#, Refusal::Unexplained, None),
            (Jandi, 404, "", Refusal::Gone, new(Jandi)),
            (Dooray, 200, dooray, Refusal::Unexplained, None),
            (Dooray, 200, busy, Refusal::RateLimited, Some(Fix::SeparateWebhook)),
            (Dooray, 200, html, Refusal::NotAcknowledged, Some(Fix::CheckWebhook)),
            (Json, 400, "", Refusal::Payload, Some(Fix::CheckRelayFormat)),
            (Json, 413, "", Refusal::TooLarge, Some(Fix::CheckRelayFormat)),
            (Json, 401, "", Refusal::Forbidden, Some(Fix::AllowPosting(Json))),
            (Json, 308, "", Refusal::Redirected, Some(Fix::UseFinalUrl)),
        ]
        .into_iter()
        .chain(Kind::ALL.map(|kind| (kind, 418, "I'm a teapot", Refusal::Unexplained, None)))
        .chain(Kind::ALL.map(|kind| (kind, 402, "", Refusal::Unexplained, None)))
        {
            let response = Response { status, retry_after: None, skew: None, body: body.into(), whole: Ok(()) };
            assert_eq!(kind.verdict(&response), Err(refusal), "{kind} {status} {body}");
            let error = chat::Error::Refused { refusal, status, retry_after: None, reply: "said".into() };
            assert_eq!(of_webhook(kind, &error).1, fix, "{kind} {status} {body}");
            for language in Language::ALL {
                let Advice { what, fix } = language.phrases().undelivered(kind, &error);
                assert!(what.contains(&format!("HTTP {status}")) && what.contains("`said`"), "{what}");
                assert_eq!(fix.is_empty(), refusal == Refusal::Unexplained, "{fix}");
            }
        }
    }

    /// A real answer of Global Edge and of Certificate Manager of each kind, and what an operator is to do about it.
    #[test]
    fn each_answer_of_ncp_has_its_true_cause() {
        let gateway = |code: &str| format!(r#"{{"error":{{"errorCode":"{code}","message":"no","details":"why"}}}}"#);
        let own = |code: &str| format!(r#"{{"code":"{code}","message":"no"}}"#);
        let spring =
            r#"{"timestamp":"2026-11-23T00:00:00Z","status":403,"error":"Forbidden","message":"Access Denied"}"#;
        let html = "<html><title>Service maintenance</title></html>";
        let (late, ahead) = (Some(TimeDelta::minutes(-6)), Some(TimeDelta::minutes(6)));
        let (wait, url) = (Some(Fix::WaitForMaintenance), Some(Fix::CheckApiUrl));
        let (changed, listing) = (Some(Fix::CheckApiUrlAndVersion), Some(Fix::AllowListing));
        for (status, body, skew, fix, said) in [
            (401, gateway("200"), None, Some(Fix::CheckKeys), "200"),
            (401, gateway("200"), ahead, Some(Fix::SetClock(TimeDelta::minutes(6))), "200"),
            (401, gateway("200"), late, Some(Fix::SetClock(TimeDelta::minutes(-6))), "200"),
            (401, String::new(), None, Some(Fix::CheckKeys), "HTTP 401"),
            (401, gateway("210"), None, listing, "210"),
            (403, own("0032"), None, listing, "0032"),
            (403, spring.to_owned(), None, listing, "Access Denied"),
            (404, gateway("300"), None, url, "300"),
            (429, gateway("400"), None, Some(Fix::RaiseQuota), "400"),
            (429, gateway("410"), None, Some(Fix::RunLessOften), "410"),
            (429, html.to_owned(), None, Some(Fix::RunLessOften), "Service maintenance"),
            (429, String::new(), None, Some(Fix::RunLessOften), "HTTP 429"),
            (400, own("0040"), None, changed, "0040"),
            (400, gateway("100"), None, changed, "100"),
            (413, gateway("430"), None, changed, "430"),
            (302, String::new(), None, changed, "HTTP 302"),
            (408, String::new(), None, Some(Fix::TryLater), "HTTP 408"),
            (500, own("9999"), None, Some(Fix::TryLater), "9999"),
            (503, html.to_owned(), None, Some(Fix::TryLater), "Service maintenance"),
            (504, gateway("510"), None, Some(Fix::TryLater), "510"),
            (520, String::new(), None, Some(Fix::TryLater), "HTTP 520"),
            (402, String::new(), None, None, "HTTP 402"),
            (418, "I'm a teapot".to_owned(), None, None, "a teapot"),
            (200, html.to_owned(), None, wait, "Service maintenance"),
            (200, own("9999"), None, Some(Fix::TryLater), "9999"),
            (200, own("0032"), None, None, "0032"),
            (200, r#"{"returnCode":"1004","returnMessage":"no"}"#.to_owned(), None, None, "1004"),
        ] {
            let secrets = Secrets::default();
            let response = Response { status, retry_after: None, skew, body: body.clone().into(), whole: Ok(()) };
            let error = match status {
                200 if body.contains("returnCode") => {
                    crate::certificate_manager::read(body.as_bytes(), &secrets).unwrap_err()
                }
                200 => crate::global_edge::read_page(body.as_bytes(), &secrets).unwrap_err(),
                _ => ncp::Error::of(&response, &secrets),
            };
            let (list, manager) = (Failure::Api(error.clone()), Failure::CertificateManager(error));
            assert_eq!(of_account(&list).1, fix, "{status} {body}");
            let of_manager = fix.map(|fix| match fix {
                Fix::AllowListing => Fix::AllowCertificateManager,
                Fix::CheckApiUrl | Fix::CheckApiUrlAndVersion => Fix::CheckCertificateManagerUrl,
                other => other,
            });
            assert_eq!(of_account(&manager).1, of_manager, "{status} {body}");
            for language in Language::ALL {
                for failure in [&list, &manager] {
                    let Advice { what, fix: advice } = language.phrases().failure(failure);
                    assert!(what.contains(said) && !what.contains("line 1"), "{what}");
                    assert_eq!(advice.is_empty(), fix.is_none(), "{advice}");
                }
            }
        }
    }

    /// A real answer of Secrets Manager and of Parameter Store of each kind, and what an operator is to do about it.
    #[test]
    fn each_answer_of_a_store_has_its_true_cause() {
        let [secret, parameter] = ["ncp/prod", "ssm:/ncp/prod"];
        let kms =
            "User: x is not authorized to perform: kms:Decrypt on resource: y (Service: AWSKMS; Status Code: 400)";
        let stage = "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT";
        let (credentials, decrypt) = (Some(Fix::CheckCredentials), Some(Fix::AllowDecrypting));
        for (id, status, code, message, fix) in [
            (secret, 400, "AccessDeniedException", "not authorized", Some(Fix::AllowReading(Store::SecretsManager))),
            (parameter, 400, "AccessDeniedException", "not authorized", Some(Fix::AllowReading(Store::ParameterStore))),
            (secret, 400, "AccessDeniedException", "Access to KMS is not allowed", decrypt),
            (parameter, 400, "AccessDeniedException", kms, decrypt),
            (secret, 400, "DecryptionFailure", "", decrypt),
            (parameter, 400, "InvalidKeyId", "key is disabled", decrypt),
            (secret, 400, "ResourceNotFoundException", "can't find the specified secret.", Some(Fix::CheckSecretId)),
            (parameter, 400, "ParameterNotFound", "", Some(Fix::CheckSecretId)),
            (secret, 400, "ResourceNotFoundException", stage, Some(Fix::CorrectSecret)),
            (secret, 400, "InvalidRequestException", "it was marked for deletion", Some(Fix::RestoreSecret)),
            (secret, 400, "UnrecognizedClientException", "The security token is invalid.", credentials),
            (parameter, 400, "ExpiredTokenException", "", credentials),
            (
                secret,
                400,
                "InvalidSignatureException",
                "Signature expired: 20261123T000000Z is now earlier",
                credentials,
            ),
            (secret, 400, "ThrottlingException", "Rate exceeded", Some(Fix::PostLater)),
            (parameter, 503, "", "", Some(Fix::PostLater)),
            (secret, 400, "OptInRequired", "", None),
            (parameter, 418, "", "I'm a teapot", None),
        ] {
            let problem = Problem::of_refusal(code, message, status);
            let error = secret_store::Error { id: id.to_owned(), problem };
            assert_eq!(of_secret(&error).1, fix, "{code}: {message}");
            for language in Language::ALL {
                let Advice { what, fix: advice } = language.phrases().secret(&error);
                assert!(what.contains(id.trim_start_matches("ssm:")), "{what}");
                // The English sentences say what is accepted.
                let is_said = fix == Some(Fix::CorrectSecret) && language == Language::English;
                assert_eq!(advice.is_empty(), fix.is_none() || is_said, "{what}: {advice}");
            }
        }
    }

    #[test]
    fn what_teams_says_about_its_flow_is_said() {
        let said = |refusal| {
            let reply = "WorkflowTriggerIsNotEnabled".into();
            let error = chat::Error::Refused { refusal, status: 400, retry_after: None, reply };
            Language::ALL.map(|language| language.phrases().undelivered(Kind::Teams, &error).in_one_line())
        };
        insta::assert_snapshot!(said(Refusal::SwitchedOff).join("\n"), @"
        the flow is switched off (HTTP 400, `WorkflowTriggerIsNotEnabled`): switch the flow on in Teams' Workflows app
        흐름이 꺼져 있습니다(HTTP 400, `WorkflowTriggerIsNotEnabled`): Teams의 Workflows 앱에서 흐름을 켜세요.
        フローが無効になっています（HTTP 400、`WorkflowTriggerIsNotEnabled`）: TeamsのWorkflowsアプリでフローを有効にしてください。
        ");
        insta::assert_snapshot!(said(Refusal::OtherSchema).join("\n"), @"
        the flow's trigger expects another form of message (HTTP 400, `WorkflowTriggerIsNotEnabled`): create a flow from the template “Post to a channel when a webhook request is received”, leave its trigger as it is, and use its URL
        흐름의 트리거가 다른 형식의 메시지를 요구합니다(HTTP 400, `WorkflowTriggerIsNotEnabled`): Workflows 앱의 템플릿 ‘웹후크 요청이 수신되면 채널에 게시’로 흐름을 만들고, 트리거는 그대로 둔 채 URL을 교체하세요.
        フローのトリガーが別の形式のメッセージを求めています（HTTP 400、`WorkflowTriggerIsNotEnabled`）: Workflowsアプリのテンプレート「Webhook要求を受信したらチャネルに投稿する」からフローを作成し、トリガーは変更せずにURLを差し替えてください。
        ");
        insta::assert_snapshot!(said(Refusal::Unexplained).join("\n"), @"
        it refused the message (HTTP 400, `WorkflowTriggerIsNotEnabled`)
        메시지가 거부되었습니다(HTTP 400, `WorkflowTriggerIsNotEnabled`)
        メッセージが拒否されました（HTTP 400、`WorkflowTriggerIsNotEnabled`）
        ");
    }

    #[test]
    fn without_an_answer_the_advice_fits_who_was_asked() {
        for (fault, ncp, webhook) in [
            (HttpError::TimedOut, Fix::TryAgain, Fix::CheckWebhookConnection),
            (HttpError::Interrupted, Fix::TryAgain, Fix::CheckWebhookConnection),
            (HttpError::Connect(ConnectError::Refused), Fix::CheckConnection, Fix::CheckWebhookConnection),
            (HttpError::Connect(ConnectError::Untrusted), Fix::CheckProxy, Fix::CheckWebhookHost),
            (HttpError::Connect(ConnectError::ProxyUnreachable), Fix::CheckProxyVariables, Fix::CheckProxyVariables),
            (HttpError::Connect(ConnectError::ProxyLogin), Fix::CheckProxyVariables, Fix::CheckProxyVariables),
            (HttpError::Connect(ConnectError::ProxyRefused), Fix::CheckProxyVariables, Fix::CheckProxyVariables),
            (HttpError::TooLarge { limit: 1 }, Fix::CheckApiUrl, Fix::CheckWebhook),
        ] {
            let failure = Failure::Api(ncp::Error::Http(fault.clone()));
            assert_eq!(of_account(&failure), (Happened::NoAnswer(&fault), Some(ncp)));
            let error = chat::Error::Http(fault.clone());
            assert_eq!(of_webhook(Kind::Slack, &error), (Happened::NoAnswer(&fault), Some(webhook)));
        }
    }
}
