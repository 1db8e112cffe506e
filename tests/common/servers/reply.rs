//! What happens to a request: an answer, or a fault.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::Response;
use hyper::body::{Bytes, Frame};
use hyper::header::{CONTENT_LENGTH, HeaderValue};

/// What happens to a request.
#[derive(Debug, Clone)]
pub enum Reply {
    /// It is answered.
    Answer(Response<String>),
    /// It gets no answer, or a faulty one.
    Fault(Fault),
}

/// How a request goes without a proper answer.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The connection is closed before an answer.
    Reset,
    /// The connection is closed in the middle of this body.
    ResetInBody(String),
    /// Nothing ever comes.
    Hang,
    /// This body comes byte by byte, with this delay before each.
    Drip(String, Duration),
    /// This many bytes come.
    Flood {
        /// How many.
        size: usize,
        /// Whether the headers announce it.
        announced: bool,
    },
    /// The same with this status; without it the status is 200.
    WithStatus(u16, Box<Self>),
}

impl Fault {
    /// The same with a status other than 200.
    pub fn with_status(self, status: u16) -> Self {
        Self::WithStatus(status, Box::new(self))
    }

    /// The status and the body, as far as they are sent; `None` if nothing is.
    fn begun(&self) -> Option<(u16, &str)> {
        match self {
            Self::Reset | Self::Hang => None,
            Self::ResetInBody(body) | Self::Drip(body, _) => Some((200, body)),
            Self::Flood { .. } => Some((200, "")),
            Self::WithStatus(status, fault) => fault.begun().map(|(_, body)| (*status, body)),
        }
    }
}

impl From<Response<String>> for Reply {
    fn from(response: Response<String>) -> Self {
        Self::Answer(response)
    }
}

impl Reply {
    /// An answer with a body of JSON, or of whatever `body` is.
    pub fn new(status: u16, body: impl Into<String>) -> Self {
        let response = Response::builder().status(status).header("content-type", "application/json");
        Self::Answer(response.body(body.into()).expect("the status is one"))
    }

    /// The same answer with another header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Answer(response) = &mut self {
            let value = HeaderValue::try_from(value.into()).expect("the value can stand in a header");
            response.headers_mut().insert(name, value);
        }
        self
    }

    /// The status and the whole body of the answer, even if the client never gets all of it; `None` if nothing is sent.
    pub fn begun(&self) -> Option<(u16, &str)> {
        match self {
            Self::Answer(response) => Some((response.status().as_u16(), response.body())),
            Self::Fault(fault) => fault.begun(),
        }
    }

    /// What goes over the wire.
    pub(super) async fn send(self) -> io::Result<Response<Body>> {
        match self {
            Self::Answer(response) => {
                Ok(response.map(|body| Full::from(body).map_err(|never: Infallible| match never {}).boxed()))
            }
            Self::Fault(fault) => failed(fault).await,
        }
    }
}

pub(super) type Body = BoxBody<Bytes, io::Error>;

async fn failed(fault: Fault) -> io::Result<Response<Body>> {
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
            // The first half must be sent before the connection breaks.
            let second = async move {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Err(broken())
            };
            Ok(Response::new(BodyExt::boxed(StreamBody::new(stream::iter([first]).chain(stream::once(second))))))
        }
        Fault::Drip(body, wait) => {
            let bytes = stream::iter(body.into_bytes()).then(move |byte| async move {
                tokio::time::sleep(wait).await;
                Ok(Frame::data(Bytes::from(vec![byte])))
            });
            Ok(Response::new(BodyExt::boxed(StreamBody::new(bytes))))
        }
        Fault::Flood { size, announced } => {
            let chunk = Bytes::from(vec![b' '; 1 << 16]);
            let count = size.div_ceil(chunk.len());
            let length = count * chunk.len();
            let chunks = stream::iter(0..count).map(move |_| Ok(Frame::data(chunk.clone())));
            let mut response = Response::new(BodyExt::boxed(StreamBody::new(chunks)));
            if announced {
                response.headers_mut().insert(CONTENT_LENGTH, length.into());
            }
            Ok(response)
        }
    }
}
