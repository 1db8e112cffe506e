//! Global Edge: the list of provisioned certificates and the detail of one slot.
//!
//! Sources: <https://api.ncloud-docs.com/docs/edge-getcertificatelist>, <https://api.ncloud-docs.com/docs/edge-getcertificate>.
//! Wire types do not leave this module.

mod pages;
mod wire;

use reqwest::Url;

pub use self::pages::{Incomplete, ListError, Listing, Page};
pub use self::wire::{detail as read_detail, page as read_page};
use crate::ncp::{self, Error};
use crate::net::http::HttpError;
use crate::net::retry::{ATTEMPTS, Retry};
use crate::rules::Impact;

/// The public zone; the government zone has its own.
pub const DEFAULT_URL: &str = "https://edge.apigw.ntruss.com";

/// The resource path, appended to the base URL; a detail's has `/` and the slot's number after it.
pub(crate) const PATH: &str = "/api/v1/certificate/provisioning";

/// The longest list page that is held in memory.
const PAGE_LIMIT: usize = 8 << 20;

/// The longest detail.
const DETAIL_LIMIT: usize = 64 << 10;

/// How often a detail is requested: it only enriches the message, so it gets fewer attempts than a page.
const DETAIL_ATTEMPTS: usize = 2;

/// The page sizes to ask for, each if the one before fails. The API documents no maximum. The first fetches the list of almost
/// any account in one answer, and one answer is one snapshot; the last is the documented default.
const SIZES: [u64; 3] = [1000, 100, 15];

/// Lists the certificates of the account that `client` has the keys of; `progress` is called with the number of certificates
/// read so far and the total. The listing holds what could be read even if something failed.
pub async fn list(client: &ncp::Client, base: &Url, progress: impl Fn(u64, u64)) -> Listing {
    let list = ncp::below(base, PATH);
    let page = async |number: u64, size: u64, is_trial: bool| {
        let mut url = list.clone();
        url.set_query(Some(&format!("pageNo={number}&offset={size}")));
        let retry = |error: &Error| if is_trial && !ends_search(error) { Retry::Never } else { error.retry() };
        client.get("a page of the list", &url, PAGE_LIMIT, ATTEMPTS, retry, wire::page).await
    };
    pages::read(page, progress).await
}

/// Whether a first page that fails like this would fail at any other size too.
fn ends_search(error: &Error) -> bool {
    matches!(
        error,
        Error::Unauthorized { .. }
            | Error::PermissionDenied { .. }
            | Error::NotFound { .. }
            | Error::QuotaExceeded { .. }
            | Error::RateLimited { .. }
            | Error::Http(HttpError::Connect(_))
    )
}

/// What would break if the certificate of this slot expired.
///
/// # Errors
/// As for a page. The caller goes on without it.
pub async fn detail(client: &ncp::Client, base: &Url, slot_id: i64) -> Result<Impact, Error> {
    let url = ncp::below(base, &format!("{PATH}/{slot_id}"));
    client.get("the detail of a slot", &url, DETAIL_LIMIT, DETAIL_ATTEMPTS, Error::retry, wire::detail).await
}
