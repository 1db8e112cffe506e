//! The client's side of the first HTTPS request of a process: the function's client, which trusts one more certificate.
//!
//! Takes a URL and the path of that certificate (DER). Prints the nanoseconds of processor time that it took to make the client,
//! and to make the request.
#![expect(clippy::print_stdout, reason = "it prints its figures")]

#[path = "used.rs"]
mod used;

use std::error::Error;
use std::fs::read;

use ncp_cert_alert::net::http;

use crate::used::used;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (url, path) = (arguments.next().ok_or("the URL is missing")?, arguments.next().ok_or("the path is missing")?);
    let mut roots = http::roots();
    roots.add(read(path)?.into())?;
    let start = used();
    let client = http::client_trusting(roots);
    let made = used();
    let response = client.get(url).send().await.map_err(reqwest::Error::without_url)?;
    let body = response.bytes().await.map_err(reqwest::Error::without_url)?;
    println!("{} {}", made - start, used() - made);
    if body == "hello" { Ok(()) } else { Err("another answer than expected".into()) }
}
