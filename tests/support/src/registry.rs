//! Registries for the sandbox.

use gitlab_sandbox::{Group, Member, Project, Registry, Token, User};

/// The token of the maintainer of a registry that is [`kept`].
pub const TOKEN: &str = "glpat-keeper";

/// Returns the group `acme` with one project, `acme/app`, and its maintainer.
#[must_use]
pub fn acme() -> Registry {
    Registry { projects: vec![Project { id: 1, path: "acme/app".to_owned(), ..Project::default() }], ..kept(&["acme"]) }
}

/// Returns groups with ids from 1, and a maintainer of all of them.
#[must_use]
pub fn kept(groups: &[&str]) -> Registry {
    let group = |(id, path): (u64, &&str)| Group { id, path: (*path).to_owned(), ..Group::default() };
    let token =
        Token { token: TOKEN.to_owned(), user: KEEPER.to_owned(), scopes: vec!["api".to_owned()], ..Token::default() };
    Registry {
        users: vec![User { id: 1, username: KEEPER.to_owned(), ..User::default() }],
        tokens: vec![token],
        groups: (1..).zip(groups).map(group).collect(),
        members: groups.iter().map(|group| member(group)).collect(),
        ..Registry::default()
    }
}

/// Makes the keeper a maintainer of a group.
#[must_use]
pub fn member(group: &str) -> Member {
    Member { user: KEEPER.to_owned(), group: Some(group.to_owned()), access_level: 40, ..Member::default() }
}

const KEEPER: &str = "keeper";
