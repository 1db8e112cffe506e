//! Parameter Store of AWS Systems Manager: one call, signed by the SDK's own signer and sent through the one HTTP client. The
//! SDK for Systems Manager would add 1.0 MB for it (docs/performance.md).

use aws_sdk_secretsmanager::config::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{RequestBuilder, Url};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use tokio::time::Instant;

use crate::net::http::{self, Response};
use crate::net::redact::Redactor;
use crate::net::retry::{Retry, Retryable, with_retries};
use crate::secret_store::secret::{Problem, Unavailable};
use crate::secret_store::settings::{ANSWER_LIMIT, ATTEMPTS, AwsSettings};
use crate::time::Clock;

/// The service, in host names and signatures.
const SERVICE: &str = "ssm";

/// [GetParameter](https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html), as the header of
/// AWS's JSON protocol names it.
const OPERATION: (&str, &str) = ("x-amz-target", "AmazonSSM.GetParameter");

/// The media type of AWS's JSON protocol.
const JSON: &str = "application/x-amz-json-1.1";

/// A client of Parameter Store.
#[derive(Debug, Clone)]
pub struct ParameterStore {
    http: http::Client,
    /// `None` if the region is not a valid region name.
    endpoint: Option<Url>,
    region: String,
    credentials: Credentials,
    clock: Clock,
}

impl ParameterStore {
    /// A client that sends through `http` and signs with the time of `clock`.
    pub fn new(settings: &AwsSettings, http: http::Client, clock: Clock) -> Self {
        let AwsSettings { region, parameter_store, credentials, .. } = settings.clone();
        let endpoint = parameter_store.or_else(|| endpoint(&region));
        Self { http, endpoint, region, credentials, clock }
    }

    /// Reads a parameter and has it decrypted, until `until` at the latest. Parameter Store's replies are shown without what
    /// `redactor` knows.
    ///
    /// # Errors
    /// Says what to do to make it readable.
    pub async fn read(&self, name: &str, until: Instant, redactor: &Redactor) -> Result<SecretString, Problem> {
        let body = json!({"Name": name, "WithDecryption": true}).to_string();
        let attempt = async || {
            // Signed anew for each attempt: a signature is refused five minutes after its time.
            let request = self.request(&body).ok_or(AttemptError::Final(Unavailable::NotSent.into()))?;
            let response = self.http.fetch(request, ANSWER_LIMIT, until, self.clock).await;
            value(&response?, redactor)
        };
        let attempts = ATTEMPTS as usize;
        let read = with_retries("GetParameter", self.http.timing(), attempts, until, attempt).await;
        read.map_err(Problem::from)
    }

    /// The signed request, or `None` if region or credentials contain what no request may contain.
    fn request(&self, body: &str) -> Option<RequestBuilder> {
        let url = self.endpoint.as_ref()?;
        let headers = [(CONTENT_TYPE.as_str(), JSON), OPERATION];
        let identity = Identity::from(self.credentials.clone());
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SERVICE)
            .time((self.clock)().into())
            .settings(SigningSettings::default())
            .build()
            .ok()?
            .into();
        let signable =
            SignableRequest::new("POST", url.as_str(), headers.into_iter(), SignableBody::Bytes(body.as_bytes()))
                .ok()?;
        let (instructions, _) = sign(signable, &params).ok()?.into_parts();
        let mut all = HeaderMap::new();
        for (name, value) in headers.into_iter().chain(instructions.headers()) {
            let mut value = HeaderValue::from_str(value).ok()?;
            value.set_sensitive(true);
            all.insert(name.parse::<HeaderName>().ok()?, value);
        }
        Some(self.http.post(url.clone()).headers(all).body(body.to_owned()))
    }
}

/// [Where Systems Manager is](https://docs.aws.amazon.com/general/latest/gr/ssm.html), unless a setting says otherwise.
fn endpoint(region: &str) -> Option<Url> {
    // What precedes the domain decides whose host it is.
    let is_region = !region.is_empty() && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let domain = match region {
        china if china.starts_with("cn-") => "amazonaws.com.cn",
        europe if europe.starts_with("eusc-") => "amazonaws.eu",
        _ => "amazonaws.com",
    };
    is_region.then(|| Url::parse(&format!("https://{SERVICE}.{region}.{domain}")).ok())?
}

/// Why an attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum AttemptError {
    /// Another one may succeed.
    #[error("{0}")]
    Transient(Unavailable, Retry),
    /// Another one would fail in the same way.
    #[error("{0:?}")]
    Final(Problem),
}

impl Retryable for AttemptError {
    fn retry(&self) -> Retry {
        match self {
            Self::Transient(_, retry) => *retry,
            Self::Final(_) => Retry::Never,
        }
    }
}

impl From<http::HttpError> for AttemptError {
    fn from(fault: http::HttpError) -> Self {
        if fault.is_transient() {
            Self::Transient(Unavailable::Http(fault), Retry::BackOff)
        } else {
            Self::Final(fault.into())
        }
    }
}

impl From<AttemptError> for Problem {
    fn from(failed: AttemptError) -> Self {
        match failed {
            AttemptError::Transient(why, _) => why.into(),
            AttemptError::Final(problem) => problem,
        }
    }
}

/// The parts of an answer that are used.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Success {
    parameter: Parameter,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    value: String,
}

/// The parts of a refusal that are used. Services spell `message` in two ways.
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "__type")]
    kind: String,
    message: Option<String>,
    #[serde(rename = "Message")]
    capital: Option<String>,
}

/// The value in an answer. A parser's own error would quote it, so that is dropped.
fn value(response: &Response, redactor: &Redactor) -> Result<SecretString, AttemptError> {
    if response.status != 200 {
        return Err(refused(response, redactor));
    }
    response.whole.clone()?;
    let read: Result<Success, _> = serde_json::from_slice(&response.body);
    match read {
        Ok(success) => Ok(success.parameter.value.into()),
        Err(_) => Err(AttemptError::Final(Unavailable::Unreadable.into())),
    }
}

/// What a refusal means to whoever has to fix it. Of its text only the code is kept.
fn refused(response: &Response, redactor: &Redactor) -> AttemptError {
    let refusal: Option<Refusal> = serde_json::from_slice(&response.body).ok();
    let message = refusal.as_ref().and_then(|refusal| refusal.message.as_deref().or(refusal.capital.as_deref()));
    // `com.amazonaws.ssm#ParameterNotFound:http://…` is `ParameterNotFound`.
    let kind = refusal.as_ref().map(|refusal| refusal.kind.split(':').next().unwrap_or_default());
    let code = kind.map(|kind| kind.rsplit('#').next().unwrap_or_default());
    let is_passing =
        matches!(response.status, 500 | 502 | 503 | 504) || code.is_some_and(|code| THROTTLED.contains(&code));
    let problem = match code {
        _ if is_passing => {
            let retry = response.retry_after.map_or(Retry::BackOff, Retry::After);
            return AttemptError::Transient(Unavailable::refused(code, response.status, redactor), retry);
        }
        // Only the name is validated, and one that is not valid here (the ARN of another region) names nothing that exists.
        Some("ParameterNotFound" | "ValidationException") => Problem::NotFound,
        Some("InvalidKeyId") => Problem::NotDecrypted,
        Some("AccessDeniedException") if message.is_some_and(is_of_kms) => Problem::NotDecrypted,
        Some("AccessDeniedException") => Problem::AccessDenied,
        code => Unavailable::refused(code, response.status, redactor).into(),
    };
    AttemptError::Final(problem)
}

/// Codes for requests that came too fast or took too long to arrive: those of [AWS's
/// SDKs](https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html) that this call may get.
const THROTTLED: [&str; 7] = [
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "Throttling",
    "ThrottlingException",
];

/// Whether the key is what may not be used: Parameter Store passes on what KMS says, under its own refusal code.
fn is_of_kms(message: &str) -> bool {
    ["perform: kms:", "(Service: AWSKMS", "(Service: Kms", "The ciphertext refers to"]
        .iter()
        .any(|part| message.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::http::HttpError;
    use crate::time;

    fn answered(status: u16, body: &str) -> AttemptError {
        let body = body.as_bytes().to_vec();
        let response = Response { status, retry_after: None, skew: None, body, whole: Ok(()) };
        value(&response, &Redactor::new([])).unwrap_err()
    }

    fn refused_with(code: &str, message: &str) -> AttemptError {
        answered(400, &json!({"__type": code, "message": message}).to_string())
    }

    fn for_good(problem: impl Into<Problem>) -> AttemptError {
        AttemptError::Final(problem.into())
    }

    #[test]
    fn a_refusal_says_what_has_to_be_mended() {
        assert_eq!(refused_with("ParameterNotFound", ""), for_good(Problem::NotFound));
        assert_eq!(refused_with("com.amazonaws.ssm#ParameterNotFound:http://x", ""), for_good(Problem::NotFound));
        assert_eq!(refused_with("ValidationException", "Invalid parameter ARN"), for_good(Problem::NotFound));
        assert_eq!(refused_with("InvalidKeyId", "key is disabled. (Service: AWSKMS)"), for_good(Problem::NotDecrypted));
        let own = "User: arn:aws:sts::123456789012:assumed-role/r/f is not authorized to perform: ssm:GetParameter on \
                   resource: arn:aws:ssm:ap-northeast-2:123456789012:parameter/kms because no identity-based policy allows \
                   the ssm:GetParameter action";
        assert_eq!(refused_with("AccessDeniedException", own), for_good(Problem::AccessDenied));
        for of_kms in [
            "User: arn:aws:sts::123456789012:assumed-role/r/f is not authorized to perform: kms:Decrypt on resource: x \
             (Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException)",
            "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are \
             not allowed to access.",
        ] {
            assert_eq!(refused_with("AccessDeniedException", of_kms), for_good(Problem::NotDecrypted));
            let capital = json!({"__type": "AccessDeniedException", "Message": of_kms}).to_string();
            assert_eq!(answered(400, &capital), for_good(Problem::NotDecrypted));
        }
    }

    #[test]
    fn what_passes_is_asked_for_again() {
        let code = |code: &str| Unavailable::Code(code.into());
        let for_now = |why| AttemptError::Transient(why, Retry::BackOff);
        assert_eq!(refused_with("ThrottlingException", "Rate exceeded"), for_now(code("ThrottlingException")));
        assert_eq!(answered(503, "<html>"), for_now(Unavailable::Status(503)));
        assert_eq!(answered(500, r#"{"__type":"InternalServerError"}"#), for_now(code("InternalServerError")));
        assert_eq!(refused_with("ExpiredTokenException", ""), for_good(code("ExpiredTokenException")));
        assert_eq!(answered(429, "{}"), for_good(Unavailable::Status(429)));
        assert_eq!(for_now(Unavailable::Http(HttpError::TimedOut)).to_string(), "no complete answer in time");
    }

    #[test]
    fn an_answer_without_a_value_cannot_be_read_and_an_echo_is_no_code() {
        for body in ["", "{}", r#"{"Parameter":{}}"#, r#"{"Parameter":{"Value":7}}"#, r#"{"Parameter":{"Value":"a"}"#] {
            assert_eq!(answered(200, body), for_good(Unavailable::Unreadable), "{body}");
        }
        assert_eq!(refused_with("no such key AKIDCANARY", ""), for_good(Unavailable::Status(400)));
        assert_eq!(refused_with("", ""), for_good(Unavailable::Status(400)));
        let whole = Err(HttpError::TooLarge { limit: ANSWER_LIMIT });
        let response = Response { status: 200, retry_after: None, skew: None, body: Vec::new(), whole };
        let failed = value(&response, &Redactor::new([])).unwrap_err();
        assert_eq!(failed, for_good(HttpError::TooLarge { limit: ANSWER_LIMIT }));
    }

    #[test]
    fn every_region_has_its_host_and_nothing_else_has() {
        let host = |region: &str| endpoint(region).map(String::from);
        assert_eq!(host("ap-northeast-2").unwrap(), "https://ssm.ap-northeast-2.amazonaws.com/");
        assert_eq!(host("us-gov-west-1").unwrap(), "https://ssm.us-gov-west-1.amazonaws.com/");
        assert_eq!(host("cn-north-1").unwrap(), "https://ssm.cn-north-1.amazonaws.com.cn/");
        assert_eq!(host("eusc-de-east-1").unwrap(), "https://ssm.eusc-de-east-1.amazonaws.eu/");
        for no_region in ["", "evil.example.com/", "a@b", "a.b", "a b", "a#"] {
            assert_eq!(host(no_region), None, "{no_region}");
        }
    }

    #[tokio::test]
    async fn what_no_request_can_hold_is_an_error_and_not_sent() {
        let token = "line\nbreak".to_owned();
        let credentials = Credentials::new("AK", "secret", Some(token), None, "test");
        for (region, credentials) in [("a b", Credentials::new("AK", "secret", None, None, "test")), ("x", credentials)]
        {
            let region = region.to_owned();
            let settings = AwsSettings { region, secrets_manager: None, parameter_store: None, credentials };
            let store = ParameterStore::new(&settings, http::client(), time::wall);
            let read =
                store.read("prod", time::monotonic() + std::time::Duration::from_secs(5), &Redactor::new([])).await;
            assert_eq!(read.unwrap_err(), Unavailable::NotSent.into());
        }
    }
}
