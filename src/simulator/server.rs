//! An HTTP server on a loopback port, whose answers and failures come from a function.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use reqwest::Url;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::turns::Turns;

/// A request, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query, as they came.
    pub target: String,
    /// The headers; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Request {
    /// The value of a header; `name` in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// It is answered.
    Answer {
        /// The status.
        status: u16,
        /// More headers.
        headers: Vec<(&'static str, String)>,
        /// The body.
        body: String,
    },
    /// It is not, or not as it should.
    Fault(Fault),
}

/// How a request is not answered as it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The connection is closed before an answer.
    Reset,
    /// The connection is closed in the middle of this body.
    ResetInBody(String),
    /// Nothing comes, ever.
    Hang,
    /// This body comes byte by byte, each after this time.
    Drip(String, Duration),
    /// This many bytes come.
    Flood {
        /// How many.
        size: usize,
        /// Whether the headers say so.
        announced: bool,
    },
    /// The same with this status, where there is one; without it the status is 200.
    WithStatus(u16, Box<Self>),
}

impl Fault {
    /// The same with another status than 200.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self::WithStatus(status, Box::new(self))
    }

    /// The status and the body that are sent, as far as they are; `None` where nothing is.
    fn begun(&self) -> Option<(u16, &str)> {
        match self {
            Self::Reset | Self::Hang => None,
            Self::ResetInBody(body) | Self::Drip(body, _) => Some((200, body)),
            Self::Flood { .. } => Some((200, "")),
            Self::WithStatus(status, fault) => fault.begun().map(|(_, body)| (*status, body)),
        }
    }
}

impl Reply {
    /// The status and the whole body of the answer, even if the client never gets all of it; `None` where nothing is sent.
    #[must_use]
    pub fn begun(&self) -> Option<(u16, &str)> {
        match self {
            Self::Answer { status, body, .. } => Some((*status, body)),
            Self::Fault(fault) => fault.begun(),
        }
    }

    /// An answer with a body of JSON, or of whatever `body` is.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        Self::Answer { status, headers: vec![("content-type", "application/json".to_owned())], body: body.into() }
    }

    /// The same answer with another header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.retain(|(one, _)| *one != name);
            headers.push((name, value.into()));
        }
        self
    }
}

/// A running server; it stops when this is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
    turns: Arc<OnceLock<Arc<Turns>>>,
}

impl Server {
    /// Starts a server on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When the machine gives no port.
    pub async fn start(handler: impl Fn(Request) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let handler = Arc::new(handler);
        let turns: Arc<OnceLock<Arc<Turns>>> = Arc::default();
        let waiting = Arc::clone(&turns);
        let task = tokio::spawn(async move {
            // The connections live as long as the server: they are dropped with it.
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let (handler, waiting) = (Arc::clone(&handler), Arc::clone(&waiting));
                connections.spawn(async move {
                    let service = service_fn(move |request| {
                        let (handler, turns) = (Arc::clone(&handler), waiting.get().cloned());
                        async move {
                            if let Some(turns) = turns {
                                turns.wait().await;
                            }
                            answer(handler, request).await
                        }
                    });
                    // A client that goes away in the middle is not the server's concern.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Ok(Self { address, task, turns })
    }

    /// Answers in these turns from now on; several servers can share them.
    ///
    /// # Panics
    /// If it does so already.
    pub fn take_turns(&self, turns: Arc<Turns>) {
        self.turns.set(turns).expect("a server takes its turns once");
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> Url {
        Url::parse(&format!("http://{}/", self.address)).expect("an address is a host")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Body = BoxBody<Bytes, io::Error>;

async fn answer(
    handler: Arc<impl Fn(Request) -> Reply>,
    request: hyper::Request<Incoming>,
) -> Result<hyper::Response<Body>, io::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let request = Request {
        method: head.method.to_string(),
        target: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    match handler(request) {
        Reply::Answer { status, headers, body } => {
            let whole = Full::new(Bytes::from(body)).map_err(|never: Infallible| match never {}).boxed();
            let builder = hyper::Response::builder().status(status);
            headers
                .into_iter()
                .fold(builder, |builder, (name, value)| builder.header(name, value))
                .body(whole)
                .map_err(io::Error::other)
        }
        Reply::Fault(fault) => failed(fault).await,
    }
}

async fn failed(fault: Fault) -> Result<hyper::Response<Body>, io::Error> {
    let broken = || io::Error::from(io::ErrorKind::ConnectionReset);
    match fault {
        Fault::WithStatus(status, fault) => {
            let mut response = Box::pin(failed(*fault)).await?;
            *response.status_mut() = status.try_into().map_err(io::Error::other)?;
            Ok(response)
        }
        Fault::Reset => Err(broken()),
        Fault::Hang => std::future::pending().await,
        Fault::ResetInBody(body) => {
            let half = body.len() / 2;
            let first = Ok(Frame::data(Bytes::from(body.into_bytes()).slice(..half)));
            // The first half must have left before the connection breaks.
            let second = async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Err(broken())
            };
            Ok(hyper::Response::new(BodyExt::boxed(StreamBody::new(stream::iter([first]).chain(stream::once(second))))))
        }
        Fault::Drip(body, wait) => {
            let bytes = stream::iter(body.into_bytes()).then(move |byte| async move {
                tokio::time::sleep(wait).await;
                Ok(Frame::data(Bytes::from(vec![byte])))
            });
            Ok(hyper::Response::new(BodyExt::boxed(StreamBody::new(bytes))))
        }
        Fault::Flood { size, announced } => {
            let chunk = Bytes::from(vec![b' '; 1 << 16]);
            let count = size.div_ceil(chunk.len());
            let length = count * chunk.len();
            let chunks = stream::iter(0..count).map(move |_| Ok(Frame::data(chunk.clone())));
            let mut response = hyper::Response::new(BodyExt::boxed(StreamBody::new(chunks)));
            if announced {
                response.headers_mut().insert(hyper::header::CONTENT_LENGTH, length.into());
            }
            Ok(response)
        }
    }
}
