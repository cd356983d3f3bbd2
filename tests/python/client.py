#!/usr/bin/env python3
"""Lists and deletes packages of a running sandbox with the real python-gitlab client, and checks what is left.

    client.py URL TOKEN [GROUP]

URL and TOKEN are what the sandbox prints when it listens; GITLAB_URL and GITLAB_TOKEN do as well. It deletes, so it
refuses tokens that aren't a sandbox's. Exits with 1 and a line for each check that fails.
"""

import os
import sys

import gitlab

failures = []


def check(what, holds, detail=""):
    print(("ok      " if holds else "FAILED  ") + what + (f": {detail}" if detail and not holds else ""))
    if not holds:
        failures.append(what)


def status_of(call):
    """The status of a refused request, or None where it succeeded."""
    try:
        call()
    except gitlab.exceptions.GitlabError as error:
        return error.response_code
    return None


def check_listings(group):
    """Every way of paging yields the same rows, once each. Returns them."""
    by_iterator = list(group.packages.list(iterator=True, per_page=100))
    ids = [package.id for package in by_iterator]
    check("the iterator yields rows", len(ids) > 20, str(len(ids)))
    check("every row comes once", len(ids) == len(set(ids)))
    check("all pages yield the same rows", [package.id for package in group.packages.list(get_all=True)] == ids)

    # A client that follows `Link` and one that counts pages have to meet.
    by_number, page = [], 1
    while rows := group.packages.list(page=page, per_page=50, get_all=False):
        by_number += [package.id for package in rows]
        page += 1
    check("page numbers lead to the same rows", by_number == ids)

    first = group.packages.list(iterator=True, per_page=7)
    check("the total is that of the rows", first.total == len(ids), f"{first.total} and {len(ids)}")
    check("so are the pages", first.total_pages == -(-len(ids) // 7))

    newest = group.packages.list(order_by="created_at", sort="desc", per_page=100, get_all=False)
    dates = [package.created_at for package in newest]
    check("the newest come first", dates == sorted(dates, reverse=True))
    types = {package.package_type for package in by_iterator}
    check("the listing has many types", {"maven", "npm", "pypi", "generic", "conan"} <= types, str(types))
    check("terraform modules have to be asked for", "terraform_module" not in types)
    check("and then they come", len(group.packages.list(package_type="terraform_module", get_all=True)) > 0)
    for package_type in sorted(types):
        expected = [package.id for package in by_iterator if package.package_type == package_type]
        rows = group.packages.list(package_type=package_type, iterator=True, per_page=100)
        check(f"the filter finds every {package_type} package", [package.id for package in rows] == expected)
    maven = group.packages.list(package_type="maven", include_versionless=True, get_all=True)
    check("versionless packages have to be asked for", any(package.version is None for package in maven))
    check("a wrong parameter is refused", status_of(lambda: group.packages.list(package_type="x", get_all=False)) == 400)
    return by_iterator


def check_projects(client, group, rows):
    """The listings of the projects add up to the group's."""
    projects = group.projects.list(include_subgroups=True, iterator=True, per_page=100)
    ids = []
    for project in projects:
        packages = client.projects.get(project.id, lazy=True).packages
        ids += [package.id for package in packages.list(iterator=True, per_page=100)]
    check("the projects' packages are the group's", sorted(ids) == sorted(package.id for package in rows))


def check_deletion(client, group, rows):
    """A deleted package leaves the listings at once, and a deleted file its package's."""
    doomed = next(row for row in rows if row.status == "default" and row.package_type == "generic")
    project = client.projects.get(doomed.project_id)
    package = project.packages.get(doomed.id)
    check("a single package says more", isinstance(package.versions, list))
    package.delete()
    check("a deleted package is gone", status_of(lambda: project.packages.get(doomed.id)) == 404)
    check("a second deletion finds nothing", status_of(lambda: project.packages.delete(doomed.id)) == 404)
    left = [row.id for row in group.packages.list(iterator=True, per_page=100)]
    check("everything else is still listed", left == [row.id for row in rows if row.id != doomed.id])
    pending = group.packages.list(status="pending_destruction", iterator=True, per_page=100)
    check("it waits for its destruction", doomed.id in [row.id for row in pending])

    snapshots = [row for row in rows if (row.version or "").endswith("-SNAPSHOT") and row.status == "default"]
    for snapshot in snapshots:
        package = client.projects.get(snapshot.project_id).packages.get(snapshot.id)
        files = package.package_files.list(iterator=True, per_page=3)
        files = list(files)
        if len(files) > 3:
            break
    check("snapshots have many files", len(files) > 3)
    files[0].delete()
    left = [file.id for file in package.package_files.list(get_all=True)]
    check("a deleted file is gone, and no other", left == [file.id for file in files[1:]])
    check("its package stays", status_of(lambda: client.projects.get(snapshot.project_id).packages.get(snapshot.id)) is None)


def check_pipelines(client, rows):
    """The one listing with keyset pagination."""
    for row in rows:
        if getattr(row, "pipeline", None) and row.status == "default":
            project = client.projects.get(row.project_id, lazy=True)
            pipelines = project.packages.get(row.id).pipelines.list(iterator=True, per_page=1)
            ids = [pipeline.id for pipeline in pipelines]
            if len(ids) > 1:
                break
    check("pipelines come by cursor, the newest first", len(ids) > 1 and ids == sorted(ids, reverse=True), str(ids))
    check("the listing shows the newest", row.pipeline["id"] == ids[0])


def check_protection(client, rows):
    """What a rule protects can't be deleted by a maintainer."""
    protected = next(row for row in rows if row.name == "@acme/eslint-config" and row.status == "default")
    project = client.projects.get(protected.project_id, lazy=True)
    check("a protected package is refused", status_of(lambda: project.packages.delete(protected.id)) == 403)
    check("and stays", status_of(lambda: project.packages.get(protected.id)) is None)


def main():
    arguments = sys.argv[1:]
    url = arguments[0] if arguments else os.environ["GITLAB_URL"]
    token = arguments[1] if len(arguments) > 1 else os.environ["GITLAB_TOKEN"]
    if not token.startswith("glpat-sandbox"):
        sys.exit("this script deletes packages, and that is no sandbox's token")
    client = gitlab.Gitlab(url, private_token=token)
    client.auth()
    check("the server tells its version", client.version()[0] != "unknown")
    check("the token knows itself", "api" in client.personal_access_tokens.get("self").scopes)
    group = client.groups.get(arguments[2] if len(arguments) > 2 else "acme")

    rows = check_listings(group)
    check_projects(client, group, rows)
    check_pipelines(client, rows)
    check_protection(client, rows)
    check_deletion(client, group, rows)
    wrong = gitlab.Gitlab(url, private_token="wrong")
    check("a wrong token is refused", status_of(lambda: wrong.groups.get("acme")) == 401)
    anonymous = gitlab.Gitlab(url)
    check("a private group is hidden from others", status_of(lambda: anonymous.groups.get("acme")) == 404)

    if failures:
        sys.exit(f"{len(failures)} checks failed")
    print(f"all checks hold over {len(rows)} packages")


main()
