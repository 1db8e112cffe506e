//! The drawing of the layers in CONTRIBUTING.md against the imports: no module uses one that stands beside or above it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::{document, path, text};

/// From a module of the crate to one that it uses, with the file that does.
type Arrow = (String, String, String);

/// The modules that a source names behind `crate::`, in imports or in its code; what is below its tests is left out.
fn used(source: &str) -> BTreeSet<String> {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let code: Vec<&str> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join(" ").replace("pub(in crate::", "");
    let mut used = BTreeSet::new();
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    for rest in code.split("crate::").skip(1) {
        // Of `use crate::{a, b::{c, d}};` each name.
        let end = if rest.starts_with('{') { rest.find(';') } else { rest.find(|letter| !is_name(letter)) };
        let names = &rest[..end.unwrap_or(rest.len())];
        used.extend(names.split(|letter| !is_name(letter)).map(str::to_owned));
    }
    used
}

/// The arrows between the modules of the library. `module` is that of the folder, unless it is `src` itself.
fn arrows(folder: &Path, module: Option<&str>) -> Vec<Arrow> {
    let mut arrows = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        let stem = file.file_stem().unwrap().to_str().unwrap();
        let from = module.unwrap_or(stem);
        if module.is_none() && ["bin", "lib", "main"].contains(&stem) {
            continue;
        }
        if file.is_dir() {
            arrows.extend(self::arrows(&file, Some(from)));
            continue;
        }
        for to in used(&fs::read_to_string(&file).unwrap()) {
            if to != from {
                arrows.push((from.to_owned(), to, file.display().to_string()));
            }
        }
    }
    arrows
}

#[test]
fn every_arrow_points_down() {
    let contributing = document("CONTRIBUTING.md");
    let drawing = contributing.blocks("text layers").next().expect("the drawing");
    let layers: Vec<Vec<&str>> = drawing.lines().map(|line| line.split_whitespace().collect()).collect();
    let library = text("src/lib.rs");
    let mut modules: Vec<&str> =
        library.lines().filter_map(|line| line.split_once("mod ")?.1.strip_suffix(';')).collect();
    let mut drawn = layers.concat();
    modules.sort_unstable();
    drawn.sort_unstable();
    assert_eq!(drawn, modules, "the drawing names every module once");

    let place = |module: &str| layers.iter().position(|layer| layer.contains(&module));
    let arrows = arrows(&path("src"), None);
    assert!(arrows.len() > 2 * modules.len(), "{arrows:?}");
    for (from, to, file) in arrows {
        // What is no module is a macro or an item of the library's root.
        if modules.contains(&to.as_str()) {
            assert!(place(&from) < place(&to), "{file}: `{from}` uses `{to}` but does not stand above it");
        }
    }
}

#[test]
fn imports_and_paths_are_seen() {
    let source = "use crate::net::http;\nuse crate::{chat, report::{view, Found},\n    rules};\n// crate::cli\n\
                  pub(in crate::lambda) fn f() { crate::time::wall() }\n#[cfg(test)]\nmod tests { use crate::run; }";
    let used = used(source);
    for (module, is_used) in
        [("net", true), ("chat", true), ("rules", true), ("time", true), ("cli", false), ("run", false)]
    {
        assert_eq!(used.contains(module), is_used, "{module}");
    }
}
