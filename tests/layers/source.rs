//! Reads what a module declares, what it imports, and every path and word in its code.
//!
//! What only tests are made of (`#[cfg(test)]`) is left out.

use std::collections::BTreeSet;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItem, Item, UseTree, Visibility};

/// What stands in one module, with paths as they are written.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// The modules that are files of their own.
    pub(crate) files: Vec<String>,
    /// The modules that are written inside this one.
    pub(crate) inline: Vec<(String, Source)>,
    /// Types, traits and macros: what a path can end with, and types what it can go through.
    pub(crate) types: BTreeSet<String>,
    /// The structs without fields, which are types as well.
    pub(crate) markers: BTreeSet<String>,
    /// Functions, constants and statics.
    pub(crate) values: BTreeSet<String>,
    pub(crate) imports: Vec<Import>,
    /// The paths in the code, imports left out, each once.
    pub(crate) paths: BTreeSet<Vec<String>>,
    /// The names of variables and parameters, which hide values.
    pub(crate) variables: BTreeSet<String>,
    /// The texts in quotation marks.
    pub(crate) literals: BTreeSet<String>,
    /// The macros that are called, and `async` and `static mut` where they stand.
    pub(crate) marks: BTreeSet<String>,
}

/// One name that a `use` brings into the module.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) path: Vec<String>,
    /// `None` is a `*`: whatever the path has.
    pub(crate) name: Option<String>,
    /// It hands the name on (`pub use`, also with less than `pub`), and is no use of it by itself.
    pub(crate) is_reexport: bool,
}

/// Reads the text of the file of this name. Panics where it isn't Rust.
pub(crate) fn read(file: &str, text: &str) -> Source {
    let mut source = Source::default();
    let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
    syntax.items.iter().for_each(|item| source.visit_item(item));
    source
}

impl Visit<'_> for Source {
    fn visit_item(&mut self, item: &Item) {
        let (attributes, name) = head(item);
        if is_of_tests(attributes) {
            return;
        }
        match (item, name) {
            (Item::Fn(_) | Item::Const(_) | Item::Static(_), Some(name)) => self.values.insert(name),
            (Item::Mod(_), _) | (_, None) => false,
            (_, Some(name)) => self.types.insert(name),
        };
        visit::visit_item(self, item);
    }

    fn visit_impl_item(&mut self, item: &ImplItem) {
        let attributes = match item {
            ImplItem::Fn(item) => &item.attrs,
            ImplItem::Const(item) => &item.attrs,
            _ => return visit::visit_impl_item(self, item),
        };
        if !is_of_tests(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, item: &syn::ItemMod) {
        let name = item.ident.to_string();
        match &item.content {
            None => self.files.push(name),
            Some((_, items)) => {
                let mut inner = Source::default();
                items.iter().for_each(|item| inner.visit_item(item));
                self.inline.push((name, inner));
            }
        }
    }

    fn visit_item_use(&mut self, item: &syn::ItemUse) {
        let is_reexport = !matches!(item.vis, Visibility::Inherited);
        spread(&item.tree, &mut Vec::new(), &mut |path, name| {
            self.imports.push(Import { path, name, is_reexport });
        });
    }

    fn visit_item_struct(&mut self, item: &syn::ItemStruct) {
        if matches!(item.fields, syn::Fields::Unit) {
            self.markers.insert(item.ident.to_string());
        }
        visit::visit_item_struct(self, item);
    }

    fn visit_item_static(&mut self, item: &syn::ItemStatic) {
        if matches!(item.mutability, syn::StaticMutability::Mut(_)) {
            self.marks.insert("static mut".to_owned());
        }
        visit::visit_item_static(self, item);
    }

    fn visit_path(&mut self, path: &syn::Path) {
        self.paths.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_pat_ident(&mut self, pattern: &syn::PatIdent) {
        self.variables.insert(pattern.ident.to_string());
        visit::visit_pat_ident(self, pattern);
    }

    fn visit_attribute(&mut self, attribute: &Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(&list.tokens);
        }
    }

    fn visit_macro(&mut self, call: &syn::Macro) {
        self.visit_path(&call.path);
        self.marks.extend(call.path.segments.last().map(|name| format!("{}!", name.ident)));
        self.tokens(&call.tokens);
    }

    fn visit_lit_str(&mut self, text: &syn::LitStr) {
        self.literals.insert(text.value());
    }

    fn visit_signature(&mut self, signature: &syn::Signature) {
        self.marks.extend(signature.asyncness.map(|_| "async".to_owned()));
        visit::visit_signature(self, signature);
    }

    fn visit_expr_closure(&mut self, closure: &syn::ExprClosure) {
        self.marks.extend(closure.asyncness.map(|_| "async".to_owned()));
        visit::visit_expr_closure(self, closure);
    }

    fn visit_expr_async(&mut self, block: &syn::ExprAsync) {
        self.marks.insert("async".to_owned());
        visit::visit_expr_async(self, block);
    }
}

impl Source {
    /// Reads paths and texts among the tokens of a macro or an attribute. A lone word in small letters is taken for a
    /// variable or a word of the macro's own.
    fn tokens(&mut self, tokens: &TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens.clone() {
            match token {
                TokenTree::Ident(word) => {
                    if colons != 2 {
                        self.keep(&mut path);
                    }
                    path.push(word.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => {
                    self.keep(&mut path);
                    colons = 0;
                    self.tokens(&group.stream());
                }
                TokenTree::Literal(literal) => {
                    self.literals.extend(syn::parse_str::<syn::LitStr>(&literal.to_string()).map(|text| text.value()));
                }
                TokenTree::Punct(mark) => {
                    if mark.as_char() == '!' && path.len() == 1 {
                        self.marks.insert(format!("{}!", path[0]));
                    }
                    self.keep(&mut path);
                    colons = 0;
                }
            }
        }
        self.keep(&mut path);
    }

    fn keep(&mut self, path: &mut Vec<String>) {
        let path = std::mem::take(path);
        if path.len() > 1 || path.first().is_some_and(|word| word.starts_with(char::is_uppercase)) {
            self.paths.insert(path);
        }
    }
}

/// An item's attributes and its name; an import, an implementation and the like have none.
fn head(item: &Item) -> (&[Attribute], Option<String>) {
    let (attributes, name) = match item {
        Item::Const(item) => (&item.attrs, Some(&item.ident)),
        Item::Enum(item) => (&item.attrs, Some(&item.ident)),
        Item::Fn(item) => (&item.attrs, Some(&item.sig.ident)),
        Item::Impl(item) => (&item.attrs, None),
        Item::Macro(item) => (&item.attrs, item.ident.as_ref()),
        Item::Mod(item) => (&item.attrs, Some(&item.ident)),
        Item::Static(item) => (&item.attrs, Some(&item.ident)),
        Item::Struct(item) => (&item.attrs, Some(&item.ident)),
        Item::Trait(item) => (&item.attrs, Some(&item.ident)),
        Item::Type(item) => (&item.attrs, Some(&item.ident)),
        Item::Union(item) => (&item.attrs, Some(&item.ident)),
        Item::Use(item) => (&item.attrs, None),
        _ => panic!("an item of a kind that this test has to learn to read"),
    };
    (attributes, name.map(ToString::to_string))
}

fn is_of_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Ident>().is_ok_and(|condition| condition == "test")
    })
}

/// Tells every name that a tree of imports brings.
fn spread(tree: &UseTree, path: &mut Vec<String>, tell: &mut impl FnMut(Vec<String>, Option<String>)) {
    match tree {
        UseTree::Path(tree) => {
            path.push(tree.ident.to_string());
            spread(&tree.tree, path, tell);
            path.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| spread(tree, path, tell)),
        UseTree::Glob(_) => tell(path.clone(), None),
        UseTree::Name(tree) if tree.ident == "self" => tell(path.clone(), path.last().cloned()),
        UseTree::Name(tree) => {
            tell([path.as_slice(), &[tree.ident.to_string()]].concat(), Some(tree.ident.to_string()));
        }
        UseTree::Rename(tree) => {
            let mut path = path.clone();
            if tree.ident != "self" {
                path.push(tree.ident.to_string());
            }
            tell(path, Some(tree.rename.to_string()));
        }
    }
}
