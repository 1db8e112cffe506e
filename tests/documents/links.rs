//! Links within the repository lead to files, and to headings in them.

use crate::{document, documents, path};

#[test]
fn every_link_leads_somewhere() {
    for from in documents() {
        let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
        for link in document(&from).links().filter(|link| !link.starts_with("https://")) {
            let (to, heading) = link.split_once('#').unwrap_or((link, ""));
            let to =
                if to.is_empty() { from.clone() } else { format!("{folder}/{to}").trim_start_matches('/').to_owned() };
            assert!(path(&to).exists(), "{from}: {link}");
            let headings = || document(&to).sections.into_iter().skip(1);
            assert!(heading.is_empty() || headings().any(|one| one.anchor() == heading), "{from}: {link}");
        }
    }
}
