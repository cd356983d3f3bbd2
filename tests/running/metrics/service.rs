//! The daemon as a whole: its policy files, its token, its GitLab.

use std::time::Duration;

use gleaner::serve::metrics::Metrics;
use gleaner::serve::notice::Authority;
use gleaner::serve::notice::Notice;
use gleaner_support::NOW;

use crate::metrics::life::{Life, set};

#[test]
fn nothing_is_claimed_before_it_is_known() {
    let life = Life(Metrics::new(Authority::PlanOnly).unwrap());
    for (name, value) in [("policies 0", 1), ("policies_valid 0", 1), ("gitlab_up 0", 1), ("paused 0", 1)] {
        assert_eq!(life.lines(name).len(), value, "{name}");
    }
    for name in ["token_expires_", "reload_success_", "rate_limit_remaining", "cycles_total"] {
        assert_eq!(life.lines(name), [""; 0], "{name}");
    }
    assert_eq!(
        life.lines("reloads_total"),
        [r#"gleaner_reloads_total{result="failure"} 0"#, r#"gleaner_reloads_total{result="success"} 0"#]
    );
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(life.lines("build_info"), [format!("gleaner_build_info{{version=\"{version}\"}} 1")]);
}

#[test]
fn a_reload_that_fails_leaves_the_policies_in_force() {
    let life = Life::with(&["tidy", "other"]);
    life.on(Notice::NotLoaded { problem: "broken", at: NOW + Duration::from_secs(60) });
    assert_eq!(life.lines("policies"), ["gleaner_policies 2", "gleaner_policies_valid 0"]);
    let reloads = [r#"gleaner_reloads_total{result="failure"} 1"#, r#"gleaner_reloads_total{result="success"} 1"#];
    assert_eq!(life.lines("reloads_total"), reloads);
    assert_eq!(life.lines("reload_success"), ["gleaner_reload_success_timestamp_seconds 1780000000"]);
    life.load(&["tidy"]);
    assert_eq!(life.lines("policies"), ["gleaner_policies 1", "gleaner_policies_valid 1"]);
}

#[test]
fn a_lost_connection_says_nothing_about_the_tokens_end() {
    let life = Life::with(&["tidy"]);
    life.on(Notice::Connected { token_expires: Some(NOW) });
    assert_eq!(life.lines("gitlab_up"), ["gleaner_gitlab_up 1"]);
    life.on(Notice::NotConnected { problem: "no answer" });
    assert_eq!(life.lines("gitlab_up"), ["gleaner_gitlab_up 0"]);
    assert_eq!(life.lines("token_expires"), ["gleaner_token_expires_timestamp_seconds 1780000000"]);
    // The next token has no end.
    life.on(Notice::Connected { token_expires: None });
    assert_eq!(life.lines("token_expires"), [""; 0]);
}

#[test]
fn a_halt_is_shown_as_long_as_it_lasts() {
    let life = Life::with(&["tidy"]);
    life.on(Notice::Halted { why: Some("frozen until Monday") });
    assert_eq!(life.lines("paused"), ["gleaner_paused 1"]);
    life.on(Notice::Halted { why: None });
    assert_eq!(life.lines("paused"), ["gleaner_paused 0"]);
}

#[test]
fn a_policy_is_executed_with_two_keys_only() {
    let policies = ["name: a\nmode: delete\n".to_owned(), "name: b\nmode: dry-run\n".to_owned()];
    for (execution, executed) in [(Authority::Execute, 1), (Authority::PlanOnly, 0)] {
        let life = Life(Metrics::new(execution).unwrap());
        life.on(Notice::Loaded { set: &set(&policies), at: NOW });
        let expected = [
            format!("gleaner_policy_executes{{policy=\"a\"}} {executed}"),
            "gleaner_policy_executes{policy=\"b\"} 0".to_owned(),
        ];
        assert_eq!(life.lines("policy_executes"), expected);
    }
}
