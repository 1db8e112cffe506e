//! An HTTP server on a loopback port, whose answers and faults come from a function.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use reqwest::Url;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use super::reply::Reply;
use super::round_trips::RoundTrips;

/// A complete request.
pub type Request = hyper::Request<String>;

/// Path and query, as received.
pub fn target(request: &Request) -> &str {
    request.uri().path_and_query().map_or("", |target| target.as_str())
}

/// The value of a header, if it is text.
pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// The value of a query parameter, as received.
pub fn parameter<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.uri().query()?.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// A running server; it stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
    round_trips: Arc<OnceLock<Arc<RoundTrips>>>,
}

impl Server {
    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// If the machine has no free port.
    pub async fn start(handler: impl Fn(Request) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let handler = Arc::new(handler);
        let round_trips: Arc<OnceLock<Arc<RoundTrips>>> = Arc::default();
        let waiting = Arc::clone(&round_trips);
        let task = tokio::spawn(async move {
            // The connections live as long as the server: they are dropped with it.
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (handler, waiting) = (Arc::clone(&handler), Arc::clone(&waiting));
                connections.spawn(async move {
                    let service = service_fn(|request| async {
                        if let Some(round_trips) = waiting.get() {
                            round_trips.wait().await;
                        }
                        handler(whole(request).await?).send().await
                    });
                    // A client that disconnects early is not the server's concern.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Ok(Self { address, task, round_trips })
    }

    /// From now on, answers in these round trips; several servers can share them.
    ///
    /// # Panics
    /// If it does so already.
    pub fn answer_in(&self, round_trips: Arc<RoundTrips>) {
        self.round_trips.set(round_trips).expect("round trips are set once");
    }

    /// The address that it listens on.
    pub fn url(&self) -> Url {
        Url::parse(&format!("http://{}/", self.address)).expect("an address is a host")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn whole(request: hyper::Request<Incoming>) -> io::Result<Request> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    Ok(Request::from_parts(head, String::from_utf8_lossy(&body).into_owned()))
}
