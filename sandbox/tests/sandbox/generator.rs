//! The generated registry: the same for the same seed, and of such shares that sensible policies delete some of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use gitlab_sandbox::{AccessLevel, Options, Package, PackageFile, PackageType, Registry, Server, Status};
use jiff::{SignedDuration, Timestamp};

const PACKAGES: usize = 8000;

fn start() -> Timestamp {
    "2026-03-01T12:34:56Z".parse().unwrap()
}

fn age(time: Timestamp) -> SignedDuration {
    start().duration_since(time)
}

fn days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * days)
}

/// The age of the newest content.
fn content_age(package: &Package) -> SignedDuration {
    let newest = package.files.iter().map(|file| file.created_at).max();
    age(newest.map_or(package.created_at, |newest| newest.max(package.created_at)))
}

fn not_downloaded_for(package: &Package, time: SignedDuration) -> bool {
    package.last_downloaded_at.map_or(content_age(package), age) > time
}

fn version(package: &Package) -> &str {
    package.version.as_deref().unwrap_or_default()
}

type Selection = fn(&Package) -> bool;

/// Five clean-ups that people run. The nightlies' exception for the newest 7 is made below.
const CLEANUPS: [(&str, Option<PackageType>, Selection); 5] = [
    ("maven snapshots", Some(PackageType::Maven), |package| {
        version(package).ends_with("-SNAPSHOT")
            && content_age(package) > days(60)
            && not_downloaded_for(package, days(90))
    }),
    ("npm pre-releases", Some(PackageType::Npm), |package| {
        version(package).contains('-') && content_age(package) > days(90) && not_downloaded_for(package, days(90))
    }),
    ("generic nightlies", Some(PackageType::Generic), |package| {
        version(package).contains("nightly") && content_age(package) > days(30)
    }),
    ("failed uploads", None, |package| package.status == Status::Error && content_age(package) > days(7)),
    ("pypi development releases", Some(PackageType::Pypi), |package| {
        version(package).contains(".dev") && content_age(package) > days(60)
    }),
];

/// What can be listed without asking for a status, and has a version.
fn is_listed(package: &Package) -> bool {
    package.version.is_some() && matches!(package.status, Status::Default | Status::Error | Status::Deprecated)
}

/// The ids of the newest seven nightlies of each name.
fn newest_nightlies(registry: &Registry) -> BTreeSet<u64> {
    let mut names: BTreeMap<(u64, &str), Vec<&Package>> = BTreeMap::new();
    for package in registry.packages.iter().filter(|package| version(package).contains("nightly")) {
        names.entry((package.project_id, &package.name)).or_default().push(package);
    }
    let newest = names.into_values().flat_map(|mut packages| {
        packages.sort_by_key(|package| std::cmp::Reverse((package.created_at, package.id)));
        packages.into_iter().take(7)
    });
    newest.map(|package| package.id).collect()
}

#[test]
fn the_same_arguments_make_the_same_registry() {
    let json = |packages, seed| serde_json::to_string(&Registry::generate(packages, seed, start())).unwrap();
    assert_eq!(json(700, 5), json(700, 5));
    assert_ne!(json(700, 5), json(700, 6));
    let registry = Registry::generate(700, 5, start());
    assert_eq!(Registry::from_json(&json(700, 5)).unwrap(), registry);
}

/// The figures of whoever measured something with a seed rest on it. Releases came later, and are drawn apart.
#[test]
fn a_seed_makes_what_it_has_always_made() {
    let registry = Registry::generate(1500, 7, start());
    let projects = registry.projects.iter().map(|project| (project.id, &project.path, project.archived));
    let json = serde_json::to_string(&(
        (&registry.users, &registry.tokens, &registry.groups, &registry.members),
        (&registry.packages, &registry.pipelines, &registry.protection_rules),
        projects.collect::<Vec<_>>(),
    ));
    assert_eq!(digest(&json.unwrap()), 3_974_339_476_814_726_419);
}

/// The same for whole registries, releases included, of all sizes: with fewer packages than there are lines, with those
/// that complete the statuses, with the copies of a second division, and from another start.
#[test]
fn registries_of_all_sizes_are_what_they_have_always_been() {
    let leap = "2024-02-29T00:00:00.5Z".parse().unwrap();
    for (packages, seed, start, expected) in [
        (0, 1, start(), 12_610_332_465_440_722_681),
        (1, 9, start(), 17_350_784_749_733_182_570),
        (200, 3, leap, 11_677_077_410_629_228_036),
        (700, 5, start(), 2_117_389_784_477_395_298),
        (8_000, 1, start(), 18_412_650_593_200_728_664),
        (8_000, 42, leap, 4_166_963_926_264_114_425),
        (10_500, 2, start(), 14_081_440_323_553_880_970),
    ] {
        let json = serde_json::to_string(&Registry::generate(packages, seed, start)).unwrap();
        assert_eq!(digest(&json), expected, "{packages} packages, seed {seed}");
    }
}

/// FNV-1a.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn later_starts_move_the_dates_and_nothing_else() {
    let later = start() + days(400);
    let (now, then) = (Registry::generate(500, 5, start()), Registry::generate(500, 5, later));
    assert_eq!(now.tokens, then.tokens);
    for (a, b) in now.packages.iter().zip(&then.packages) {
        assert_eq!((a.id, &a.name, a.status), (b.id, &b.name, b.status));
        assert_eq!(b.created_at.duration_since(a.created_at), days(400));
    }
}

#[test]
fn every_seed_leaves_work_for_clean_ups_and_more_to_keep() {
    for seed in [1, 2, 3, 42, 4711] {
        let registry = Registry::generate(PACKAGES, seed, start());
        assert_eq!(registry.packages.len(), PACKAGES);
        let spared = newest_nightlies(&registry);
        let mut selected = BTreeSet::new();
        println!("seed {seed}");
        for (name, kind, selects) in &CLEANUPS {
            let of_type = registry
                .packages
                .iter()
                .filter(|package| kind.as_ref().is_none_or(|kind| package.package_type == *kind));
            let of_type: Vec<_> = of_type.collect();
            let ids: Vec<_> = of_type
                .iter()
                .filter(|package| is_listed(package) && selects(package) && !spared.contains(&package.id))
                .map(|package| package.id)
                .collect();
            println!("  {name}: {} of {}", ids.len(), of_type.len());
            assert!(ids.len() >= 50 && ids.len() <= 900, "{name}: {}", ids.len());
            assert!(ids.len() * 4 <= of_type.len(), "{name}: {} of {}", ids.len(), of_type.len());
            selected.extend(ids);
        }
        println!("  in all: {}", selected.len());
        assert!((400..=960).contains(&selected.len()), "{}", selected.len());

        let mut projects: BTreeMap<u64, (usize, usize)> = BTreeMap::new();
        for package in &registry.packages {
            let (all, doomed) = projects.entry(package.project_id).or_default();
            *all += 1;
            *doomed += usize::from(selected.contains(&package.id));
        }
        for (project, (all, doomed)) in projects {
            assert!(all < 50 || doomed * 10 <= all * 7, "project {project}: {doomed} of {all}");
        }
    }
}

#[test]
fn everything_is_there() {
    let registry = Registry::generate(PACKAGES, 1, start());
    let mut types: HashMap<_, usize> = HashMap::new();
    let mut statuses: HashMap<_, usize> = HashMap::new();
    for package in &registry.packages {
        *types.entry(package.package_type.clone()).or_default() += 1;
        *statuses.entry(package.status).or_default() += 1;
    }
    println!("{types:#?}\n{statuses:#?}");
    // What came later than the generator stands in the corners.
    let mut known = PackageType::KNOWN.iter().filter(|kind| **kind != PackageType::Cargo);
    assert!(known.all(|kind| types.contains_key(kind)), "{types:?}");
    assert!(Status::ALL.iter().all(|status| statuses.contains_key(status)), "{statuses:?}");

    let acme = registry.projects.iter().filter(|project| project.path.starts_with("acme/"));
    let sizes: Vec<_> = acme
        .map(|project| registry.packages.iter().filter(|package| package.project_id == project.id).count())
        .collect();
    println!("{} projects in acme: {sizes:?}", sizes.len());
    assert!(sizes.iter().filter(|size| **size > 0).count() >= 30);
    assert!(sizes.iter().filter(|size| **size > 200).count() >= 5);
    assert!(sizes.contains(&0));
    assert!(registry.projects.iter().any(|project| project.archived));

    let snapshots = registry.packages.iter().filter(|package| version(package).ends_with("-SNAPSHOT"));
    let living = snapshots.filter(|package| age(package.created_at) > days(365) && content_age(package) < days(3));
    assert!(living.count() > 20);
    assert!(registry.packages.iter().any(|package| package.version.is_none()));
    for tag in ["latest", "next"] {
        assert!(registry.packages.iter().any(|package| package.tags.iter().any(|one| one.name == tag)), "{tag}");
    }
    for failed in registry.packages.iter().filter(|package| package.status == Status::Error) {
        assert!(failed.files.len() <= 1);
    }
    assert!(registry.tokens[0].token.starts_with("glpat-sandbox"));
}

/// The id that follows `before` in a link.
fn id_after(link: &str, before: &str) -> Option<u64> {
    let (_, rest) = link.split_once(before)?;
    rest.split('/').next()?.parse().ok()
}

/// The packages of a project that a link names, by any of the forms in which the generator writes one.
fn named<'a>(link: &str, packages: &[&'a Package]) -> Vec<&'a Package> {
    let pages = ["/-/packages/", "/-/terraform_module_registry/", "/-/infrastructure_registry/"];
    let id = pages.iter().find_map(|page| id_after(link, page)).or_else(|| id_after(link, "/packages/"));
    let file = id_after(link, "/package_files/").or_else(|| id_after(link, "/rpm/"));
    let has_file = |package: &Package, what: fn(&PackageFile) -> String| {
        package.files.iter().any(|one| link.ends_with(&format!("/{}", what(one))))
    };
    let names = |package: &Package| match (id, file, &package.package_type) {
        (Some(id), _, _) => package.id == id,
        (None, Some(file), _) => package.files.iter().any(|one| one.id == file),
        (None, None, kind) if !link.contains(&format!("/packages/{}/", kind.name().split('_').next().unwrap())) => {
            false
        }
        (None, None, PackageType::Pypi) => {
            has_file(package, |one| format!("{}/{}", one.sha256.as_ref().unwrap(), one.file_name))
        }
        (None, None, PackageType::Npm) => {
            link.ends_with(&format!("/{}/-/{}-{}.tgz", package.name, package.name, version(package)))
        }
        (None, None, PackageType::Helm | PackageType::Rubygems) => has_file(package, |one| one.file_name.clone()),
        (None, None, _) => link.contains(&format!("/{}/{}/", package.name, version(package))),
    };
    packages.iter().copied().filter(|package| names(package)).collect()
}

#[test]
fn releases_name_packages_in_every_form_and_some_that_clean_ups_select() {
    let forms = [
        ("/-/packages/", 15),
        ("/-/package_files/", 10),
        ("/package_files/", 20),
        ("/packages/maven/", 1),
        ("/packages/generic/", 1),
        ("%2F", 3),
    ];
    for seed in [1, 2, 3, 42, 4711] {
        let registry = Registry::generate(PACKAGES, seed, start());
        let spared = newest_nightlies(&registry);
        let (mut links, mut shipped) = (Vec::new(), BTreeSet::new());
        for project in &registry.projects {
            let packages: Vec<_> =
                registry.packages.iter().filter(|package| package.project_id == project.id).collect();
            for release in &project.releases {
                assert!(release.released_at <= start());
                assert_eq!(release.links.len(), 2);
                let link = &release.links[0].url;
                let named = named(link, &packages);
                assert_eq!(named.len(), 1, "{link}");
                shipped.insert(named[0].id);
                links.push(link.clone());
            }
            assert!(project.releases_access_level == AccessLevel::Enabled || project.releases.is_empty());
        }
        for (form, least) in forms {
            let found = links.iter().filter(|link| link.contains(form)).count();
            assert!(found >= least, "seed {seed}: {found} links with {form}");
        }
        let doomed = registry.packages.iter().filter(|package| {
            let selects = CLEANUPS.iter().any(|(_, kind, selects)| {
                kind.as_ref().is_none_or(|kind| package.package_type == *kind) && selects(package)
            });
            selects && is_listed(package) && !spared.contains(&package.id) && shipped.contains(&package.id)
        });
        let doomed = doomed.count();
        println!("seed {seed}: {} links, {doomed} of them to packages that clean-ups select", links.len());
        assert!((5..=30).contains(&doomed), "{doomed}");
    }
    let registry = Registry::generate(PACKAGES, 1, start());
    let disabled = registry.projects.iter().filter(|one| one.releases_access_level == AccessLevel::Disabled);
    assert_eq!(disabled.count(), 2);
}

#[test]
fn nothing_is_later_than_the_start_or_older_than_its_package() {
    for packages in [0, 1, 2, 10, 200, PACKAGES] {
        let registry = Registry::generate(packages, 9, start());
        assert_eq!(registry.packages.len(), packages);
        let mut coordinates = BTreeSet::new();
        for package in &registry.packages {
            assert!(package.updated_at <= start() && package.created_at <= start());
            assert!(package.last_downloaded_at.is_none_or(|time| time >= package.created_at && time <= start()));
            assert!(package.files.iter().all(|file| file.created_at >= package.created_at));
            assert!(package.files.iter().all(|file| file.updated_at <= start()));
            let kind = package.package_type.name();
            let key = (package.project_id, kind, &package.name, &package.version);
            assert!(coordinates.insert(key), "{key:?} is there twice");
        }
    }
}

#[tokio::test]
async fn large_and_tiny_registries_can_be_served() {
    for packages in [0, 30, 25_000] {
        let server = Server::start(Registry::generate(packages, 3, start()), Options::default()).await.unwrap();
        assert_eq!(server.packages().len(), packages);
        assert_eq!(server.groups()[0], "acme");
        assert!(server.token().starts_with("glpat-sandbox"));
    }
}
