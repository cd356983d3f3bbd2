//! The people who work at the company, and their tokens.

use jiff::civil::date;

use super::Random;
use crate::registry::{Member, Registry, Token, User};

/// Everybody with an account, and their access level in the company's group.
const PEOPLE: [(&str, u8); 6] =
    [("maintainer", 40), ("owner", 50), ("developer", 30), ("reporter", 20), ("guest", 10), ("outsider", 0)];

/// Adds the users, their memberships and tokens. The first token is a maintainer's and may do all but what protection
/// rules forbid.
pub(super) fn join(registry: &mut Registry, seed: u64) {
    let mut random = Random::new(seed.rotate_left(32));
    let mut token = |user: &str, scope: &str| Token {
        token: format!("glpat-sandbox-{}", random.hex(10)),
        user: user.to_owned(),
        scopes: vec![scope.to_owned()],
        ..Token::default()
    };
    // The token ends on a day that no test lives to see.
    registry.tokens.push(Token { expires_on: Some(date(2099, 12, 31)), ..token("maintainer", "api") });
    registry.tokens.push(token("maintainer", "read_api"));
    for (username, _) in &PEOPLE[1..] {
        registry.tokens.push(token(username, "api"));
    }
    let expires_on = Some(date(2024, 1, 1));
    registry.tokens.push(Token { expires_on, ..token("maintainer", "api") });

    for ((username, access_level), id) in PEOPLE.into_iter().zip(1..) {
        let name = format!("{}{}", username[..1].to_uppercase(), &username[1..]);
        let username = username.to_owned();
        if access_level > 0 {
            let group = |path: &str| Member {
                user: username.clone(),
                group: Some(path.to_owned()),
                project: None,
                access_level,
            };
            registry.members.extend([group("acme"), group("opensource")]);
        }
        registry.users.push(User { id, username, name, ..User::default() });
    }
}
