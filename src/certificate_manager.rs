//! Certificate Manager: when the certificates of an account became valid, who issued them, and what uses them.
//!
//! Source: <https://api.ncloud-docs.com/docs/en/security-certificatemanager-getcertificatelist>. Its dates are documented by
//! name only.

mod wire;

use reqwest::Url;

pub use self::wire::read;
use crate::ncp::{self, Error};
use crate::rules::lifetime::Holdings;

/// The public zone; the government zone has its own.
pub const DEFAULT_URL: &str = "https://certificatemanager.apigw.ntruss.com";

/// The first version: the second one refuses the keys of sub-accounts.
pub(crate) const PATH: &str = "/api/v1/certificates";

/// The longest answer that is held in memory: all certificates come in one answer.
const LIMIT: usize = 8 << 20;

/// How often it is asked.
const ATTEMPTS: usize = 2;

/// What the account of this client holds.
///
/// # Errors
/// As for a page of Global Edge's list.
pub async fn holdings(client: &ncp::Client, base: &Url) -> Result<Holdings, Error> {
    let url = ncp::below(base, PATH);
    let held = client.get("Certificate Manager", &url, LIMIT, ATTEMPTS, Error::retry, read).await?;
    Ok(Holdings::new(held))
}
