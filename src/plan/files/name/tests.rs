use super::*;
use crate::package::{BuiltFrom, Downloaded, PackageId, PackageType, Permission, Project, ProjectId, Status};

fn package(package_type: PackageType, version: &str) -> Package {
    Package {
        id: PackageId(1),
        project: Project::unread(ProjectId(1), None),
        package_type,
        name: "com/acme/app".to_owned(),
        channel: None,
        version: Some(version.to_owned()),
        status: Status::Default,
        created_at: None,
        downloaded: Downloaded::Never,
        tags: None,
        built_from: BuiltFrom::NotListed,
        permission: Permission::Unknown,
        unreadable: None,
    }
}

/// The key of a file in a Maven package of this version: artifact and rest of a build, or the name.
fn key(version: &str, name: &str) -> (String, String) {
    match FileKey::of(&package(PackageType::Maven, version), name) {
        FileKey::Name(name) => (name.to_owned(), String::new()),
        FileKey::Builds { artifact, rest } => (artifact.to_owned(), rest.to_owned()),
    }
}

#[test]
fn the_builds_of_a_snapshot_are_told_apart_by_classifier_and_extension() {
    let table = [
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000-7.jar", "app", ".jar"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000-7.pom", "app", ".pom"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000-7.module", "app", ".module"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000-12345.jar", "app", ".jar"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000-7-sources.jar", "app", "-sources.jar"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000-7-javadoc.jar", "app", "-javadoc.jar"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000-7-test-sources.jar", "app", "-test-sources.jar"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000-7-bin.tar.gz", "app", "-bin.tar.gz"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000-7.tar.gz", "app", ".tar.gz"),
        // The version has dashes, dots and words of its own.
        ("33.0.0-jre-SNAPSHOT", "guava-33.0.0-jre-20231201.093012-4.jar", "guava", ".jar"),
        ("4.0.0-alpha-9-SNAPSHOT", "maven-core-4.0.0-alpha-9-20231030.111722-12.jar", "maven-core", ".jar"),
        (
            "4.1.105.Final-SNAPSHOT",
            "netty-epoll-4.1.105.Final-20240101.120000-3-linux-x86_64.jar",
            "netty-epoll",
            "-linux-x86_64.jar",
        ),
        ("1.2.0-login-4711-SNAPSHOT", "app-1.2.0-login-4711-20240101.120000-1.war", "app", ".war"),
        ("0.1.0+12-abc1234-SNAPSHOT", "app_2.13-0.1.0+12-abc1234-20240101.120000-1.jar", "app_2.13", ".jar"),
        // The artifact's name has the version in it, or what looks like a build.
        ("2.5-SNAPSHOT", "servlet-api-2.5-2.5-20240101.120000-1.jar", "servlet-api-2.5", ".jar"),
        ("1.0-SNAPSHOT", "app-1.0-1.0-1.0-20240101.120000-1.jar", "app-1.0-1.0", ".jar"),
        // Kotlin has an artifact for each target, and sbt leaves out what it was built for.
        ("1.0-SNAPSHOT", "lib-iosarm64-1.0-20240101.120000-2.klib", "lib-iosarm64", ".klib"),
        (
            "1.0-SNAPSHOT",
            "lib-1.0-20240101.120000-2-kotlin-tooling-metadata.json",
            "lib",
            "-kotlin-tooling-metadata.json",
        ),
        // Maven takes the word in any case, with any sign before it, or alone.
        ("1.0-snapshot", "app-1.0-20240101.120000-7.jar", "app", ".jar"),
        ("1.0.SNAPSHOT", "app-1.0.20240101.120000-7.jar", "app", ".jar"),
        ("SNAPSHOT", "app-20240101.120000-7.jar", "app", ".jar"),
        ("SNAPSHOT", "my-app-20240101.120000-7-sources.jar", "my-app", "-sources.jar"),
    ];
    for (version, name, artifact, rest) in table {
        assert_eq!(key(version, name), (artifact.to_owned(), rest.to_owned()), "{name} in {version}");
    }
}

#[test]
fn a_name_that_is_no_build_of_the_version_is_a_key_of_its_own() {
    let table = [
        // Releases, and snapshots without a number.
        ("1.0", "app-1.0.jar"),
        ("1.0", "app-1.0-20240101.120000-7.jar"),
        ("1.0-20240101.120000-7", "app-1.0-20240101.120000-7.jar"),
        ("1.0-SNAPSHOT", "app-1.0-SNAPSHOT.jar"),
        ("1.0-SNAPSHOT", "app-1.0-SNAPSHOT-sources.jar"),
        // Another version, or only a part of it.
        ("1.0-SNAPSHOT", "app-1.1-20240101.120000-7.jar"),
        ("1.0-SNAPSHOT", "app-11.0-20240101.120000-7.jar"),
        ("1.0-SNAPSHOT", "app-1.0.1-20240101.120000-7.jar"),
        // No time, no number, no extension, no artifact.
        ("1.0-SNAPSHOT", "app-1.0-20240101-7.jar"),
        ("1.0-SNAPSHOT", "app-1.0-2024010.120000-7.jar"),
        ("1.0-SNAPSHOT", "app-1.0-202401011.120000-7.jar"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.12000-7.jar"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.1200000-7.jar"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000.jar"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000-.jar"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000-7"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000-7."),
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000-7-.jar"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000-7-sources"),
        ("1.0-SNAPSHOT", "app-1.0-20240101.120000-7x.jar"),
        ("1.0-SNAPSHOT", "-1.0-20240101.120000-7.jar"),
        ("1.0-SNAPSHOT", "1.0-20240101.120000-7.jar"),
        ("1.0-SNAPSHOT", "app-1.0-٢٠٢٤٠١٠١.120000-7.jar"),
        ("1.0-SNAPSHOT", ""),
        ("-SNAPSHO", "app.jar"),
        ("ÄSNAPSHOT", "app-Ä.jar"),
    ];
    for (version, name) in table {
        assert_eq!(key(version, name), (name.to_owned(), String::new()), "{name} in {version}");
    }
    let generic = package(PackageType::Generic, "1.0-SNAPSHOT");
    let name = "app-1.0-20240101.120000-7.jar";
    assert_eq!(FileKey::of(&generic, name), FileKey::Name(name), "Maven alone names builds so");
}

#[test]
fn a_key_is_told_without_its_version() {
    let maven = package(PackageType::Maven, "1.0-SNAPSHOT");
    let key = FileKey::of(&maven, "app-1.0-20240101.120000-7-sources.jar");
    assert_eq!(key.to_string(), "app-sources.jar");
    assert_eq!(FileKey::of(&maven, "notes.txt").to_string(), "notes.txt");
}

#[test]
fn a_checksum_belongs_to_what_its_name_begins_with() {
    let table: [(&str, &[&str]); 9] = [
        ("app.jar", &[]),
        ("app.jar.md5", &["app.jar"]),
        ("app.jar.sha1", &["app.jar"]),
        ("app.jar.sha256", &["app.jar"]),
        ("app.jar.sha512", &["app.jar"]),
        ("app.jar.asc", &["app.jar"]),
        ("app.jar.asc.md5", &["app.jar.asc", "app.jar"]),
        ("checksums.sha256.txt", &[]),
        (".md5", &[]),
    ];
    for (name, expected) in table {
        assert_eq!(owners(name).collect::<Vec<_>>(), expected, "{name}");
    }
}

#[test]
fn metadata_has_checksums_too() {
    for name in ["maven-metadata.xml", "maven-metadata.xml.sha1", "maven-metadata.xml.asc.sha512"] {
        assert!(is_metadata(name), "{name}");
    }
    for name in ["maven-metadata.xml.gz", "app-maven-metadata.xml", "maven-metadata.json", "maven-metadata"] {
        assert!(!is_metadata(name), "{name}");
    }
}
