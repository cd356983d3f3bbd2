//! The status page: what is wrong first, and then each policy.
//!
//! It does not reload itself: whoever reads it, or has it read out, would lose the place. It says as of when it is, and
//! has a link.

use jiff::Timestamp;
use maud::{Markup, html};

use super::kept;
use super::span::{exact, relative};
use crate::plan::LimitName;
use crate::policy::Limits;
use crate::record::reports::ReportStore;
use crate::report::html::{
    Tone, badge, counted, grouped, idle_hold, idle_holds, instant, note, page as whole_page, problems, prose, size,
    tiles,
};
use crate::report::{CycleStatus, PolicyReport};
use crate::serve::board::{EndedCycle, GitlabHealth, PolicyBoard, Readiness, RunningCycle, Snapshot};
use crate::serve::notice::{Authority, Purpose};

/// Returns the page as of `now`.
#[must_use]
pub(super) fn page(board: &Snapshot, reports: &ReportStore, now: Timestamp) -> String {
    let header = html! {
        p.brand { "gleaner" }
        h1 { "Status" }
        p.about {
            (board.about.instance) " as of " (precise(now)) " · " a href="/" { "Reload" }
        }
        p.row.states { (states(board)) }
    };
    let main = html! {
        (attention(board, now))
        @for policy in &board.policies { (section(policy, reports, now)) }
    };
    let footer = html! {
        p {
            (board.about.generator) ", started " (instant(board.about.started))
            @if let Some(loaded) = board.loaded { "; policies loaded " (instant(loaded)) }
            @if let GitlabHealth::Up { token_expires: Some(expires) } = board.gitlab {
                "; the token expires " (instant(expires))
            }
            ". "
            @if let Some(why) = reports.why_none() { "No reports are kept: " (why) ". " }
            a href="/metrics" { "Metrics" }
        }
    };
    whole_page("gleaner: status", &header, &main, &footer)
}

fn states(board: &Snapshot) -> Markup {
    html! {
        @match board.readiness {
            Readiness::Ready => (badge(Tone::Good, "ready")),
            Readiness::NotReady(why) => (badge(Tone::Care, &format!("not ready: {why}"))),
        }
        " "
        @match board.about.authority {
            Authority::PlanOnly => (badge(Tone::Plain, "plans only")),
            Authority::Execute => (badge(Tone::Plain, "executes")),
        }
        " "
        @if board.policy_problem.is_some() {
            (badge(Tone::Bad, "policy files invalid"))
        } @else if board.loaded.is_some() {
            (badge(Tone::Good, &counted_policies(board.policies.len())))
        }
        " "
        @match board.gitlab {
            GitlabHealth::Unknown => (badge(Tone::Plain, "GitLab not asked yet")),
            GitlabHealth::Up { .. } => (badge(Tone::Good, "GitLab answers")),
            GitlabHealth::Down { .. } => (badge(Tone::Bad, "GitLab does not answer")),
        }
        @if board.halted.is_some() { " " (badge(Tone::Care, "deletions held up")) }
    }
}

fn counted_policies(count: usize) -> String {
    match count {
        1 => "1 policy".to_owned(),
        _ => format!("{count} policies"),
    }
}

/// Shows what somebody has to look at, before anything else.
fn attention(board: &Snapshot, now: Timestamp) -> Markup {
    let troubled: Vec<&PolicyBoard> = board.policies.iter().filter(|policy| trouble(policy).is_some()).collect();
    let idle = idle_protections(board);
    let is_quiet = board.policy_problem.is_none()
        && board.halted.is_none()
        && !matches!(board.gitlab, GitlabHealth::Down { .. })
        && troubled.is_empty()
        && idle.is_empty();
    html! {
        @if !is_quiet {
            ul.notes aria-label="Needs attention" {
                @if let Some((problem, since)) = &board.policy_problem {
                    li { (note(Tone::Bad, &html! {
                        p {
                            strong { "The policy files are invalid" } " since " (instant(*since)) ". "
                            @if board.loaded.is_some() { "The policies that were loaded before stay in force." }
                        }
                        pre.verbatim { (problem) }
                    })) }
                }
                @if let GitlabHealth::Down { problem } = &board.gitlab {
                    li { (note(Tone::Bad, &html! { p { strong { "GitLab:" } " " (prose(problem)) } })) }
                }
                @if let Some(why) = &board.halted {
                    li { (note(Tone::Care, &html! { p { strong { "Deletions are held up:" } " " (prose(why)) } })) }
                }
                @for policy in troubled {
                    @if let Some((status, last)) = trouble(policy) {
                        li { (note(Tone::of(status), &html! {
                            p {
                                a href={ "#policy-" (policy.name) } { (policy.name) } " "
                                @match status {
                                    CycleStatus::Failed => "failed ",
                                    CycleStatus::Refused => "was refused by a limit ",
                                    _ => "was done in part ",
                                }
                                (relative(last.began, now)) "."
                            }
                        })) }
                    }
                }
                @for rule in idle { li { (idle_hold(rule)) } }
            }
        }
    }
}

/// Returns the protect rules that matched nothing anywhere, once every policy has a plan that could tell.
fn idle_protections(board: &Snapshot) -> Vec<&str> {
    let plans: Option<Vec<&PolicyReport>> =
        board.policies.iter().map(|policy| policy.last_plan.as_ref().and_then(EndedCycle::policy)).collect();
    plans.map(idle_holds).unwrap_or_default()
}

fn trouble(policy: &PolicyBoard) -> Option<(CycleStatus, &EndedCycle)> {
    let last = policy.last.as_ref()?;
    let status = last.policy()?.status;
    matches!(status, CycleStatus::Failed | CycleStatus::Refused | CycleStatus::Partial).then_some((status, last))
}

fn section(policy: &PolicyBoard, reports: &ReportStore, now: Timestamp) -> Markup {
    let id = format!("policy-{}", policy.name);
    let last = policy.last.as_ref().and_then(EndedCycle::policy);
    let plan = policy.last_plan.as_ref().and_then(EndedCycle::policy);
    html! {
        section.sheet id=(id) aria-labelledby={ (id) "-name" } {
            div.row {
                h2 id={ (id) "-name" } { (policy.name) }
                @if let Some(running) = &policy.running { (badge(Tone::Care, &format!("{} running", purpose(running.purpose)))) }
                @if let Some(last) = last { (badge(Tone::of(last.status), last.status.code())) }
                @if policy.executes { (badge(Tone::Plain, "deletes")) } @else { (badge(Tone::Plain, "dry run")) }
            }
            @if let Some(description) = &policy.description { p.quiet { (description) } }
            @if let Some(last) = last { (problems(last)) }
            dl.facts {
                div { dt { "Schedule" } dd { (schedule(policy)) } }
                div { dt { "Next run" } dd { (next(policy, now)) } }
                div { dt { "Last cycle" } dd { (cycle(policy, now)) } }
                @if let Some(running) = &policy.running { div { dt { "Now" } dd { (running_now(running, now)) } } }
            }
            @if let Some(plan) = plan {
                (plan_age(policy))
                (tiles(plan))
            }
            (limits(policy, plan, now))
            @if last.is_some() {
                p.small {
                    a href={ "/reports/" (policy.name) ".html" } { "Report of " (policy.name) } " · "
                    a href={ "/reports/" (policy.name) ".json" } aria-label={ "Report of " (policy.name) " as JSON" } { "JSON" }
                }
            }
            (kept::list(&policy.name, reports))
        }
    }
}

fn schedule(policy: &PolicyBoard) -> Markup {
    html! {
        @match &policy.schedule {
            Some(schedule) => {
                (capitalised(&schedule.in_words()))
                span.small.quiet { code { (schedule.line) } " " (schedule.zone) }
            }
            None => {
                "None"
                span.small.quiet { "It runs in one-shot commands only." }
            }
        }
    }
}

fn next(policy: &PolicyBoard, now: Timestamp) -> Markup {
    html! {
        @match (policy.next, &policy.schedule) {
            (Some(next), Some(schedule)) => {
                time datetime=(next) { (schedule.local(next).strftime("%a %-d %b, %H:%M")) }
                span.small.quiet { (schedule.zone) ", " (relative(next, now)) }
            }
            (Some(next), None) => { (instant(next)) span.small.quiet { (relative(next, now)) } }
            (None, _) => "–",
        }
    }
}

fn cycle(policy: &PolicyBoard, now: Timestamp) -> Markup {
    html! {
        @match &policy.last {
            Some(last) => {
                @match last.run { Some(run) => (capitalised(purpose(run.purpose))), None => "Before the start" }
                ", " (relative(last.began, now))
                span.small.quiet { (instant(last.began)) }
                @if let Some(run) = last.run { span.small.quiet { "took " (exact(run.took)) } }
                @if policy.is_outdated {
                    span.small.quiet { "The policy has been changed since." }
                }
            }
            None => "None yet",
        }
    }
}

fn running_now(running: &RunningCycle, now: Timestamp) -> Markup {
    let done = running.progress;
    html! {
        (capitalised(purpose(running.purpose))) ", began " (relative(running.since, now))
        span.small.quiet {
            (counted(done.rows, "package")) " listed, " (counted(done.looked_up, "look-up")) ", "
            (counted(done.deletions, "deletion"))
        }
    }
}

/// Tells how old the figures are, where the last cycle has none.
fn plan_age(policy: &PolicyBoard) -> Markup {
    let began = |cycle: &Option<EndedCycle>| cycle.as_ref().map(|cycle| cycle.began);
    html! {
        @if began(&policy.last) != began(&policy.last_plan) && let Some(plan) = began(&policy.last_plan) {
            p.quiet.small { "The last plan is from " (instant(plan)) ":" }
        }
    }
}

/// Shows the limits of a plan, and how far the last one used them.
fn limits(policy: &PolicyBoard, plan: Option<&PolicyReport>, now: Timestamp) -> Markup {
    let Limits {
        max_deletions,
        max_percent,
        max_percent_per_project,
        max_percent_per_group,
        max_bytes,
        max_per_cycle,
        min_age,
        exception,
    } = &policy.limits.at(now);
    let deletions = plan.map(|plan| plan.totals.delete + plan.totals.delete_files);
    let percent = plan.map(|plan| (plan.totals.delete * 100).div_ceil(plan.scanned.max(1)));
    let bytes = plan.map(|plan| plan.totals.delete_bytes);
    // A figure above its limit is no refusal yet: a few deletions are within any share.
    let refused = plan.and_then(|plan| plan.refusal.as_ref()).map(|refusal| refusal.limit.as_str());
    let bar = |limit: LimitName| if refused == Some(limit.as_str()) { "bar care" } else { "bar" };
    html! {
        h3 { "Limits" }
        dl.facts {
            div { dt { "Deletions" } dd { (used(deletions, *max_deletions, bar(LimitName::MaxDeletions), grouped)) } }
            div { dt { "Of the packages in scope" } dd { (used(percent, u64::from(*max_percent), bar(LimitName::MaxPercent), |share| format!("{share}%"))) } }
            div { dt { "Of a project's packages" } dd { "at most " (max_percent_per_project) "%" } }
            @if let Some(percent) = max_percent_per_group { div { dt { "Of a group's packages" } dd { "at most " (percent) "%" } } }
            @if let Some(max_bytes) = max_bytes { div { dt { "Size" } dd { (used(bytes, *max_bytes, bar(LimitName::MaxBytes), size)) } } }
            @if let Some(most) = max_per_cycle { div { dt { "In one cycle" } dd { "at most " (grouped(*most)) ", the oldest first" } } }
            div { dt { "Age" } dd { "at least " (min_age) } }
            @if let Some(exception) = exception {
                div {
                    dt { "Exception" }
                    dd { @if exception.holds(now) { "until " } @else { "ended on " } (exception.until) ": " (prose(&exception.note)) }
                }
            }
            @if let Some(grace) = &policy.grace { div { dt { "Grace" } dd { "marked for " (grace) } } }
        }
    }
}

/// Shows a figure beside its limit, with a bar for those who see it.
fn used(figure: Option<u64>, allowed: u64, bar: &str, shown: impl Fn(u64) -> String) -> Markup {
    let width = figure.map(|figure| figure.saturating_mul(100).div_ceil(allowed.max(1)).min(100));
    html! {
        @if let Some(figure) = figure { (shown(figure)) " of " } "at most " (shown(allowed))
        @if let Some(width) = width {
            svg class=(bar) viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" {
                rect width=(width) height="1" {}
            }
        }
    }
}

fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Rehearsal => "rehearsal",
        Purpose::DryRun => "dry run",
        Purpose::Execution => "execution",
    }
}

/// Shows an instant with its seconds, so that a reload is seen to be one.
fn precise(at: Timestamp) -> Markup {
    html! { time datetime=(at) { (at.strftime("%-d %b %Y, %H:%M:%S UTC")) } }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
