//! What went wrong and what to do about it, in English.

use chrono::TimeDelta;

use super::{English, count};
use crate::chat::{Kind, Refusal};
use crate::message::words::Words;
use crate::message::words::failure::{FailureWords, Fix, Happened, minutes_off};
use crate::secret_store::Store;

impl FailureWords for English {
    /// Errors say in English what happened.
    fn happened(&self, happened: &Happened<'_>) -> String {
        match happened {
            Happened::Ncp(error, _) => error.to_string(),
            Happened::NoAnswer(fault) => fault.to_string(),
            Happened::Incomplete(incomplete) => incomplete.to_string(),
            Happened::Secret(error) => error.to_string(),
            Happened::Refused(kind, refusal, answer) => {
                format!("{} ({})", refused(*kind, *refusal), self.answer(answer))
            }
            Happened::CertificateManager(happened) => {
                format!("Certificate Manager could not be read: {}", self.happened(happened))
            }
            Happened::AlsoUndelivered => "not delivered either".to_owned(),
        }
    }

    fn fix(&self, fix: Fix) -> String {
        let text = match fix {
            Fix::SetClock(ahead) => {
                let minutes = count(minutes_off(ahead), "minute");
                let side = if ahead > TimeDelta::zero() { "ahead of" } else { "behind" };
                return format!(
                    "set the clock: it is {minutes} {side} NCP's, which accepts 5 (in Lambda: report it to AWS)"
                );
            }
            Fix::AllowReading(Store::SecretsManager) => {
                "allow secretsmanager:GetSecretValue on it in the function's role"
            }
            Fix::AllowReading(Store::ParameterStore) => "allow ssm:GetParameter on it in the function's role",
            Fix::CheckStore(store) => {
                return format!(
                    "try again; if this continues, check the connection to {store} (a function in a VPC needs an endpoint or a \
                     NAT gateway)"
                );
            }
            Fix::NewWebhook(Kind::Teams) => {
                "create the flow again in Teams' Workflows app, open to anyone, and use its URL"
            }
            Fix::NewWebhook(Kind::LineWorks) => {
                "issue a new URL in the Incoming Webhook app, check that its bot is still in the room, and use the new URL"
            }
            Fix::NewWebhook(Kind::Json) => "check the relay's URL",
            Fix::NewWebhook(kind) => {
                return format!("create a new incoming webhook in {} and use its URL", kind.title());
            }
            Fix::AllowPosting(Kind::Teams) => "set the flow's trigger to `Anyone`, copy its new URL, and use that",
            Fix::AllowPosting(Kind::Json) => "check what the relay asks for",
            Fix::AllowPosting(kind) => {
                return format!("ask an administrator of {} to let the webhook post to the channel", kind.title());
            }
            Fix::CheckKeys => "check that access key and secret key belong together, and that the key is in use",
            Fix::AllowListing => {
                "check that the key's owner may view Global Edge (list), that the account is subscribed to Global Edge, and that \
                 the key is not limited to other addresses"
            }
            Fix::AllowCertificateManager => {
                "allow the key's owner to view Certificate Manager, or turn CERTIFICATE_MANAGER off"
            }
            Fix::CheckApiUrl => "check NCP_API_URL, or `api_url` in the secret: each NCP zone has its own address",
            Fix::CheckApiUrlAndVersion => {
                "check NCP_API_URL; if it is right, NCP may have changed its API: look for a new version of ncp-cert-alert"
            }
            Fix::CheckCertificateManagerUrl => {
                "check CERTIFICATE_MANAGER_URL, or `certificate_manager_url` in the secret, and the connection to it: each NCP zone \
                 has its own address"
            }
            Fix::WaitForMaintenance => {
                "try again later: NCP may be under maintenance; if this continues, check the API's URL in the settings, and whether a \
                 proxy answers in NCP's place"
            }
            Fix::RaiseQuota => "raise the quota in NCP's API Gateway, or run less often",
            Fix::RunLessOften => "run at another time, or less often: others use the API too",
            Fix::TryLater => "try again later; if this continues, check NCP's service status",
            Fix::TryAgain => "try again; if this continues, check the internet access and the time-out",
            Fix::CheckConnection => {
                "check NCP_API_URL and the internet access (a function in a VPC needs a NAT gateway)"
            }
            Fix::CheckProxy => {
                "check NCP_API_URL; a proxy that replaces certificates between here and NCP does not work"
            }
            Fix::CheckProxyVariables => "check HTTPS_PROXY, ALL_PROXY and NO_PROXY, and which hosts the proxy allows",
            Fix::CompareWithConsole => {
                "compare with the list in the console; if this continues, ask NCP's support why its count differs from its list"
            }
            Fix::CheckSecretId => "check the name or ARN, and the region",
            Fix::AllowDecrypting => {
                "allow kms:Decrypt with its KMS key in the function's role, and check that the key is enabled"
            }
            Fix::RestoreSecret => "restore it, or set another one",
            Fix::CheckCredentials => "check the AWS credentials, which may have expired, and this machine's clock",
            Fix::CorrectSecret => "",
            Fix::SwitchFlowOn => "switch the flow on in Teams' Workflows app",
            Fix::UseFlowTemplate => {
                "create a flow from the template “Post to a channel when a webhook request is received”, leave its trigger as it \
                 is, and use its URL"
            }
            Fix::CopyUrl => "copy the webhook's URL again, to its very end, or create a new webhook and use its URL",
            Fix::Unarchive => "unarchive the channel, or use a webhook of another channel",
            Fix::ReportBug => "report this as a bug, with the output of a dry run",
            Fix::CheckRelayFormat => "check that the relay accepts version 1 of the documented format",
            Fix::SeparateWebhook => "use a separate webhook for the digest: too many messages go to this one",
            Fix::UseFinalUrl => "use the URL that it finally leads to",
            Fix::CheckWebhook => {
                "check that the URL is that of an incoming webhook, and that nothing else answers in its place"
            }
            Fix::PostLater => "try again later",
            Fix::CheckWebhookConnection => "check the webhook's URL and the internet access",
            Fix::CheckWebhookHost => "check that the URL's host is right and has a publicly trusted certificate",
            Fix::SeeLog => "see the log for the reasons",
        };
        text.to_owned()
    }

    fn ncp_code(&self, code: &str) -> String {
        format!("NCP code {code}")
    }
}

/// What a refusal of a webhook means.
fn refused(kind: Kind, refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Gone => "the webhook no longer exists",
        Refusal::SwitchedOff => "the flow is switched off",
        Refusal::OtherSchema => "the flow's trigger expects another form of message",
        Refusal::CutUrl => "the URL is not complete",
        Refusal::Archived => "its channel is archived",
        Refusal::Forbidden => "the webhook may not post",
        Refusal::TooLarge => "the message is too large",
        Refusal::Payload => "the message format was refused",
        Refusal::RateLimited => "too many messages for now",
        Refusal::Redirected => "it redirects to another address",
        Refusal::NotAcknowledged if kind == Kind::Slack => "it answered, but not with `ok`",
        Refusal::NotAcknowledged => "it answered, but did not confirm the message",
        Refusal::Unexplained => "it refused the message",
        Refusal::Unavailable => "the service has a problem",
    }
}
