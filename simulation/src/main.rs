//! `cargo run -p simulation --release -- --runs N --seed S`: plays so many runs, and tells the first that breaks a promise.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the command tells what it finds")]

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use simulation::case::Case;
use simulation::check::violations;
use simulation::people::Kind;
use simulation::promise::Promise;
use simulation::run::play;
use simulation::shrink::shrunk;
use simulation::story::{interleaving, setting, story};

/// Plays gleaner against a GitLab in which people act between any two requests.
#[derive(Debug, Parser)]
struct Args {
    /// How many runs to play
    #[arg(long, default_value_t = 1000)]
    runs: u64,
    /// The seed of the first run; the next ones count on
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Only these kinds of people act
    #[arg(long, value_parser = kind)]
    act: Vec<Kind>,
    /// Nobody acts, and nothing lies
    #[arg(long, conflicts_with = "act")]
    alone: bool,
    /// Only these promises are held
    #[arg(long, value_parser = promise)]
    promise: Vec<Promise>,
    /// Tell every request
    #[arg(long)]
    trace: bool,
    /// Go on after a broken promise, and count them
    #[arg(long)]
    count: bool,
}

fn kind(name: &str) -> Result<Kind, String> {
    let names = || Kind::ALL.map(Kind::name).join(", ");
    Kind::named(name).ok_or_else(|| format!("there are {}", names()))
}

fn promise(name: &str) -> Result<Promise, String> {
    let names = || Promise::ALL.map(Promise::name).join(", ");
    Promise::named(name).ok_or_else(|| format!("there are {}", names()))
}

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(is_clean) if is_clean => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(1),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &Args) -> Result<bool, Box<dyn std::error::Error>> {
    let folder = folder()?;
    let kinds = if args.act.is_empty() && !args.alone { Kind::ALL.to_vec() } else { args.act.clone() };
    let begun = Instant::now();
    let mut broken: BTreeMap<Promise, Vec<u64>> = BTreeMap::new();
    for seed in args.seed..args.seed.saturating_add(args.runs) {
        let case = Case::of(seed, &kinds);
        let played = play(&case, folder.path()).map_err(|error| format!("seed {seed}: {error}\n{}", setting(&case)))?;
        if args.trace {
            println!("{}{}", setting(&case), story(&played));
        }
        let found = violations(&played);
        let found: Vec<_> =
            found.into_iter().filter(|one| args.promise.is_empty() || args.promise.contains(&one.promise)).collect();
        let Some(first) = found.first() else { continue };
        for violation in &found {
            let seeds = broken.entry(violation.promise).or_default();
            if seeds.last() != Some(&seed) {
                seeds.push(seed);
            }
        }
        if args.count {
            continue;
        }
        println!("seed {seed} breaks a promise:\n  {first}\n");
        let small = shrunk(&case, first.promise, folder.path());
        let played = play(&small, folder.path())?;
        println!("The smallest that breaks it:\n{}\n{}", setting(&small), interleaving(&played));
        for violation in violations(&played) {
            println!("  {violation}");
        }
        return Ok(false);
    }
    for (promise, seeds) in &broken {
        let first: Vec<String> = seeds.iter().take(10).map(ToString::to_string).collect();
        println!("{}: broken in {} runs; seeds {}", promise.name(), seeds.len(), first.join(" "));
    }
    let took = begun.elapsed();
    println!("{} runs from seed {} in {:.1} s", args.runs, args.seed, took.as_secs_f64());
    Ok(broken.is_empty())
}

/// Makes a folder in memory where there is one.
fn folder() -> io::Result<tempfile::TempDir> {
    let memory = PathBuf::from("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir()) } else { tempfile::tempdir() }
}
