//! Global Edge: the list of provisioned certificates and the detail of one slot.
//!
//! Sources: <https://api.ncloud-docs.com/docs/edge-getcertificatelist>, <https://api.ncloud-docs.com/docs/edge-getcertificate>,
//! <https://api.ncloud-docs.com/docs/edge-overview>. Wire types do not leave this module.

mod error;
mod pages;
mod scan;
pub mod signature;
mod wire;

use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::{RequestBuilder, Url};
use tokio::time::Instant;
use url::Position;

pub use self::error::{Error, ErrorReply};
pub use self::pages::{Collect, Incomplete, ListError, Listing, Page};
pub(crate) use self::wire::malformed;
pub use self::wire::{impact as read_impact, page as read_page};
use crate::certificate::Certificate;
use crate::global_edge::signature::{KeyPair, sign};
use crate::net::http::{self, Response};
use crate::net::redact::Redactor;
use crate::net::retry::{self, Timing, with_retries};
use crate::rules::Impact;
use crate::time::Clock;

/// The public zone; the government zone has its own.
pub const DEFAULT_URL: &str = "https://edge.apigw.ntruss.com";

/// The resource path, appended to the base URL.
const PATH: &str = "/api/v1/certificate/provisioning";

/// The longest list page that is held in memory.
const PAGE_LIMIT: usize = 8 << 20;

/// The longest other answer.
const DETAIL_LIMIT: usize = 64 << 10;

/// How often a detail is requested: it only enriches the message, so it gets fewer attempts than a page.
const DETAIL_ATTEMPTS: usize = 2;

/// A client for one account.
#[derive(Clone)]
pub struct Client {
    http: http::Client,
    /// The list's URL, without a query.
    list: Url,
    /// The list of Certificate Manager, if it is to be read too.
    certificate_manager: Option<Url>,
    keys: KeyPair,
    clock: Clock,
    redactor: Redactor,
}

impl Client {
    /// A client for the account with these keys, at the Global Edge at `base`. Replies are shown without what `redactor`
    /// knows, these keys included.
    pub fn new(http: http::Client, base: Url, keys: KeyPair, clock: Clock, redactor: &Redactor) -> Self {
        let redactor = redactor.clone();
        keys.hide_by(&redactor);
        let mut list = base;
        list.set_path(&format!("{}{PATH}", list.path().trim_end_matches('/')));
        Self { http, list, certificate_manager: None, keys, clock, redactor }
    }

    /// The same client, which also reads this list of Certificate Manager, if there is one.
    #[must_use]
    pub fn with_certificate_manager(self, list: Option<Url>) -> Self {
        Self { certificate_manager: list, ..self }
    }

    /// The list of Certificate Manager, if it is to be read too.
    pub(crate) fn certificate_manager(&self) -> Option<&Url> {
        self.certificate_manager.as_ref()
    }

    /// The redactor that removes this account's keys from text.
    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Removes from a certificate the secrets of the run that were learnt since it was read.
    pub fn scrub(&self, certificate: &mut Certificate) {
        wire::scrub(certificate, &self.redactor);
    }

    /// Reads every page of the list into collections that `new` makes; `progress` is called with the number of certificates
    /// read so far and the total.
    ///
    /// The listing holds what could be read even if something failed.
    pub async fn list<C: Collect>(
        &self,
        until: Instant,
        new: impl Fn() -> C,
        progress: impl Fn(u64, u64),
    ) -> Listing<C> {
        pages::read(async |number, size| self.page(number, size, until).await, new, progress).await
    }

    /// What would break if the certificate of this slot expired.
    ///
    /// # Errors
    /// As for a page. The caller goes on without it.
    pub async fn impact(&self, slot_id: i64, until: Instant) -> Result<Impact, Error> {
        let mut url = self.list.clone();
        url.set_path(&format!("{}/{slot_id}", url.path()));
        let attempt = || async {
            let answer = self.fetch(&url, DETAIL_LIMIT, until).await?;
            wire::impact(&answer.body, &self.redactor)
        };
        with_retries("the detail of a slot", self.http.timing(), DETAIL_ATTEMPTS, until, attempt).await
    }

    async fn page(&self, number: u64, size: u64, until: Instant) -> Result<Page, Error> {
        let mut url = self.list.clone();
        url.set_query(Some(&format!("pageNo={number}&offset={size}")));
        let attempt = || async {
            let answer = self.fetch(&url, PAGE_LIMIT, until).await?;
            wire::page(&answer.body, &self.redactor)
        };
        with_retries("a page of the list", self.http.timing(), retry::ATTEMPTS, until, attempt).await
    }

    /// One attempt at a GET, stamped and signed anew; any status but 200 is an error.
    async fn fetch(&self, url: &Url, limit: usize, until: Instant) -> Result<Response, Error> {
        self.send(self.signed(url), limit, until).await
    }

    /// Sends a signed request; any status but 200 is an error.
    pub(crate) async fn send(&self, request: RequestBuilder, limit: usize, until: Instant) -> Result<Response, Error> {
        let answer = self.http.fetch(request, limit, until, self.clock).await?;
        if answer.status != 200 {
            // Truncated or interrupted: its status says what it is.
            return Err(Error::of(&answer, &self.redactor));
        }
        answer.whole.clone()?;
        Ok(answer)
    }

    /// How long its calls wait.
    pub(crate) fn timing(&self) -> Timing {
        self.http.timing()
    }

    /// A GET of `url`, stamped and signed.
    pub(crate) fn signed(&self, url: &Url) -> RequestBuilder {
        // What is signed is cut from the URL that is sent; no HTTP library re-encodes it in between.
        let target = &url[Position::BeforePath..];
        let headers = sign("GET", target, (self.clock)(), &self.keys);
        let request = self.http.get(url.clone()).header(ACCEPT, HeaderValue::from_static("application/json"));
        headers.into_iter().fold(request, |request, (name, value)| {
            let mut value = HeaderValue::try_from(value)
                .expect("keys were checked when they were read; the rest is Base64 and digits");
            value.set_sensitive(true);
            request.header(name, value)
        })
    }
}
