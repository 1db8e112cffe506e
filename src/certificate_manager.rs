//! Certificate Manager: when the certificates of an account became valid, who issued them, and what uses them.
//!
//! Source: <https://api.ncloud-docs.com/docs/en/security-certificatemanager-getcertificatelist>. Its dates are documented by
//! name only, so every field is optional: a wrong guess costs lifetimes, never a finding.

mod wire;

use chrono::{DateTime, Utc};
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use tokio::time::Instant;

use crate::global_edge;
use crate::net::redact::Redactor;
use crate::net::retry::with_retries;
use crate::rules::lifetime::{Held, Holdings};

/// The public zone; the government zone has its own.
pub const DEFAULT_URL: &str = "https://certificatemanager.apigw.ntruss.com";

/// The first version: the second one refuses the keys of sub-accounts.
const PATH: &str = "/api/v1/certificates";

/// The longest answer that is held in memory: all certificates come in one answer.
const LIMIT: usize = 8 << 20;

/// How often it is asked: it only refines what is reported, so it gets fewer attempts than a page of the list.
const ATTEMPTS: usize = 2;

/// The list at this base URL.
#[must_use]
pub fn list(base: &Url) -> Url {
    let mut list = base.clone();
    list.set_path(&format!("{}{PATH}", list.path().trim_end_matches('/')));
    list
}

/// What the account of this client holds, if the client is to ask. A failure is logged and has the same effect as not asking:
/// only the days count then.
pub async fn holdings(client: &global_edge::Client, account: &str, until: Instant) -> Option<Holdings> {
    let url = client.certificate_manager()?;
    let attempt = || async {
        // Both headers are documented as required, for a GET too.
        let request = client.signed(url).header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let answer = client.send(request, LIMIT, until).await?;
        read(&answer.body, client.redactor())
    };
    match with_retries("Certificate Manager", client.timing(), ATTEMPTS, until, attempt).await {
        Ok(held) => Some(Holdings::new(held)),
        Err(error) => {
            tracing::warn!(account, error = %error, "Certificate Manager could not be read; days alone count");
            None
        }
    }
}

/// Reads what Certificate Manager sends with status 200.
///
/// # Errors
/// What it says instead of a list, or what is wrong with the list; without what `redactor` knows.
pub fn read(body: &[u8], redactor: &Redactor) -> Result<Vec<Held>, global_edge::Error> {
    wire::read(body, redactor)
}

/// Reads a date in any of the accepted forms: RFC 3339, with or without zone and fraction; `yyyy-MM-dd HH:mm:ss`;
/// milliseconds since 1970, in digits. UTC if it has no zone.
#[must_use]
pub fn read_date(text: &str) -> Option<DateTime<Utc>> {
    wire::read_date(text)
}
