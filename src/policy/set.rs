//! Reads a whole set: each file by its kind. Checks that names are unique and that required files are there, and tells
//! all problems at once.

mod file;
mod in_use;

use std::collections::BTreeMap;

use super::lint::{Lints, acceptance_ended};
use super::places::{Located, PolicyPlaces, ProtectionPlaces};
use super::{
    ClockTrust, Downloads, InUseFiles, Instance, LANGUAGE, Policy, PolicySet, Protection, instance, limits, lint,
};
use jiff::Timestamp;
use jiff::civil::Date;

use crate::yaml::document::Span;
use crate::yaml::findings::Findings;
use crate::yaml::{Lint, Place, Problem, Problems, Room, Source};
use file::{File, FileContent};

pub(crate) use file::language_version;

impl PolicySet {
    /// Returns the policy of this name.
    #[must_use]
    pub fn policy(&self, name: &str) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.name == name)
    }

    /// Returns how far GitLab's download dates can be trusted.
    #[must_use]
    pub fn downloads(&self) -> Downloads {
        self.instance.as_ref().map(|instance| instance.downloads).unwrap_or_default()
    }

    /// Returns the instant before which the journal need not be kept; `None` where it is kept for ever.
    #[must_use]
    pub fn journal_from(&self, now: Timestamp) -> Option<Timestamp> {
        self.instance.as_ref()?.journal_keep.as_ref()?.before(now)
    }

    /// Returns what this machine's clock is worth where GitLab's is not told.
    #[must_use]
    pub fn clock(&self) -> ClockTrust {
        self.instance.as_ref().map(|instance| instance.clock).unwrap_or_default()
    }

    /// Reads all files of a set, and tells what looks wrong in them.
    ///
    /// # Errors
    ///
    /// Every problem of every file, or that there is no policy among them.
    pub fn parse(sources: &[Source]) -> Result<(Self, Lints), Problems> {
        Self::of(sources, |_| {}, lint::set)
    }

    /// Reads all files of a set together with the in-use files that its protections go by, as far as those can be used at
    /// this instant.
    ///
    /// # Errors
    ///
    /// Those of [`parse`](Self::parse). An in-use file that can't be used is none.
    pub fn parse_with(sources: &[Source], files: &InUseFiles, now: Timestamp) -> Result<(Self, Lints), Problems> {
        Self::of(sources, |protection| protection.take_in_use(files, now), lint::set)
    }

    /// Reads all files of a set without looking for lints, which takes longer than the reading.
    ///
    /// # Errors
    ///
    /// Those of [`parse`](Self::parse).
    pub fn read(sources: &[Source]) -> Result<Self, Problems> {
        Self::of(sources, |_| {}, |_, _, _, _| Lints::default()).map(|(set, _)| set)
    }

    fn of(
        sources: &[Source],
        take_in_use: impl Fn(&mut Protection),
        look: impl FnOnce(
            &[Located<Policy, PolicyPlaces>],
            &[Located<Protection, ProtectionPlaces>],
            Option<&Instance>,
            &mut [Findings<'_>],
        ) -> Lints,
    ) -> Result<(Self, Lints), Problems> {
        let mut files = SetReader::default();
        for source in sources {
            files.add(source);
        }
        files.require();
        let acceptances = files.acceptance_ends();
        let instance = files.instance.take().map(|(_, draft)| draft.instance);
        let policies = files.bounded(instance.as_ref());
        let mut protections = std::mem::take(&mut files.protections);
        protections.iter_mut().for_each(|protection| take_in_use(&mut protection.value));
        let mut lints = Lints::default();
        if files.findings.iter().all(|findings| findings.problems.is_empty()) {
            lints = look(&policies, &protections, instance.as_ref(), &mut files.findings);
            lints.acceptances = acceptances;
        }
        let mut set = Self {
            policies: policies.into_iter().map(|policy| policy.value).collect(),
            protections: protections.into_iter().map(|protection| protection.value).collect(),
            instance,
        };
        let (mut problems, always) = files.told();
        lints.always = always;
        if problems.is_empty() && set.policies.is_empty() {
            problems.push(no_policy(&set));
        }
        if !problems.is_empty() {
            return Err(Problems { problems });
        }
        set.policies.sort_by(|a, b| a.name.cmp(&b.name));
        set.protections.sort_by(|a, b| a.name.cmp(&b.name));
        Ok((set, lints))
    }
}

impl Instance {
    /// Returns the instance file of a set, whatever is wrong with the other files. `known` is the instance file of the
    /// last reading. If its kind can't be told any more, it still counts as the instance file.
    ///
    /// # Errors
    ///
    /// Every problem of the instance file, or of two of them.
    pub fn find(sources: &[Source], known: Option<&str>) -> Result<Option<Self>, Problems> {
        let mut files = SetReader::default();
        for source in sources {
            if file::is_instance(source).unwrap_or(known == Some(source.file.as_str())) {
                files.add(source);
            }
        }
        let instance = files.instance.take().map(|(_, draft)| draft.instance);
        let (problems, _) = files.told();
        if problems.is_empty() { Ok(instance) } else { Err(Problems { problems }) }
    }

    /// Returns the first name that it requires and no other file has.
    #[must_use]
    pub fn missing(&self, sources: &[Source]) -> Option<&str> {
        if self.require.is_empty() {
            return None;
        }
        let others = sources.iter().filter(|source| source.file != self.source);
        let names: Vec<String> = others.map(file::name).collect();
        self.require.iter().find(|required| !names.contains(required)).map(String::as_str)
    }
}

/// The files of a set, read one after the other.
#[derive(Default)]
struct SetReader<'s> {
    findings: Vec<Findings<'s>>,
    /// The room that the files so far have left for patterns.
    room: Room,
    /// Every name with the file that has it.
    names: BTreeMap<String, &'s str>,
    /// Whether there is a file whose name is unknown.
    has_nameless: bool,
    policies: Vec<(Located<Policy, PolicyPlaces>, limits::WrittenLimits)>,
    protections: Vec<Located<Protection, ProtectionPlaces>>,
    /// The first file that has `instance`, whatever is wrong with it.
    instance_file: Option<&'s str>,
    /// The instance file, with its number among the files.
    instance: Option<(usize, instance::Draft)>,
}

impl<'s> SetReader<'s> {
    fn add(&mut self, source: &'s Source) {
        let mut findings = Findings::new(source, LANGUAGE);
        findings.room = std::mem::take(&mut self.room);
        let file = File::read(source, &mut findings);
        self.room = std::mem::take(&mut findings.room);
        let is_read = file.as_ref().is_some_and(|file| file.content.is_some());
        if !is_read && findings.problems.is_empty() {
            // Every way to get here has reported a problem. Should one have forgotten, a protection must still not
            // vanish.
            findings.problem(Span::FILE_START, "this file can't be read");
        }
        if let Some(file) = file {
            self.place(source, file, &mut findings);
        } else {
            self.has_nameless = true;
        }
        self.findings.push(findings);
    }

    fn place(&mut self, source: &'s Source, file: File, findings: &mut Findings<'s>) {
        let number = self.findings.len();
        let File { name, name_span, instance_span, content } = file;
        match (name, name_span) {
            (None, _) => self.has_nameless = true,
            (Some(name), span) => {
                if let Some(first) = self.names.get(&name) {
                    findings
                        .problem(span, format!("the name `{name}` is taken already, by {first}"))
                        .hint("names are unique in a set; a file without `name:` has the name of the file");
                } else {
                    self.names.insert(name, &source.file);
                }
            }
        }
        if let Some(span) = instance_span {
            match self.instance_file {
                Some(first) => findings
                    .problem(span, format!("a set has one instance file at most, and {first} is it already"))
                    .hint("write what holds for the whole GitLab in one of them, and remove the other"),
                None => self.instance_file = Some(&source.file),
            }
        }
        match content {
            Some(FileContent::Policy(policy, limits, places)) => {
                self.policies.push((Located { file: number, value: *policy, places }, *limits));
            }
            Some(FileContent::Protection(protection, places)) => {
                self.protections.push(Located { file: number, value: protection, places });
            }
            Some(FileContent::Instance(draft)) if self.instance.is_none() => self.instance = Some((number, draft)),
            Some(FileContent::Instance(_)) | None => {}
        }
    }

    /// Reports names that the instance file requires and the set doesn't have. A file with an unknown name may have the
    /// required one, and has a problem of its own, so then nothing is reported.
    fn require(&mut self) {
        if let Some((number, draft)) = &self.instance
            && !self.has_nameless
        {
            let file = &draft.instance.source;
            let names = self.names.iter().filter(|(_, holder)| *holder != file).map(|(name, _)| name.as_str());
            draft.require_of(&names.collect::<Vec<_>>(), &mut self.findings[*number]);
        }
    }

    /// Returns the last days of acceptances with their places, but for those whose end may be passed over in silence.
    fn acceptance_ends(&mut self) -> Vec<(Date, Place)> {
        let Some((number, draft)) = &self.instance else { return Vec::new() };
        let findings = &mut self.findings[*number];
        let told = draft.acceptance_ends().filter(|(_, span)| !findings.allows(&acceptance_ended::LINT, *span));
        let told: Vec<(Date, Span)> = told.collect();
        told.into_iter().map(|(until, span)| (until, findings.place(span))).collect()
    }

    /// Returns the policies with the limits that hold for them. What is beyond the ceiling is reported.
    fn bounded(&mut self, instance: Option<&Instance>) -> Vec<Located<Policy, PolicyPlaces>> {
        let policies = std::mem::take(&mut self.policies).into_iter();
        policies
            .map(|(mut policy, written)| {
                let findings = &mut self.findings[policy.file];
                policy.value.limits = written.bounded(instance, findings);
                if let Some(Instance { source, ceiling, .. }) = instance {
                    ceiling.bound(&policy.value.delete, &policy.places.delete, source, findings);
                }
                policy
            })
            .collect()
    }

    /// Returns all problems and all lints, in the order of the files and their lines.
    fn told(self) -> (Vec<Problem>, Vec<Lint>) {
        let (problems, lints): (Vec<_>, Vec<_>) = self.findings.into_iter().map(Findings::told).unzip();
        (problems.into_iter().flatten().collect(), lints.into_iter().flatten().collect())
    }
}

fn no_policy(set: &PolicySet) -> Problem {
    let (message, hint) = match (set.protections.is_empty(), &set.instance) {
        (true, None) => ("there is no policy file", "a policy file ends in `.yaml`"),
        (false, None) => ("the set has no policy, only protections", RULES),
        (true, Some(_)) => ("the set has no policy, only an instance file", RULES),
        (false, Some(_)) => ("the set has no policy, only protections and an instance file", RULES),
    };
    Problem { place: None, message: message.to_owned(), hint: Some(hint.to_owned()) }
}

const RULES: &str = "a policy has rules under `delete`";

#[cfg(test)]
mod tests;
