//! Global Edge: the list of provisioned certificates and the detail of one slot.
//!
//! Sources: <https://api.ncloud-docs.com/docs/edge-getcertificatelist>, <https://api.ncloud-docs.com/docs/edge-getcertificate>,
//! <https://api.ncloud-docs.com/docs/edge-overview>. Wire types do not leave this module.

mod answer;
mod error;
mod list;

use reqwest::header::{ACCEPT, HeaderValue};
use reqwest::{RequestBuilder, Url};
use tokio::time::Instant;
use url::Position;

pub use self::answer::{impact as read_impact, page as read_page};
pub use self::error::{Error, Said};
pub use self::list::{Collect, Incomplete, Listing, Stop};
use crate::certificate::Certificate;
use crate::clock::Clock;
use crate::finding::Impact;
use crate::http::{self, Answer};
use crate::redact::Redactor;
use crate::retry::{self, persist};
use crate::signature::{KeyPair, sign};

/// The public zone; the government zone has its own.
pub const DEFAULT_URL: &str = "https://edge.apigw.ntruss.com";

/// The resource, behind the base URL.
const PATH: &str = "/api/v1/certificate/provisioning";

/// The longest list page that is held in memory.
const PAGE_LIMIT: usize = 8 << 20;

/// The longest other answer.
const DETAIL_LIMIT: usize = 64 << 10;

/// How often a detail is asked for: it only enriches the message, so it is not waited for as a page is.
const DETAIL_ATTEMPTS: usize = 2;

/// How many bytes of an answer that is no page are looked at to say what it is.
const DIAGNOSIS_LIMIT: usize = 64 << 10;

/// A client for one account.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    /// The list, without a query.
    list: Url,
    keys: KeyPair,
    clock: Clock,
    redactor: Redactor,
}

/// One page of the list, as far as it matters.
#[derive(Debug)]
pub struct Page {
    /// The certificates that could be read.
    pub rows: Vec<Certificate>,
    /// How many rows the page had: those that could not be read count too.
    pub length: usize,
    /// The page size that the server says it used.
    pub size: Option<u64>,
    /// How many certificates there are in all.
    pub total: u64,
}

impl Client {
    /// A client for the account with these keys, at the Global Edge of `base`.
    pub fn new(http: reqwest::Client, base: Url, keys: KeyPair, clock: Clock) -> Self {
        let redactor = Redactor::new([keys.access_key(), keys.secret_key()]);
        let mut list = base;
        list.set_path(&format!("{}{PATH}", list.path().trim_end_matches('/')));
        Self { http, list, keys, clock, redactor }
    }

    /// Reads every page of the list into collections that `new` makes; `progress` hears how many certificates were read of
    /// how many.
    ///
    /// What could be read is in the listing even when something failed.
    pub async fn list<C: Collect>(
        &self,
        until: Instant,
        new: impl Fn() -> C,
        progress: impl Fn(u64, u64),
    ) -> Listing<C> {
        list::read(async |number, size| self.page(number, size, until).await, new, progress).await
    }

    /// What would break if the certificate of this slot expired.
    ///
    /// # Errors
    /// As for a page. The caller goes on without.
    pub async fn impact(&self, slot_id: i64, until: Instant) -> Result<Impact, Error> {
        let mut url = self.list.clone();
        url.set_path(&format!("{}/{slot_id}", url.path()));
        let attempt = || async {
            let answer = self.fetch(&url, DETAIL_LIMIT, until).await?;
            answer::impact(&answer.body, &self.redactor)
        };
        persist("the detail of a slot", DETAIL_ATTEMPTS, until, attempt).await
    }

    async fn page(&self, number: u64, size: u64, until: Instant) -> Result<Page, Error> {
        let mut url = self.list.clone();
        url.set_query(Some(&format!("pageNo={number}&offset={size}")));
        let attempt = || async {
            let answer = self.fetch(&url, PAGE_LIMIT, until).await?;
            answer::page(&answer.body, &self.redactor)
        };
        persist("a page of the list", retry::ATTEMPTS, until, attempt).await
    }

    /// One attempt at a GET: stamped and signed anew, answered with status 200.
    async fn fetch(&self, url: &Url, limit: usize, until: Instant) -> Result<Answer, Error> {
        let answer = http::fetch(self.signed(url), limit, until, self.clock).await?;
        if answer.status == 200 {
            return Ok(answer);
        }
        if answer.body.len() > DIAGNOSIS_LIMIT {
            return Err(http::Fault::TooLarge { limit: DIAGNOSIS_LIMIT }.into());
        }
        Err(Error::of(&answer, &self.redactor))
    }

    fn signed(&self, url: &Url) -> RequestBuilder {
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
