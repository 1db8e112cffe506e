//! The drawing of the layers in CONTRIBUTING.md, held to the sources: no arrow up, and no two files that need each other.
//!
//! An arrow is a path to something in another file, in code that is not a test: an import, or a path that is written out. The
//! path in a visibility (`pub(in crate::cli)`) is not an arrow.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Macro, UseTree, Visibility};

use crate::{document, rust};

/// From a file to what it uses; both as paths below the crate, such as `net::http`.
type Arrows = BTreeMap<String, BTreeSet<String>>;

/// What one file uses.
struct Uses {
    /// The path of the file.
    file: Vec<String>,
    /// The names that its imports have in it.
    imports: BTreeMap<String, Vec<String>>,
    /// Every path found, as written.
    paths: Vec<Vec<String>>,
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|one| one.path().is_ident("cfg") && one.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test")))
}

impl Uses {
    fn tree(&mut self, tree: &UseTree, mut path: Vec<String>) {
        match tree {
            UseTree::Path(one) => {
                path.push(one.ident.to_string());
                self.tree(&one.tree, path);
            }
            UseTree::Group(group) => group.items.iter().for_each(|one| self.tree(one, path.clone())),
            UseTree::Name(one) if one.ident == "self" => self.import(path.last().cloned().unwrap_or_default(), path),
            UseTree::Name(one) => {
                path.push(one.ident.to_string());
                self.import(one.ident.to_string(), path);
            }
            UseTree::Rename(one) => {
                path.push(one.ident.to_string());
                self.import(one.rename.to_string(), path);
            }
            UseTree::Glob(_) => self.paths.push(path),
        }
    }

    fn import(&mut self, name: String, path: Vec<String>) {
        self.paths.push(path.clone());
        self.imports.insert(name, path);
    }

    /// Paths within the arguments of a macro: `a :: b :: c`.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = vec![];
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.paths.push(std::mem::take(&mut path));
                    }
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(one) if one.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => colons = 0,
            }
        }
        self.paths.push(path);
    }

    /// The path below the crate; `None` for something in another crate, or in this very file.
    fn resolved(&self, path: &[String]) -> Option<Vec<String>> {
        let (first, rest) = path.split_first()?;
        let base = match first.as_str() {
            "crate" => vec![],
            "self" => self.file.clone(),
            "super" => self.file[..self.file.len() - 1].to_vec(),
            // A name brought in by an import; an import from another crate leads nowhere.
            name => {
                let import =
                    self.imports.get(name).filter(|import| import.first().is_some_and(|first| first != name))?;
                self.resolved(import)?
            }
        };
        Some(base.into_iter().chain(rest.iter().cloned()).collect())
    }
}

impl Visit<'_> for Uses {
    fn visit_item_mod(&mut self, one: &ItemMod) {
        if !is_test(&one.attrs) {
            visit::visit_item_mod(self, one);
        }
    }

    fn visit_item_use(&mut self, one: &ItemUse) {
        if !is_test(&one.attrs) {
            self.tree(&one.tree, vec![]);
        }
    }

    fn visit_visibility(&mut self, _: &Visibility) {}

    fn visit_path(&mut self, path: &syn::Path) {
        self.paths.push(path.segments.iter().map(|one| one.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, one: &Macro) {
        self.tokens(one.tokens.clone());
        visit::visit_macro(self, one);
    }
}

fn arrows(sources: &BTreeMap<String, String>) -> Arrows {
    let mut arrows = Arrows::new();
    for (file, text) in sources {
        let mut uses =
            Uses { file: file.split("::").map(str::to_owned).collect(), imports: BTreeMap::new(), paths: vec![] };
        uses.visit_file(&syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}")));
        let to = uses.paths.iter().filter_map(|path| uses.resolved(path)).filter_map(|path| {
            // The longest beginning that is a file; the rest is an item in it.
            (1..=path.len()).rev().map(|end| path[..end].join("::")).find(|path| sources.contains_key(path))
        });
        arrows.insert(file.clone(), to.filter(|to| to != file).collect());
    }
    arrows
}

/// The layers of the drawing, from the top.
fn layers(drawing: &str) -> Vec<Vec<&str>> {
    drawing.lines().map(|line| line.split_whitespace().collect()).collect()
}

/// A sentence for each arrow that does not point down.
fn upward(arrows: &Arrows, layers: &[Vec<&str>]) -> Vec<String> {
    let top = |file: &str| file.split("::").next().expect("a path has a first part").to_owned();
    let place = |module: &str| layers.iter().position(|layer| layer.contains(&module));
    let mut wrong = vec![];
    for (from, to) in arrows.iter().flat_map(|(from, all)| all.iter().map(move |to| (from, to))) {
        let (above, below) = (top(from), top(to));
        if above != below && place(&above) >= place(&below) {
            wrong.push(format!("{from} uses {to}, but `{above}` does not stand above `{below}`"));
        }
    }
    wrong
}

/// The files of each circle; a file is in one at most.
fn circles(arrows: &Arrows) -> Vec<Vec<&str>> {
    let reached = |from: &str| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&str> = arrows[from].iter().map(String::as_str).collect();
        while let Some(file) = next.pop() {
            if seen.insert(file) {
                next.extend(arrows[file].iter().map(String::as_str));
            }
        }
        seen
    };
    let reach: BTreeMap<&str, BTreeSet<&str>> = arrows.keys().map(|file| (file.as_str(), reached(file))).collect();
    let mut circles = BTreeSet::new();
    for (file, _) in reach.iter().filter(|(file, reached)| reached.contains(*file)) {
        circles.insert(reach[file].iter().copied().filter(|other| reach[other].contains(file)).collect::<Vec<_>>());
    }
    circles.into_iter().collect()
}

fn crate_arrows() -> Arrows {
    let mut sources = rust::sources();
    sources.retain(|file, _| file != "lib" && file != "main" && !file.starts_with("bin::"));
    arrows(&sources)
}

/// The block in CONTRIBUTING.md.
fn drawing() -> String {
    let contributing = document("CONTRIBUTING.md");
    let [drawing] = contributing.blocks("text layers")[..] else { panic!("the drawing is the one block of this kind") };
    drawing.to_owned()
}

#[test]
fn every_arrow_points_down() {
    let drawing = drawing();
    assert_eq!(upward(&crate_arrows(), &layers(&drawing)), [""; 0]);
}

#[test]
fn no_two_files_need_each_other() {
    assert_eq!(circles(&crate_arrows()), [[""; 0]; 0]);
}

#[test]
fn the_drawing_names_every_module_once() {
    let library = syn::parse_file(&rust::sources()["lib"]).expect("the library is Rust");
    let modules = library.items.iter().filter_map(|item| if let Item::Mod(one) = item { Some(one) } else { None });
    let mut modules: Vec<String> = modules.map(|one| one.ident.to_string()).collect();
    modules.sort_unstable();
    let drawing = drawing();
    let mut drawn = layers(&drawing).concat();
    drawn.sort_unstable();
    assert_eq!(drawn, modules);
}

/// A crate with every kind of path once: each is seen, and lookalikes are not.
#[test]
fn the_check_sees_what_it_is_to_see() {
    let file = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let sources = BTreeMap::from([
        file("top", "use crate::middle::{self, part}; fn f() { middle::g(); part::h() }"),
        file("middle", "pub mod part; pub(in crate::top) fn g() -> crate::bottom::A { todo() }"),
        file("middle::part", "use crate::bottom::*; fn h() { println!(\"{}\", crate::low::one(1)) }"),
        file("bottom", "#[cfg(test)] mod tests { use crate::top::f; } use self::side::A; pub mod side;"),
        file("bottom::side", "pub struct A; impl A { fn f(&self) -> crate::top::B { other::top::f() } }"),
        file("low", "use crate::low_too as alias; fn f() { alias::g() }"),
        file("low_too", "use std::fmt; fn g() { crate::low::f(); fmt::format() }"),
    ]);
    let arrows = arrows(&sources);
    let to = |file: &str| arrows[file].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(to("top"), ["middle", "middle::part"]);
    assert_eq!(to("middle"), ["bottom"]);
    assert_eq!(to("middle::part"), ["bottom", "low"]);
    assert_eq!(to("bottom"), ["bottom::side"]);
    assert_eq!(to("bottom::side"), ["top"]);

    let layers = layers("top\nmiddle\nbottom\nlow\nlow_too\n");
    assert_eq!(
        upward(&arrows, &layers),
        [
            "bottom::side uses top, but `bottom` does not stand above `top`",
            "low_too uses low, but `low_too` does not stand above `low`",
        ]
    );
    let all = vec!["bottom", "bottom::side", "middle", "middle::part", "top"];
    assert_eq!(circles(&arrows), [all, vec!["low", "low_too"]]);
}
