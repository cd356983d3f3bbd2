"""Lets a real Prometheus scrape a running daemon, and evaluates every alert and every query of the dashboard against it.

    prometheus.py 127.0.0.1:9090

Fails where an expression can't be evaluated, a query of the dashboard comes back empty without a reason that is written
down here, or a metric is named that neither docs/metrics.md nor the daemon knows.
"""

import json
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "deploy/monitoring/alerts.yaml"
DASHBOARD = ROOT / "deploy/monitoring/dashboard.json"
PAGE = ROOT / "docs/metrics.md"

# Panels that may have nothing to show, and why.
MAY_BE_EMPTY = {
    "Refusals, by limit": "shows only limits that refused something",
    "Deleted, by type": "no series before the first deletion",
    "Deletions, by outcome": "no series before the first deletion",
}

# Metrics that alerts go by and that are there only where a policy asks for them.
MAY_BE_ABSENT = {
    "gleaner_grace_seconds": "no policy here has a grace",
    "gleaner_waiting_since_timestamp_seconds": "nothing waits under a grace",
}

# What Grafana puts in place of its variables.
VARIABLES = {"$__rate_interval": "10s", "$__interval": "10s", "$__range": "1h", "$job": ".*", "$policy": ".*"}

PATIENCE = 60


def main(target):
    with tempfile.TemporaryDirectory() as folder, Prometheus(Path(folder), target) as prometheus:
        prometheus.until("a scrape", 'up{job="gleaner"} == 1')
        prometheus.until("samples for a rate", 'count_over_time(up{job="gleaner"}[10s]) >= 3')
        problems = [*alerts(prometheus), *panels(prometheus), *names(target)]
    for problem in problems:
        print(f"  {problem}")
    return 1 if problems else 0


def alerts(prometheus):
    groups = prometheus.until_evaluated()
    rules = [rule for group in groups for rule in group["rules"]]
    print(f"{len(rules)} alerts evaluated")
    for rule in rules:
        if rule["health"] != "ok":
            yield f"alert {rule['name']}: {rule['health']} {rule.get('lastError', '')}"
        _, problem = prometheus.query(rule["query"])
        if problem:
            yield f"alert {rule['name']}: {problem}"
        # An alert that is silent because it asks for what is never there looks like one that is content.
        for selector in re.findall(r"\b(?:gleaner_\w+|up)(?:\{[^}]*\})?", rule["query"]):
            if selector.partition("{")[0] not in MAY_BE_ABSENT and not prometheus.query(selector)[0]:
                yield f"alert {rule['name']}: there is no {selector}"
    firing = sorted({rule["name"] for rule in rules if rule["state"] == "firing"})
    print(f"firing: {', '.join(firing) or 'none'}")


def panels(prometheus):
    dashboard = json.loads(DASHBOARD.read_text())
    queries = list(dashboard_queries(dashboard))
    empty = set()
    for title, query in queries:
        result, problem = prometheus.query(query)
        if problem:
            yield f"panel {title}: {problem}\n    {query}"
        elif not result:
            empty.add(title)
            if title not in MAY_BE_EMPTY:
                yield f"panel {title}: no result\n    {query}"
    print(f"{len(queries)} queries of the dashboard evaluated; empty: {', '.join(sorted(empty)) or 'none'}")
    for variable in dashboard["templating"]["list"]:
        if variable["type"] != "query":
            continue
        selector, label = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["definition"]).groups()
        values = prometheus.get(f"/api/v1/label/{label}/values", {"match[]": substituted(selector)})
        if not values:
            yield f"variable {variable['name']}: no values"


def dashboard_queries(dashboard):
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            yield panel["title"], substituted(target["expr"])


def substituted(query):
    for variable, value in VARIABLES.items():
        query = query.replace(variable, value)
    if "$" in query:
        sys.exit(f"a variable that this check doesn't know: {query}")
    return query


def names(target):
    with urllib.request.urlopen(f"http://{target}/metrics", timeout=10) as answer:
        scraped = answer.read().decode()
    checked = subprocess.run(["promtool", "check", "metrics"], input=scraped, text=True, capture_output=True, check=False)
    if checked.returncode != 0:
        yield f"promtool check metrics: {checked.stdout}{checked.stderr}"
    known = set(re.findall(r"^# TYPE (\S+)", scraped, re.MULTILINE))
    if PAGE.exists():
        known |= set(re.findall(r"`((?:gleaner|process)_\w+)`", PAGE.read_text()))
    else:
        print("skipped: there is no docs/metrics.md to compare with")
    told = ALERTS.read_text() + "".join(query for _, query in dashboard_queries(json.loads(DASHBOARD.read_text())))
    used = set(re.findall(r"\b(?:gleaner|process)_\w+", told))
    for name in sorted(used):
        if name not in known and re.sub(r"_(bucket|sum|count)$", "", name) not in known:
            yield f"{name}: not a metric of gleaner's"
    print(f"{len(used)} metrics named, {len(known)} known")


class Prometheus:
    """A Prometheus of its own, in a folder that goes away with it."""

    def __init__(self, folder, target):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        self.url = f"http://{address}"
        self.log = folder / "log"
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(ALERTS)],
            "scrape_configs": [{"job_name": "gleaner", "static_configs": [{"targets": [target]}]}],
        }
        (folder / "prometheus.yml").write_text(json.dumps(config))
        self.process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={address}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=self.log.open("w"),
        )

    def __enter__(self):
        # It listens for a while before it answers queries.
        self.poll("Prometheus", lambda: urllib.request.urlopen(f"{self.url}/-/ready", timeout=10).close() or True)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def get(self, path, parameters=None):
        query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
        with urllib.request.urlopen(f"{self.url}{path}{query}", timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        """The result, and what is wrong with the expression."""
        try:
            return self.get("/api/v1/query", {"query": expression})["result"], None
        except urllib.error.HTTPError as error:
            return [], json.load(error)["error"]

    def until(self, what, expression):
        self.poll(what, lambda: self.query(expression)[0])

    def until_evaluated(self):
        def evaluated():
            groups = self.get("/api/v1/rules")["groups"]
            done = groups and all(rule["health"] != "unknown" for group in groups for rule in group["rules"])
            return groups if done else None

        return self.poll("the alerts to be evaluated", evaluated)

    def poll(self, what, ready):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                sys.exit(f"prometheus ended:\n{self.log.read_text()}")
            try:
                if found := ready():
                    return found
            except OSError:
                pass  # It does not listen yet.
            time.sleep(0.1)
        sys.exit(f"waited {PATIENCE} s for {what}, in vain:\n{self.log.read_text()}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
