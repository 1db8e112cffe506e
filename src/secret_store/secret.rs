//! A secret that was read, or why it could not be.

use std::fmt;

use secrecy::SecretString;

use super::id::Store;
use crate::net::http::HttpError;
use crate::net::redact::{Redactor, Remote};
use crate::text::quote::looks_like_a_key;

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
    #[must_use]
    pub fn store(&self) -> Store {
        Store::of(&self.id)
    }
}

/// What is wrong with a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// There is no such secret in this region.
    NotFound,
    /// The function's role may not read it.
    AccessDenied,
    /// Its key may not be used to decrypt it.
    NotDecrypted,
    /// It is marked for deletion.
    Deleted,
    /// The store could not be reached, or had a problem.
    Unavailable(Unavailable),
    /// It was read, but does not hold what it should.
    Invalid(Vec<String>),
}

/// Why a store gave no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unavailable {
    /// No answer, or an incomplete one.
    Http(HttpError),
    /// It answered with this error code.
    Code(Remote),
    /// It answered with this HTTP status and no code.
    Status(u16),
    /// Its answer is not what is documented.
    Unreadable,
    /// The request could not be made.
    NotSent,
}

impl Unavailable {
    /// The error for a refusal about which nothing more is known. Text that is not the name of an error is not a code, and
    /// may echo anything, including the secret itself, which has not been read yet and so is not known to any `redactor`.
    #[must_use]
    pub fn refused(code: Option<&str>, status: u16, redactor: &Redactor) -> Self {
        let is_name = |code: &&str| {
            !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !looks_like_a_key(code)
        };
        match code.filter(is_name) {
            Some(code) => Self::Code(Remote::new(code, CODE_LIMIT, redactor)),
            None => Self::Status(status),
        }
    }
}

impl From<Unavailable> for Problem {
    fn from(why: Unavailable) -> Self {
        Self::Unavailable(why)
    }
}

impl From<HttpError> for Problem {
    fn from(fault: HttpError) -> Self {
        Unavailable::Http(fault).into()
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(fault) => fault.fmt(f),
            Self::Code(code) => code.fmt(f),
            Self::Status(status) => write!(f, "HTTP {status}"),
            Self::Unreadable => f.write_str("its answer cannot be read"),
            Self::NotSent => f.write_str("the request could not be made"),
        }
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
            Problem::AccessDenied => f.write_str("the function may not read it"),
            Problem::NotDecrypted => write!(f, "{store} could not decrypt it"),
            Problem::Deleted => f.write_str("it is marked for deletion"),
            Problem::Unavailable(why) => write!(f, "{store} could not be reached: {why}"),
            Problem::Invalid(problems) => f.write_str(&problems.join("; ")),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_an_error_is_shown_and_what_may_be_a_key_is_not() {
        let refused = |code| Unavailable::refused(Some(code), 400, &Redactor::new([])).to_string();
        // <https://docs.aws.amazon.com/systems-manager/latest/APIReference/CommonErrors.html>, and those of the two services.
        for code in [
            "ExpiredTokenException",
            "IncompleteSignature",
            "InternalServerError",
            "InternalServiceError",
            "InvalidClientTokenId",
            "InvalidParameterException",
            "InvalidSignatureException",
            "KMSInvalidStateException",
            "MissingAuthenticationTokenException",
            "OptInRequired",
            "RequestExpired",
            "ServiceUnavailable",
            "ThrottlingException",
            "UnrecognizedClientException",
        ] {
            assert_eq!(refused(code), code);
        }
        for no_code in ["", "no such key", "AKIDEXAMPLE000000001", "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5bC7d", "a:b"] {
            assert_eq!(refused(no_code), "HTTP 400", "{no_code}");
        }
    }
}
