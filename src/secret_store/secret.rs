//! A secret that was read, or why it could not be.

use std::fmt;

use secrecy::SecretString;

use super::flaw::{self, Flaw};
use super::id::{self, Store};
use crate::net::disclosure::Secrets;
use crate::net::http::HttpError;
use crate::net::retry::Retry;

/// The most characters of an error code that are shown.
const CODE_LIMIT: usize = 80;

/// What a secret holds, and what it is called.
#[derive(Debug, Clone)]
pub struct Secret {
    /// The name that Secrets Manager knows it by, or the id of a parameter.
    pub name: String,
    /// Its value.
    pub text: SecretString,
}

/// A secret that could not be read or used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// The secret's id, as requested.
    pub id: String,
    /// What is wrong with it.
    pub problem: Problem,
}

impl Error {
    /// Where the secret is kept.
    pub fn store(&self) -> Store {
        Store::of(&self.id)
    }
}

/// What is wrong with a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// There is no such secret in this region.
    NotFound,
    /// There is none in the region that was asked, and its ARN is of another one.
    OtherRegion {
        /// The region of the store.
        asked: String,
        /// The region in the ARN.
        of_arn: String,
    },
    /// The function's role may not read it.
    AccessDenied,
    /// Its key may not be used to decrypt it.
    NotDecrypted,
    /// It is marked for deletion.
    Deleted,
    /// It was made, but no value was stored in it.
    NoValue,
    /// AWS refuses who asks, or when; with its error code.
    Credentials(String),
    /// No answer, or an incomplete one.
    NoAnswer(HttpError),
    /// The store has a problem that may pass; with its error code or HTTP status.
    Busy(String),
    /// The store refused for a reason that is not known; with its error code or HTTP status.
    Refused(String),
    /// The store's answer is not what is documented.
    Unreadable,
    /// It was read, but does not hold what it should.
    Invalid(Vec<Flaw>),
}

impl Problem {
    /// What a refusal means to whoever has to fix it: code and sentence decide, and of both only the code is kept.
    ///
    /// Codes: those of the two operations, and the [common ones](https://docs.aws.amazon.com/systems-manager/latest/APIReference/CommonErrors.html).
    pub(crate) fn of_refusal(code: &str, message: &str, status: u16) -> Self {
        match code {
            _ if matches!(status, 500 | 502 | 503 | 504) => Self::Busy(shown(code, status)),
            // The SDKs' own list, as far as these calls may get them:
            // <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>.
            "RequestLimitExceeded"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "RequestTimeout"
            | "RequestTimeoutException"
            | "Throttling"
            | "ThrottlingException" => Self::Busy(shown(code, status)),
            "ResourceNotFoundException" if message.contains("staging label") => Self::NoValue,
            // Only the id is validated, and one that is not valid here names nothing that exists.
            "ResourceNotFoundException" | "ParameterNotFound" | "ValidationException" => Self::NotFound,
            "DecryptionFailure" | "InvalidKeyId" | "KMSAccessDeniedException" => Self::NotDecrypted,
            "AccessDeniedException" if is_of_kms(message) => Self::NotDecrypted,
            "AccessDeniedException" => Self::AccessDenied,
            "InvalidRequestException" => Self::Deleted,
            // A wrong clock is reported as a signature that has expired, or is not valid yet.
            "ExpiredToken"
            | "ExpiredTokenException"
            | "IncompleteSignature"
            | "IncompleteSignatureException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "NotAuthorized"
            | "RequestExpired"
            | "SignatureDoesNotMatch"
            | "UnrecognizedClientException" => Self::Credentials(code.to_owned()),
            code => Self::Refused(shown(code, status)),
        }
    }

    /// The same problem of the secret with this id, which was asked for in `region`.
    pub(super) fn in_region(self, id: &str, region: &str) -> Self {
        match (self, id::region(id)) {
            (Self::NotFound, Some(of_arn)) if of_arn != region => {
                Self::OtherRegion { asked: region.to_owned(), of_arn: of_arn.to_owned() }
            }
            (problem, _) => problem,
        }
    }

    /// Whether another attempt may succeed.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Busy(_) => Retry::BackOff,
            Self::NoAnswer(fault) if fault.is_transient() => Retry::BackOff,
            _ => Retry::Never,
        }
    }
}

impl From<HttpError> for Problem {
    fn from(fault: HttpError) -> Self {
        Self::NoAnswer(fault)
    }
}

/// For logs; the wording for messages is in [`crate::message::words`].
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = self.store();
        let what = match store {
            Store::SecretsManager => "secret",
            Store::ParameterStore => "parameter",
        };
        write!(f, "{what} `{}`: ", self.id)?;
        match &self.problem {
            Problem::NotFound => write!(f, "{store} has no such {what} in this region"),
            Problem::OtherRegion { asked, of_arn } => {
                write!(f, "{store} has no such {what} in {asked}, where it was looked for; its ARN is of {of_arn}")
            }
            Problem::AccessDenied => f.write_str("the function may not read it"),
            Problem::NotDecrypted => write!(f, "{store} could not decrypt it"),
            Problem::Deleted => f.write_str("it is marked for deletion"),
            Problem::NoValue => f.write_str("no value is stored in it yet; store one"),
            Problem::Credentials(code) => write!(f, "AWS refused the credentials ({code})"),
            Problem::NoAnswer(fault) => write!(f, "{store} could not be reached: {fault}"),
            Problem::Busy(code) => write!(f, "{store} has a problem ({code})"),
            Problem::Refused(code) => write!(f, "{store} refused the request ({code})"),
            Problem::Unreadable => write!(f, "the answer of {store} cannot be read"),
            Problem::Invalid(problems) => f.write_str(&flaw::sentences(problems).join("; ")),
        }
    }
}

impl std::error::Error for Error {}

/// The code of a refusal, or its status: a code that does not read as words may echo anything.
fn shown(code: &str, status: u16) -> String {
    let words = Secrets::default().words_of(code, CODE_LIMIT);
    if words.is_empty() || words.contains(['…', ' ']) { format!("HTTP {status}") } else { words }
}

/// Whether the key is what may not be used: the stores pass on what KMS says, under their own refusal code.
fn is_of_kms(message: &str) -> bool {
    ["Access to KMS", "perform: kms:", "(Service: AWSKMS", "(Service: Kms", "The ciphertext refers to"]
        .iter()
        .any(|part| message.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_has_to_be_corrected() {
        let user = "User: arn:aws:sts::123456789012:assumed-role/r/f is not authorized to perform:";
        let ssm = format!("{user} ssm:GetParameter on resource: arn:aws:ssm:x:123456789012:parameter/kms");
        let get = format!("{user} secretsmanager:GetSecretValue on resource: kms because no policy allows it");
        let decrypt = format!("{user} kms:Decrypt on resource: x (Service: AWSKMS; Status Code: 400)");
        let credentials = |code: &str| Problem::Credentials(code.to_owned());
        for (code, message, problem) in [
            ("ResourceNotFoundException", "Secrets Manager can't find the specified secret.", Problem::NotFound),
            ("ParameterNotFound", "", Problem::NotFound),
            ("ValidationException", "Invalid parameter ARN", Problem::NotFound),
            (
                "ResourceNotFoundException",
                "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
                Problem::NoValue,
            ),
            ("AccessDeniedException", &ssm, Problem::AccessDenied),
            ("AccessDeniedException", &get, Problem::AccessDenied),
            ("AccessDeniedException", "Access to KMS is not allowed", Problem::NotDecrypted),
            ("AccessDeniedException", &decrypt, Problem::NotDecrypted),
            (
                "AccessDeniedException",
                "The ciphertext refers to a customer master key that does not exist",
                Problem::NotDecrypted,
            ),
            ("DecryptionFailure", "", Problem::NotDecrypted),
            ("InvalidKeyId", "key is disabled. (Service: AWSKMS)", Problem::NotDecrypted),
            ("InvalidRequestException", "because it was marked for deletion.", Problem::Deleted),
            (
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
                credentials("UnrecognizedClientException"),
            ),
            ("ExpiredTokenException", "", credentials("ExpiredTokenException")),
            (
                "InvalidSignatureException",
                "Signature expired: 20261123T000000Z is now earlier than 20261123T010000Z",
                credentials("InvalidSignatureException"),
            ),
            ("OptInRequired", "", Problem::Refused("OptInRequired".to_owned())),
            ("InvalidParameterException", "", Problem::Refused("InvalidParameterException".to_owned())),
        ] {
            assert_eq!(Problem::of_refusal(code, message, 400), problem, "{code}: {message}");
        }
    }

    #[test]
    fn what_passes_is_asked_for_again() {
        use crate::net::retry::Retry;
        let busy = |text: &str| Problem::Busy(text.to_owned());
        assert_eq!(Problem::of_refusal("ThrottlingException", "Rate exceeded", 400), busy("ThrottlingException"));
        assert_eq!(Problem::of_refusal("", "", 503), busy("HTTP 503"));
        assert_eq!(Problem::of_refusal("InternalServiceError", "", 500), busy("InternalServiceError"));
        assert_eq!(Problem::of_refusal("", "", 429), Problem::Refused("HTTP 429".to_owned()));
        for passing in [busy("HTTP 503"), HttpError::TimedOut.into()] {
            assert_eq!(passing.retry(), Retry::BackOff);
        }
        for lasting in [Problem::NotFound, HttpError::TooLarge { limit: 1 }.into(), Problem::Unreadable] {
            assert_eq!(lasting.retry(), Retry::Never);
        }
    }

    #[test]
    fn what_does_not_read_as_words_is_no_code() {
        for no_code in ["", "no such key", "AKIDEXAMPLE000000001", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7d"] {
            assert_eq!(Problem::of_refusal(no_code, "", 400), Problem::Refused("HTTP 400".to_owned()), "{no_code}");
        }
    }
}
