//! Circles of files that use each other: none of them can be understood, moved or built alone.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::tree::Arrows;

/// Files each of which uses each other, if only by way of others.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Circle {
    pub(crate) files: BTreeSet<String>,
    /// Those between the files.
    arrows: Arrows,
}

/// Returns all circles of two files and more, the largest first.
pub(crate) fn circles(arrows: &Arrows) -> Vec<Circle> {
    let mut uses: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (from, to) in arrows.keys() {
        uses.entry(from).or_default().push(to);
    }
    let reached: BTreeMap<&str, BTreeSet<&str>> = uses.keys().map(|file| (*file, reach(file, &uses))).collect();
    let reaches = |from: &str, to: &str| reached.get(from).is_some_and(|reached| reached.contains(to));
    let mut placed = BTreeSet::new();
    let mut circles = Vec::new();
    for &file in uses.keys() {
        if !reaches(file, file) || placed.contains(file) {
            continue;
        }
        let files: BTreeSet<String> =
            reached[file].iter().filter(|other| reaches(other, file)).map(|other| (*other).to_owned()).collect();
        placed.extend(reached[file].iter().copied().filter(|other| files.contains(*other)));
        let arrows = arrows.iter().filter(|((from, to), _)| files.contains(from) && files.contains(to));
        let arrows = arrows.map(|(ends, names)| (ends.clone(), names.clone())).collect();
        circles.push(Circle { files, arrows });
    }
    circles.sort_by_key(|circle| std::cmp::Reverse(circle.files.len()));
    circles
}

/// Every file that this one uses, if only by way of others.
fn reach<'a>(file: &'a str, uses: &BTreeMap<&'a str, Vec<&'a str>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![file];
    while let Some(file) = open.pop() {
        for next in uses.get(file).into_iter().flatten() {
            if reached.insert(*next) {
                open.push(next);
            }
        }
    }
    reached
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} files in a circle:", self.files.len())?;
        for ((from, to), names) in &self.arrows {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            writeln!(f, "  {from} takes {} from {to}", names.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Tree;

    #[test]
    fn a_ring_is_found_and_told() {
        let tree = Tree::of("made", |file| {
            let text = match file {
                "lib.rs" => "mod a; mod b; mod c; mod d; mod e; mod f;",
                "a.rs" => "pub struct A; use crate::b::B;",
                "b.rs" => "pub struct B; use crate::c::C;",
                "c.rs" => "pub struct C; use crate::d::D; use crate::b::B;",
                "d.rs" => "pub struct D; fn f() -> super::a::A { super::e::e() }",
                "e.rs" => "pub fn e() { crate::f::f() }",
                "f.rs" => "pub fn f() { crate::e::e() }",
                _ => return None,
            };
            Some(text.to_owned())
        });
        let told: Vec<String> = circles(&tree.arrows()).iter().map(ToString::to_string).collect();
        let ring = "4 files in a circle:
  a.rs takes B from b.rs
  b.rs takes C from c.rs
  c.rs takes B from b.rs
  c.rs takes D from d.rs
  d.rs takes A from a.rs
";
        let pair = "2 files in a circle:\n  e.rs takes f from f.rs\n  f.rs takes e from e.rs\n";
        assert_eq!(told, [ring, pair]);
    }

    #[test]
    fn arrows_that_go_one_way_make_none() {
        let arrow = |from: &str, to: &str| ((from.to_owned(), to.to_owned()), BTreeSet::from(["x".to_owned()]));
        let arrows = Arrows::from([arrow("a", "b"), arrow("b", "c"), arrow("a", "c"), arrow("d", "c")]);
        assert_eq!(circles(&arrows), []);
    }
}
