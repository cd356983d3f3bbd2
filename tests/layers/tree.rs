//! All modules of a crate, and which file takes what from which other file.
//!
//! A path is followed to the file that defines what it names, through modules and re-exports: whoever imports
//! `crate::policy::Condition` takes it from `policy/condition.rs`. Not seen are methods that are called on a value, and
//! what is named in a macro's tokens by a lone word in small letters.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::source::{self, Source};

/// The modules of a crate, its program's (`main.rs`) included.
pub(crate) struct Tree {
    modules: Vec<Module>,
}

/// Which file (first) takes what from which (second).
pub(crate) type Arrows = BTreeMap<(String, String), BTreeSet<String>>;

struct Module {
    /// Below `src`, as in `policy/condition.rs`.
    file: String,
    root: usize,
    parent: usize,
    children: BTreeMap<String, usize>,
    source: Source,
}

/// What a path leads to.
#[derive(Clone)]
enum Target {
    Module(usize),
    Type { file: String, name: String },
    Value { file: String, name: String },
}

impl Tree {
    /// Reads the crate of this name below a folder (`src`).
    pub(crate) fn on_disk(name: &str, folder: &Path) -> Self {
        Self::of(name, |file| fs::read_to_string(folder.join(file)).ok())
    }

    /// The crate of these files, each with its text.
    pub(crate) fn of(name: &str, text: impl Fn(&str) -> Option<String>) -> Self {
        let mut tree = Self { modules: Vec::new() };
        let root = tree.add("lib.rs", "", &text);
        if text("main.rs").is_some() {
            let program = tree.add("main.rs", "", &text);
            tree.modules[program].children.insert(name.to_owned(), root);
        }
        tree
    }

    /// Adds a file that is the root of a crate or a program.
    fn add(&mut self, file: &str, folder: &str, text: &impl Fn(&str) -> Option<String>) -> usize {
        let source = source::read(file, &text(file).unwrap_or_else(|| panic!("there is no {file}")));
        let root = self.modules.len();
        self.put((root, root), file, folder, source, text);
        root
    }

    /// Adds a module and all those below it; its files are in `folder`.
    fn put(
        &mut self,
        (root, parent): (usize, usize),
        file: &str,
        folder: &str,
        mut source: Source,
        text: &impl Fn(&str) -> Option<String>,
    ) {
        let here = self.modules.len();
        let (files, inline) = (std::mem::take(&mut source.files), std::mem::take(&mut source.inline));
        self.modules.push(Module { file: file.to_owned(), root, parent, children: BTreeMap::new(), source });
        let files = files.into_iter().map(|name| {
            let file = format!("{folder}{name}.rs");
            let source = source::read(&file, &text(&file).unwrap_or_else(|| panic!("there is no {file}")));
            (name, file, source)
        });
        let inline = inline.into_iter().map(|(name, source)| (name, file.to_owned(), source));
        for (name, file, source) in files.chain(inline) {
            let child = self.modules.len();
            self.modules[here].children.insert(name.clone(), child);
            self.put((root, here), &file, &format!("{folder}{name}/"), source, text);
        }
    }

    /// Every file with what stands in its modules.
    pub(crate) fn sources(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.modules.iter().map(|module| (module.file.as_str(), &module.source))
    }

    pub(crate) fn files(&self) -> BTreeSet<&str> {
        self.modules.iter().map(|module| module.file.as_str()).collect()
    }

    /// Who uses what of whom.
    pub(crate) fn arrows(&self) -> Arrows {
        self.follow(|source| {
            let imports = source.imports.iter().filter(|import| !import.is_reexport).map(|import| &import.path);
            let is_variable = |path: &[String]| matches!(path, [word] if source.variables.contains(word));
            imports.chain(source.paths.iter().filter(|path| !is_variable(path))).cloned().collect()
        })
    }

    /// Who hands on what of whom.
    pub(crate) fn reexports(&self) -> Arrows {
        self.follow(|source| {
            let imports = source.imports.iter().filter(|import| import.is_reexport);
            imports.map(|import| import.path.clone()).collect()
        })
    }

    fn follow(&self, paths: impl Fn(&Source) -> Vec<Vec<String>>) -> Arrows {
        let mut arrows = Arrows::new();
        for (at, module) in self.modules.iter().enumerate() {
            for path in paths(&module.source) {
                for target in self.resolve(at, &path, &mut Vec::new()) {
                    let (Target::Type { file, name } | Target::Value { file, name }) = target else { continue };
                    if file != module.file {
                        arrows.entry((module.file.clone(), file)).or_default().insert(name);
                    }
                }
            }
        }
        arrows
    }

    /// Follows a path that is written in this module. `asked` is what is being looked up already.
    fn resolve(&self, at: usize, path: &[String], asked: &mut Vec<(usize, String)>) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else { return Vec::new() };
        let mut targets = self.step(at, first, asked);
        for name in rest {
            targets = targets
                .into_iter()
                .flat_map(|target| match target {
                    Target::Module(module) => self.step(module, name, asked),
                    // A variant, or what belongs to the type.
                    Target::Type { .. } => vec![target],
                    Target::Value { .. } => Vec::new(),
                })
                .collect();
        }
        targets
    }

    /// What one word of a path means in this module.
    fn step(&self, at: usize, name: &str, asked: &mut Vec<(usize, String)>) -> Vec<Target> {
        let module = &self.modules[at];
        match name {
            "crate" => vec![Target::Module(module.root)],
            "self" => vec![Target::Module(at)],
            "super" => vec![Target::Module(module.parent)],
            _ => self.look_up(at, name, asked),
        }
    }

    /// What a module has under this name: of its own, or imported.
    fn look_up(&self, at: usize, name: &str, asked: &mut Vec<(usize, String)>) -> Vec<Target> {
        let key = (at, name.to_owned());
        if asked.contains(&key) {
            return Vec::new();
        }
        asked.push(key);
        let module = &self.modules[at];
        let (file, source) = (&module.file, &module.source);
        let mut found = Vec::new();
        found.extend(module.children.get(name).copied().map(Target::Module));
        found.extend(source.types.get(name).map(|name| Target::Type { file: file.clone(), name: name.clone() }));
        found.extend(source.values.get(name).map(|name| Target::Value { file: file.clone(), name: name.clone() }));
        for import in source.imports.iter().filter(|import| import.name.as_deref() == Some(name)) {
            found.extend(self.resolve(at, &import.path, asked));
        }
        if found.is_empty() {
            for import in source.imports.iter().filter(|import| import.name.is_none()) {
                for target in self.resolve(at, &import.path, asked) {
                    if let Target::Module(module) = target {
                        found.extend(self.look_up(module, name, asked));
                    }
                }
            }
        }
        asked.pop();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> Tree {
        Tree::of("made", |wanted| files.iter().find(|(file, _)| *file == wanted).map(|(_, text)| (*text).to_owned()))
    }

    /// As in `a.rs takes X, y from b.rs`.
    fn told(arrows: &Arrows) -> Vec<String> {
        let names = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
        arrows.iter().map(|((from, to), taken)| format!("{from} takes {} from {to}", names(taken))).collect()
    }

    #[test]
    fn imports_lead_to_the_file_that_defines() {
        let tree = tree(&[
            ("lib.rs", "pub mod a; pub mod b;"),
            ("a.rs", "mod inner; pub use inner::{Thing, make as build}; pub fn own() {}"),
            ("a/inner.rs", "pub struct Thing; pub fn make() {} use super::own;"),
            (
                "b.rs",
                "use crate::a::{self, Thing}; fn f(x: Thing) { a::build(); self::g(); } fn g() { super::a::own() }",
            ),
        ]);
        assert_eq!(
            told(&tree.arrows()),
            ["a/inner.rs takes own from a.rs", "b.rs takes own from a.rs", "b.rs takes Thing, make from a/inner.rs"]
        );
        assert_eq!(told(&tree.reexports()), ["a.rs takes Thing, make from a/inner.rs"]);
    }

    #[test]
    fn what_a_file_hands_on_and_uses_is_an_arrow() {
        let tree = tree(&[
            ("lib.rs", "mod a; mod b; pub use a::*; struct Whole { one: One }"),
            ("a.rs", "pub use crate::b::*;"),
            ("b.rs", "pub struct One; pub struct Two;"),
        ]);
        assert_eq!(told(&tree.arrows()), ["lib.rs takes One from b.rs"]);
    }

    #[test]
    fn a_glob_is_followed_by_name_alone() {
        let tree = tree(&[
            ("lib.rs", "mod a; mod b; mod c;"),
            ("a.rs", "use crate::b::*; use crate::c::Kind::*; fn f() -> One { two() }"),
            ("b.rs", "pub struct One; pub fn two() {} pub struct Three;"),
            ("c.rs", "pub enum Kind { X }"),
        ]);
        assert_eq!(told(&tree.arrows()), ["a.rs takes One, two from b.rs", "a.rs takes Kind from c.rs"]);
    }

    #[test]
    fn macros_attributes_and_functions_are_read() {
        let tree = tree(&[
            ("lib.rs", "mod a; mod b;"),
            (
                "a.rs",
                "#[tell(super::b::Named)] struct A;
                 fn f() { use crate::b::g; write!(out, \"{}\", 3 + super::b::LIMIT * [crate::b::g()].len()) }
                 fn h(x: &dyn super::b::Does<Of = crate::b::Other>) { let y: Vec<super::b::Last>; }",
            ),
            (
                "b.rs",
                "pub struct Named; pub fn g() {} pub const LIMIT: u8 = 0; pub trait Does {} pub struct Other; \
                 pub struct Last;",
            ),
        ]);
        assert_eq!(told(&tree.arrows()), ["a.rs takes Does, LIMIT, Last, Named, Other, g from b.rs"]);
    }

    #[test]
    fn variables_tests_and_other_crates_are_none() {
        let tree = tree(&[
            ("lib.rs", "mod a; mod b; pub use a::count; fn f(count: u8) -> u8 { count }"),
            (
                "a.rs",
                "pub fn count() {} use std::fmt; use jiff::Timestamp; impl fmt::Display for T {}
                 #[cfg(test)] use crate::b::One; #[cfg(test)] mod tests { use crate::b::One; }
                 #[cfg(test)] mod more; impl T { #[cfg(test)] fn f() -> crate::b::One {} }",
            ),
            ("b.rs", "pub struct One; mod inside { use super::One; pub struct Two; } use inside::Two;"),
        ]);
        assert_eq!(told(&tree.arrows()), Vec::<String>::new());
        assert_eq!(tree.files(), BTreeSet::from(["a.rs", "b.rs", "lib.rs"]));
    }

    #[test]
    fn a_program_uses_its_library_by_name() {
        let tree = tree(&[
            ("lib.rs", "pub mod cli;"),
            ("cli.rs", "pub fn run() { self::deep::f() } mod deep;"),
            ("cli/deep.rs", "pub fn f() { super::super::cli::run() }"),
            ("main.rs", "fn main() { made::cli::run() }"),
        ]);
        assert_eq!(
            told(&tree.arrows()),
            ["cli.rs takes f from cli/deep.rs", "cli/deep.rs takes run from cli.rs", "main.rs takes run from cli.rs"]
        );
    }
}
