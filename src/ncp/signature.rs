//! NCP's request signature, `x-ncp-apigw-signature-v2`: a pure function of method, request target, time and keys.
//!
//! Source: <https://api.ncloud-docs.com/docs/common-ncpapi>, <https://api.ncloud-docs.com/docs/edge-overview>

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::net::disclosure::Secrets;

/// The header with the time of signing, in milliseconds since 1970.
pub const TIMESTAMP_HEADER: &str = "x-ncp-apigw-timestamp";
/// The header with the access key.
pub const ACCESS_KEY_HEADER: &str = "x-ncp-iam-access-key";
/// The header with the signature.
pub const SIGNATURE_HEADER: &str = "x-ncp-apigw-signature-v2";

/// The key pair of one account. Does not print itself.
#[derive(Clone)]
pub struct KeyPair {
    access_key: SecretString,
    secret_key: SecretString,
}

impl KeyPair {
    /// A pair of access key and secret key.
    pub fn new(access_key: impl Into<String>, secret_key: impl Into<String>) -> Self {
        Self { access_key: access_key.into().into(), secret_key: secret_key.into().into() }
    }

    /// The access key: for the request header.
    pub fn access_key(&self) -> &str {
        self.access_key.expose_secret()
    }

    /// The secret key: for signing.
    pub fn secret_key(&self) -> &str {
        self.secret_key.expose_secret()
    }

    /// Adds both keys to the secrets of a run.
    pub fn add_to(&self, secrets: &mut Secrets) {
        secrets.add_key(self.access_key());
        secrets.add_key(self.secret_key());
    }

    /// Whether both pairs have the same keys.
    pub fn is(&self, other: &Self) -> bool {
        self.access_key() == other.access_key() && self.secret_key() == other.secret_key()
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPair([redacted])")
    }
}

/// What is signed. [`fmt::Display`] gives the exact text, which must not be logged: it holds the access key.
pub struct StringToSign<'a> {
    /// The method, in upper case.
    pub method: &'a str,
    /// Everything in the URL after the authority, exactly as it goes on the wire: path, `?`, query.
    pub target: &'a str,
    /// Milliseconds since 1970, in decimal.
    pub timestamp: &'a str,
    /// The access key.
    pub access_key: &'a str,
}

impl fmt::Display for StringToSign<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}\n{}\n{}", self.method, self.target, self.timestamp, self.access_key)
    }
}

/// The headers that sign a request: name and value.
pub type Headers = [(&'static str, String); 3];

/// Signs one attempt at a request. The gateway refuses a timestamp that is more than five minutes off, so every attempt is
/// signed anew, by the real clock.
pub fn sign(method: &str, target: &str, time: DateTime<Utc>, keys: &KeyPair) -> Headers {
    let timestamp = time.timestamp_millis().to_string();
    let access_key = keys.access_key();
    let text = StringToSign { method, target, timestamp: &timestamp, access_key }.to_string();
    let signature = mac(keys.secret_key(), &text);
    [(TIMESTAMP_HEADER, timestamp), (ACCESS_KEY_HEADER, access_key.to_owned()), (SIGNATURE_HEADER, signature)]
}

/// HMAC-SHA256, keyed with the bytes of the secret key, in padded Base64.
fn mac(secret_key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret_key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Whether `signature` is that of this request, compared in constant time.
#[cfg(feature = "cli")]
pub fn verify(text: &StringToSign<'_>, secret_key: &str, signature: &str) -> bool {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret_key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(text.to_string().as_bytes());
    STANDARD.decode(signature).is_ok_and(|bytes| mac.verify_slice(&bytes).is_ok())
}
