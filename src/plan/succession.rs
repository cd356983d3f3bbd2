//! Policies in their order, each planned on what those before it leave.

use crate::package::PackageId;
use crate::plan::inventory::Gone;
use crate::policy::InForce;

/// Goes from policy to policy, and gathers what each takes away from those after it.
#[derive(Debug)]
pub struct Succession<'a> {
    policies: std::vec::IntoIter<InForce<'a>>,
    /// The policy that was handed out last.
    last: Option<InForce<'a>>,
    taken: Taken,
}

/// The packages and files that policies have taken away from those after them.
#[derive(Debug, Clone, Default)]
pub struct Taken {
    /// The take of each policy, with its name, in their order.
    by: Vec<(String, Take)>,
}

/// The packages and files that one policy takes away from those after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Take {
    /// They would be gone if the plan was executed.
    Planned(Gone),
    /// They are gone.
    Deleted(Gone),
}

impl<'a> Succession<'a> {
    /// Begins with the first of these policies.
    #[must_use]
    pub fn of(policies: impl IntoIterator<Item = InForce<'a>>) -> Self {
        let policies: Vec<InForce<'a>> = policies.into_iter().collect();
        Self { policies: policies.into_iter(), last: None, taken: Taken::default() }
    }

    /// Returns the next policy, with what those before it have taken. `take` is what the policy before it has taken;
    /// before the first it is nothing.
    pub fn next(&mut self, take: Take) -> Option<(InForce<'a>, &Taken)> {
        if let Some(last) = self.last.take() {
            self.taken.by.push((last.policy().name.clone(), take));
        }
        self.last = self.policies.next();
        self.last.map(|policy| (policy, &self.taken))
    }
}

impl Taken {
    /// Returns what is gone, or would be if every plan was executed. A dry run is planned without it.
    #[must_use]
    pub fn in_plans(&self) -> Gone {
        self.union(|_| true)
    }

    /// Returns what is gone. An execution is planned without that alone, because what was only planned is still there.
    #[must_use]
    pub fn in_fact(&self) -> Gone {
        self.union(|take| matches!(take, Take::Deleted(_)))
    }

    /// Returns the name of the policy that takes a package.
    #[must_use]
    pub fn taker_of(&self, package: PackageId) -> Option<&str> {
        let taker = self.by.iter().find(|(_, take)| take.gone().packages.contains(&package));
        taker.map(|(name, _)| name.as_str())
    }

    fn union(&self, counts: impl Fn(&Take) -> bool) -> Gone {
        let mut all = Gone::default();
        self.by.iter().filter(|(_, take)| counts(take)).for_each(|(_, take)| all.extend(take.gone()));
        all
    }
}

impl Take {
    fn gone(&self) -> &Gone {
        match self {
            Self::Planned(gone) | Self::Deleted(gone) => gone,
        }
    }
}

/// Takes nothing.
impl Default for Take {
    fn default() -> Self {
        Self::Planned(Gone::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PolicySet;
    use crate::yaml::Source;

    #[test]
    fn each_policy_sees_what_those_before_it_take() {
        let source = |name: &str| {
            let text = format!("version: 1\nname: {name}\nscope: {{ group: acme }}\ndelete: [{{ status: error }}]\n");
            Source::new(format!("{name}.yaml"), text)
        };
        let (set, _) = PolicySet::parse(&["a", "b", "c"].map(source)).unwrap();
        let gone = |id: u64| Gone { packages: [PackageId(id)].into(), ..Gone::default() };
        let ids = |gone: Gone| {
            let mut ids: Vec<u64> = gone.packages.into_iter().map(|id| id.0).collect();
            ids.sort_unstable();
            ids
        };
        let mut takes = [Take::Planned(gone(1)), Take::Deleted(gone(2)), Take::default()].into_iter();
        let mut succession = Succession::of(set.policies_at("2026-11-01T00:00:00Z".parse().unwrap()));
        let (mut seen, mut take) = (Vec::new(), Take::default());
        while let Some((_, taken)) = succession.next(take) {
            seen.push((ids(taken.in_plans()), ids(taken.in_fact()), taken.taker_of(PackageId(2)).map(str::to_owned)));
            take = takes.next().unwrap();
        }
        let expected = [(vec![], vec![], None), (vec![1], vec![], None), (vec![1, 2], vec![2], Some("b".to_owned()))];
        assert_eq!(seen, expected);
    }
}
