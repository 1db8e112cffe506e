//! What the code says about itself, and whether its lists are whole.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use ncp_cert_alert::lambda::metrics::{self, Ending};
use ncp_cert_alert::lambda::{event, sample};
use ncp_cert_alert::response::ErrorType;
use ncp_cert_alert::rules::Thresholds;
use ncp_cert_alert::settings::Config;
use ncp_cert_alert::time;
use serde_json::{Value, json};
use syn::visit::{self, Visit};
use syn::{Expr, ImplItem, Type};

use crate::rust;

/// The environment variables that the code reads.
pub(crate) fn variables() -> BTreeSet<String> {
    let asked = RefCell::new(BTreeSet::new());
    let _ = Config::from_vars(|name| {
        asked.borrow_mut().insert(name.to_owned());
        None
    });
    asked.into_inner()
}

/// The metrics that a run writes.
pub(crate) fn metrics() -> BTreeSet<String> {
    let now = time::wall();
    let report = sample::report(Thresholds::DEFAULT, now, now.date_naive());
    let line = metrics::line("f", &report, Ending { deliveries_failed: 0, completed: true }, now);
    let line: Value = serde_json::from_str(&line).unwrap();
    let declared = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
    declared.iter().map(|metric| metric["Name"].as_str().unwrap().to_owned()).collect()
}

/// The types of errors, in order.
pub(crate) fn error_types() -> Vec<String> {
    ErrorType::ALL.iter().map(|kind| format!("{kind:?}")).collect()
}

/// The options that an event may have, as the error for an unknown one lists them.
pub(crate) fn options() -> BTreeSet<String> {
    let refusal = event::read(&json!({"?": 1})).unwrap_err().remove(0);
    let (_, accepted) = refusal.split_once("accepted: ").expect("the error says what is accepted");
    accepted.split(", ").map(str::to_owned).collect()
}

/// The variants of each enum, and what its lists of variants (constants such as `ALL`) hold.
#[derive(Default)]
struct Lists {
    variants: BTreeMap<String, BTreeSet<String>>,
    /// The enum, the constant, and its elements.
    lists: Vec<(String, String, Vec<String>)>,
}

impl Visit<'_> for Lists {
    fn visit_item_enum(&mut self, item: &syn::ItemEnum) {
        let variants = item.variants.iter().map(|one| one.ident.to_string());
        self.variants.insert(item.ident.to_string(), variants.collect());
    }

    fn visit_item_impl(&mut self, item: &syn::ItemImpl) {
        let Type::Path(of) = &*item.self_ty else { return };
        let of = of.path.segments.last().unwrap().ident.to_string();
        for one in &item.items {
            if let ImplItem::Const(list) = one
                && let Type::Array(array) = &list.ty
                && matches!(&*array.elem, Type::Path(element) if element.path.is_ident("Self"))
            {
                let Expr::Array(elements) = &list.expr else { panic!("{of}::{} is written out", list.ident) };
                let element = |one: &Expr| match one {
                    Expr::Path(variant) => variant.path.segments.last().unwrap().ident.to_string(),
                    _ => panic!("{of}::{} holds variants", list.ident),
                };
                self.lists.push((of.clone(), list.ident.to_string(), elements.elems.iter().map(element).collect()));
            }
        }
        visit::visit_item_impl(self, item);
    }
}

#[test]
fn a_list_of_variants_has_each_of_them() {
    let mut checked = vec![];
    for (file, text) in rust::sources() {
        let mut found = Lists::default();
        found.visit_file(&syn::parse_file(&text).unwrap());
        for (of, list, elements) in found.lists {
            let distinct: BTreeSet<String> = elements.iter().cloned().collect();
            assert_eq!((&distinct, distinct.len()), (&found.variants[&of], elements.len()), "{file}: {of}::{list}");
            checked.push(format!("{of}::{list}"));
        }
    }
    checked.sort();
    assert_eq!(checked, ["ErrorType::ALL", "Kind::ALL", "Language::ALL", "Severity::WORST_FIRST"]);
}

/// Every string that these schemas allow somewhere in the elements of `reasons`.
fn reasons(schema: &Value) -> BTreeSet<String> {
    let allowed =
        |list: &Value| list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    match schema {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| if name == "reasons" { allowed(&value["items"]["enum"]) } else { reasons(value) })
            .collect(),
        _ => BTreeSet::new(),
    }
}

#[test]
fn the_schemas_know_every_reason() {
    let mut found = Lists::default();
    found.visit_file(&syn::parse_file(&rust::sources()["rules::finding"]).unwrap());
    // `ExpiryUnknown` is "expiry_unknown".
    let snake = |name: &String| {
        let letters = name.chars().enumerate().flat_map(|(place, letter)| {
            let blank = (place > 0 && letter.is_uppercase()).then_some('_');
            blank.into_iter().chain(letter.to_lowercase())
        });
        letters.collect()
    };
    let of_slots: BTreeSet<String> = found.variants["Reason"].iter().map(snake).collect();
    let of = |schema| reasons(&serde_json::from_str(&crate::text(schema)).unwrap());
    assert_eq!(of("docs/list.schema.json"), of_slots);
    assert_eq!(of("docs/check.schema.json"), &of_slots | &BTreeSet::from(["elsewhere".to_owned()]));
}
