//! Parameter Store of AWS Systems Manager: one call, signed by the SDK's own signer and sent through the one HTTP client. The SDK
//! of Systems Manager would add 1.0 MB for it (docs/performance.md).

use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use aws_smithy_runtime_api::client::identity::Identity;
use reqwest::RequestBuilder;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::net::http::{self, Response};
use crate::secret_store::secret::{Error, Problem};
use crate::secret_store::settings::{ANSWER_LIMIT, ATTEMPTS, AwsSettings};

/// [GetParameter](https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html), as the header of
/// AWS's JSON protocol names it.
const OPERATION: (&str, &str) = ("x-amz-target", "AmazonSSM.GetParameter");

/// The media type of AWS's JSON protocol.
const JSON: &str = "application/x-amz-json-1.1";

/// A client of Parameter Store.
#[derive(Debug, Clone)]
pub(super) struct ParameterStore {
    settings: AwsSettings,
    http: http::Client,
}

impl ParameterStore {
    /// A client that sends through `http`.
    pub(super) fn new(settings: AwsSettings, http: http::Client) -> Self {
        Self { settings, http }
    }

    /// Reads a parameter and has it decrypted, until `until` at the latest.
    ///
    /// # Errors
    /// Says what to do to make it readable.
    pub(super) async fn read(&self, name: &str, until: Instant) -> Result<SecretString, Problem> {
        let http = self.http.until(until);
        let body = json!({"Name": name, "WithDecryption": true}).to_string();
        let error = |problem| Error { id: name.to_owned(), problem };
        let attempt = async || {
            // Signed anew for each attempt: a signature is refused five minutes after its time.
            let answer = http.fetch(self.request(&body), ANSWER_LIMIT).await;
            value(&answer.map_err(|fault| error(fault.into()))?).map_err(error)
        };
        let read = http.with_retries("GetParameter", ATTEMPTS as usize, |error| error.problem.retry(), attempt).await;
        read.map_err(|error| error.problem.in_region(name, &self.settings.region))
    }

    /// The signed request.
    fn request(&self, body: &str) -> RequestBuilder {
        const VALID: &str = "settings hold what a request may contain";
        let headers = [(CONTENT_TYPE.as_str(), JSON), OPERATION];
        let identity = Identity::from(self.settings.credentials.clone());
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.settings.region)
            .name("ssm")
            .time(self.http.now().into())
            .settings(SigningSettings::default())
            .build()
            .expect("every part is given")
            .into();
        let url = &self.settings.parameter_store;
        let signable =
            SignableRequest::new("POST", url.as_str(), headers.into_iter(), SignableBody::Bytes(body.as_bytes()))
                .expect(VALID);
        let (instructions, _) = sign(signable, &params).expect(VALID).into_parts();
        let mut all = HeaderMap::new();
        for (name, value) in headers.into_iter().chain(instructions.headers()) {
            let mut value = HeaderValue::from_str(value).expect(VALID);
            value.set_sensitive(true);
            all.insert(name.parse::<HeaderName>().expect(VALID), value);
        }
        self.http.post(url.as_str()).headers(all).body(body.to_owned())
    }
}

/// The part of an answer that is used.
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

/// The value in an answer. A parser's own error would quote it, so that is dropped.
fn value(response: &Response) -> Result<SecretString, Problem> {
    if response.status != 200 {
        let answer: Value = serde_json::from_slice(&response.body).unwrap_or_default();
        let text = |field: &str| answer[field].as_str();
        // `com.amazonaws.ssm#ParameterNotFound:http://…` is `ParameterNotFound`.
        let code = text("__type").unwrap_or_default().split(':').next().unwrap_or_default();
        let code = code.rsplit('#').next().unwrap_or_default();
        // Services spell it in two ways.
        let message = text("message").or(text("Message")).unwrap_or_default();
        return Err(Problem::of_refusal(code, message, response.status));
    }
    response.whole.clone()?;
    let answer: Success = serde_json::from_slice(&response.body).map_err(|_| Problem::Unreadable)?;
    Ok(answer.parameter.value.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::http::HttpError;

    fn answered(status: u16, body: &str) -> Problem {
        let body = body.as_bytes().to_vec();
        value(&Response { status, retry_after: None, skew: None, body, whole: Ok(()) }).unwrap_err()
    }

    #[test]
    fn code_and_sentence_of_a_refusal_are_read_in_every_spelling() {
        for body in [
            json!({"__type": "AccessDeniedException", "message": "Access to KMS is not allowed"}),
            json!({"__type": "com.amazonaws.ssm#AccessDeniedException:http://x", "Message": "Access to KMS is not allowed"}),
        ] {
            assert_eq!(answered(400, &body.to_string()), Problem::NotDecrypted, "{body}");
        }
        assert_eq!(answered(503, "<html>"), Problem::Busy("HTTP 503".to_owned()));
    }

    #[test]
    fn an_answer_without_a_value_cannot_be_read() {
        for body in ["", "{}", r#"{"Parameter":{}}"#, r#"{"Parameter":{"Value":7}}"#, r#"{"Parameter":{"Value":"a"}"#] {
            assert_eq!(answered(200, body), Problem::Unreadable, "{body}");
        }
        let whole = Err(HttpError::TooLarge { limit: ANSWER_LIMIT });
        let response = Response { status: 200, retry_after: None, skew: None, body: Vec::new(), whole };
        assert_eq!(value(&response).unwrap_err(), HttpError::TooLarge { limit: ANSWER_LIMIT }.into());
    }
}
