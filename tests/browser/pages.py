"""Holds the pages of a running gleaner against its JSON, as a browser shows them. See `run`."""

import json
import os
import sys
import urllib.parse

from driver import DIRECT, Browser

PHONE, DESK = (375, 812), (1200, 1500)

# Every figure of a page: its policy, its name in the JSON, its value, and the text that a reader sees.
FIGURES = """
return [...document.querySelectorAll('data[data-figure]')].map(
  (e) => [e.dataset.policy, e.dataset.figure, Number(e.value), e.textContent]);
"""

ROWS = """
return [...document.querySelectorAll('tr[data-id]')].map((row) => ({
  id: Number(row.dataset.id), verdict: row.dataset.verdict, reason: row.dataset.reason,
  version: row.querySelector('.version').textContent, why: row.querySelector('.why').textContent,
  bytes: row.querySelector('data') ? Number(row.querySelector('data').value) : null,
}));
"""

# The same of files.
FILE_ROWS = """
return [...document.querySelectorAll('tr[data-file]')].map((row) => ({
  id: Number(row.dataset.file), verdict: row.dataset.verdict, reason: row.dataset.reason,
  name: row.querySelector('.version').textContent, why: row.querySelector('.why').textContent,
  size: row.querySelector('data') ? Number(row.querySelector('data').value) : null,
}));
"""

# The texts whose colour is too near to what is behind them: less than 4.5 to 1.
FAINT = """
const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
const light = (colour) => parse(colour).slice(0, 3)
  .map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const behind = (element) => {
  for (let e = element; e; e = e.parentElement) {
    const colour = getComputedStyle(e).backgroundColor;
    if (parse(colour)[3] !== 0) return colour;
  }
  return 'rgb(255, 255, 255)';
};
return [...document.body.querySelectorAll('*')]
  .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
  .map((e) => {
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))];
    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), e.textContent];
  })
  .filter(([contrast]) => contrast < 4.5);
"""

# What a screen reader would miss.
UNTOLD = """
const untold = [];
if (document.querySelectorAll('h1').length !== 1) untold.push('one h1');
if (!document.documentElement.lang || !document.title) untold.push('language and title');
for (const table of document.querySelectorAll('table')) {
  if (!table.caption || !table.caption.textContent) untold.push('caption: ' + table.textContent.slice(0, 60));
  for (const th of table.querySelectorAll('th')) if (!th.scope) untold.push('scope: ' + th.textContent);
}
const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
if (new Set(ids).size !== ids.length) untold.push('ids are not unique');
for (const link of document.querySelectorAll('a[href^="#"]'))
  if (!document.getElementById(link.hash.slice(1))) untold.push('goes nowhere: ' + link.hash);
return untold;
"""

GROUND = "return getComputedStyle(document.body).backgroundColor"


def main():
    base = sys.argv[1].rstrip("/")
    folder = sys.argv[2] if len(sys.argv) > 2 else None
    with Browser() as browser:
        policies = check_status(browser, base)
        reports = [name for name in policies if exists(f"{base}/reports/{name}.json")]
        assert reports, "no policy has a report yet"
        for name in reports:
            check_report(browser, base, name)
        paths = ["/"] + [f"/reports/{name}.html" for name in reports]
        for path in paths:
            check_looks(browser, base + path)
        check_manners(browser, base)
        if folder:
            take_screenshots(browser, base, reports, folder)
    print(f"{len(policies)} policies and {len(reports)} reports are shown as the JSON has them")


def check_status(browser, base):
    """The figures of the status page. A cycle that ends meanwhile makes another try necessary."""
    for _ in range(5):
        browser.open(base + "/")
        names = browser.run("return [...document.querySelectorAll('section')].map((s) => s.id.replace('policy-', ''))")
        figures = browser.run(FIGURES)
        reports = {name: fetch(f"{base}/reports/{name}.json") for name in names if exists(f"{base}/reports/{name}.json")}
        browser.open(base + "/")
        if browser.run(FIGURES) == figures:
            break
    else:
        raise AssertionError("the status page never stood still")
    assert names, "the status page shows no policy"
    for name in names:
        link = browser.run("return !!document.querySelector(`a[href='/reports/${arguments[0]}.html']`)", name)
        assert link == (name in reports), f"{name}: the link to its report"
    for policy, figure, value, text in figures:
        if reports[policy]["status"] != "failed":
            check_figure(reports[policy], policy, figure, value, text)
    return names


def check_report(browser, base, name):
    for _ in range(5):
        report = fetch(f"{base}/reports/{name}.json", whole=True)
        browser.open(f"{base}/reports/{name}.html")
        if browser.run("return document.querySelector('header time').dateTime") == report["as_of"]:
            break
    else:
        raise AssertionError(f"{name}: the page is never of the same cycle as the JSON")
    policy = report["policies"][0]
    assert browser.run("return document.querySelector('section').dataset.status") == policy["status"], name
    figures = browser.run(FIGURES)
    for owner, figure, value, text in figures:
        assert owner == name
        check_figure(policy, name, figure, value, text)
    if policy["status"] == "failed":
        return
    shown = {figure for _, figure, _, _ in figures}
    missing = [path for path, value in numbers(policy) if value and path not in shown]
    assert not missing, f"{name}: the page lacks {missing}"
    rows = {row["id"]: row for row in browser.run(ROWS)}
    assert sorted(rows) == sorted(decision["id"] for decision in policy["decisions"]), f"{name}: the rows"
    for decision in policy["decisions"]:
        row = rows[decision["id"]]
        for field in ("verdict", "reason", "bytes"):
            assert row[field] == decision[field], f"{name} {decision['id']}: {field} {row[field]}"
        assert visible(row["version"]) == visible(decision["version"] or "(no version)"), row
        assert visible(decision["because"]) in visible(row["why"]), row
    rows = {row["id"]: row for row in browser.run(FILE_ROWS)}
    assert sorted(rows) == sorted(decision["id"] for decision in policy["file_decisions"]), f"{name}: the rows of files"
    for decision in policy["file_decisions"]:
        row = rows[decision["id"]]
        for field in ("verdict", "reason", "size"):
            assert row[field] == decision[field], f"{name} {decision['id']}: {field} {row[field]}"
        assert visible(row["name"]) == visible(decision["file_name"] or "(no name)"), row
        assert visible(decision["because"]) in visible(row["why"]), row


def check_figure(report, policy, figure, value, text):
    expected = report
    for part in figure.split("."):
        expected = expected[int(part)] if isinstance(expected, list) else expected[part]
    assert value == expected, f"{policy}: {figure} is {expected}, and the page has {value}"
    if not figure.endswith("bytes"):
        assert text.replace(",", "") == str(expected), f"{policy}: {figure} is {expected}, and the page shows {text}"


def numbers(part, path=""):
    """The figures of a report, by name. The decisions are looked at one by one."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key not in ("decisions", "file_decisions"):
                yield from numbers(value, f"{path}.{key}" if path else key)
    elif isinstance(part, list):
        for place, value in enumerate(part):
            yield from numbers(value, f"{path}.{place}")
    elif isinstance(part, int) and not isinstance(part, bool):
        yield path, part


def check_looks(browser, url):
    grounds = {}
    for scheme in ("light", "dark"):
        for size in (PHONE, DESK):
            browser.look(*size, scheme)
            browser.open(url)
            wide, inner = browser.run("return [document.scrollingElement.scrollWidth, innerWidth]")
            assert wide <= inner == size[0], f"{url}: {wide} wide in a window of {inner} ({size[0]})"
        faint = browser.run(FAINT)
        assert not faint, f"{url}, {scheme}: too faint: {faint[:5]}"
        grounds[scheme] = browser.run(GROUND)
    assert grounds["light"] != grounds["dark"], f"{url}: dark looks like light"
    untold = browser.run(UNTOLD)
    assert not untold, f"{url}: {untold}"
    assert browser.run("return document.scripts.length") == 0, f"{url} has a script"


def check_manners(browser, base):
    """Over everything that was opened: a clean console, and nothing asked of anybody else."""
    console = browser.console()
    assert not console, f"on the console: {console[:5]}"
    origin = urllib.parse.urlsplit(base)[:2]
    requested = browser.requested()
    # `chrome:` is the empty window's own page.
    foreign = [url for url in map(urllib.parse.urlsplit, requested) if url[:2] != origin]
    foreign = [url.geturl() for url in foreign if url.scheme not in ("data", "chrome")]
    assert not foreign, f"asked elsewhere: {foreign[:5]}"
    assert any(url.startswith(base) for url in requested), "the log of requests is empty, so it proves nothing"


def take_screenshots(browser, base, reports, folder):
    os.makedirs(folder, exist_ok=True)
    richest = max(reports, key=lambda name: len(fetch(f"{base}/reports/{name}.json")["decisions"]))
    for page, path in (("status", "/"), ("report", f"/reports/{richest}.html")):
        for look, size, scheme in (("light", DESK, "light"), ("dark", DESK, "dark"), ("phone", PHONE, "light")):
            browser.look(*size, scheme)
            browser.open(base + path)
            browser.screenshot(os.path.join(folder, f"{page}-{look}.png"))


def fetch(url, whole=False):
    with DIRECT.open(url, timeout=30) as answer:
        report = json.load(answer)
    return report if whole else report["policies"][0]


def exists(url):
    try:
        DIRECT.open(url, timeout=30).close()
        return True
    except OSError as error:
        if getattr(error, "code", None) == 404:
            return False
        raise


def visible(text):
    """Control characters are escaped on the page, and white space is as wide as it likes."""
    return " ".join(text.split())


main()
