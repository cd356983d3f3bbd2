"""Checks what the manifests and the chart render to: that they agree, are locked down, and fit together.

    manifests.py FOLDER

FOLDER holds what tests/deploy/run rendered: k-*.yaml from kustomize, h-*.yaml from Helm.
"""

import json
import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"

# Objects that a user brings along.
BROUGHT = {("Secret", "gleaner-token"), ("Secret", "gleaner-report-token")}


def main(folder):
    rendered = {path.stem: load(path) for path in sorted(Path(folder).glob("*.yaml"))}
    checks = 0
    problems = []
    for name, objects in rendered.items():
        for check in (locked_down, references, selectors, rules, dashboards):
            checks += 1
            problems += [f"{name}: {problem}" for problem in check(objects, name)]
    for check in (dashboard, runbook, policies, versions):
        checks += 1
        problems += check()
    checks += 1
    problems += agreement(rendered)
    for problem in problems:
        print(f"  {problem}")
    print(f"{len(rendered)} renderings, {sum(map(len, rendered.values()))} objects, {checks} checks, {len(problems)} problems")
    return 1 if problems else 0


def load(path):
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def pods(objects):
    """Every pod template, with the object that makes it."""
    for thing in objects:
        if thing["kind"] == "Deployment":
            yield thing, thing["spec"]["template"]
        elif thing["kind"] == "CronJob":
            yield thing, thing["spec"]["jobTemplate"]["spec"]["template"]


# --- Each rendering


def locked_down(objects, _):
    """The `restricted` pod security standard, and what it doesn't ask for."""
    for thing, template in pods(objects):
        spec = template["spec"]
        wanted = {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext.runAsNonRoot": True,
            "securityContext.runAsUser": 65532,
            "securityContext.runAsGroup": 65532,
            "securityContext.fsGroup": 65532,
            "securityContext.seccompProfile.type": "RuntimeDefault",
        }
        for container in spec["containers"]:
            inside = {
                "securityContext.allowPrivilegeEscalation": False,
                "securityContext.readOnlyRootFilesystem": True,
                "securityContext.capabilities": {"drop": ["ALL"]},
            }
            yield from (f"{thing['kind']}: {problem}" for problem in differences(container, inside))
            for part in ("requests", "limits"):
                if "memory" not in container["resources"].get(part, {}):
                    yield f"{thing['kind']}: no memory in resources.{part}"
            for mount in container["volumeMounts"]:
                if "subPath" in mount:
                    yield f"{thing['kind']}: {mount['name']} is mounted by subPath and would never be updated"
                if mount["name"] != "state" and not mount.get("readOnly"):
                    yield f"{thing['kind']}: {mount['name']} is writable"
            for variable in container["env"]:
                if "valueFrom" in variable:
                    yield f"{thing['kind']}: {variable['name']} comes from elsewhere; a token must be a file"
        yield from (f"{thing['kind']}: {problem}" for problem in differences(spec, wanted))
        for word in ("hostNetwork", "hostPID", "hostIPC", "initContainers"):
            if word in spec:
                yield f"{thing['kind']}: {word}"
        for volume in spec["volumes"]:
            if not {"configMap", "secret", "persistentVolumeClaim", "emptyDir"} & set(volume):
                yield f"{thing['kind']}: the volume {volume['name']} is of a kind that needs rights"
            if "secret" in volume and volume["secret"].get("defaultMode") != 0o440:
                yield f"{thing['kind']}: the token's file is not 0440"
        if thing["kind"] == "Deployment":
            if thing["spec"]["replicas"] != 1 or thing["spec"]["strategy"] != {"type": "Recreate"}:
                yield "Deployment: two daemons could run at the same time"
            if spec.get("terminationGracePeriodSeconds", 30) <= 60:
                yield "Deployment: the grace period is not longer than one request's time-out, 60 s"


def differences(thing, wanted):
    for path, value in wanted.items():
        found = thing
        for step in path.split("."):
            found = (found or {}).get(step)
        if found != value or isinstance(found, bool) != isinstance(value, bool):
            yield f"{path} is {found!r}, not {value!r}"


def references(objects, name):
    """What a pod refers to is rendered, too, or brought along."""
    here = {(thing["kind"], thing["metadata"]["name"]) for thing in objects}
    for thing, template in pods(objects):
        spec = template["spec"]
        wanted = {("ServiceAccount", spec["serviceAccountName"])}
        for volume in spec["volumes"]:
            if "configMap" in volume:
                wanted.add(("ConfigMap", volume["configMap"]["name"]))
            if "secret" in volume:
                wanted.add(("Secret", volume["secret"]["secretName"]))
            if "persistentVolumeClaim" in volume:
                wanted.add(("PersistentVolumeClaim", volume["persistentVolumeClaim"]["claimName"]))
        brought = BROUGHT | {
            ("h-full", "ConfigMap", "acme-ca"),
            ("h-full", "Secret", "gitlab-registry-cleaner"),
            ("h-report-only", "ConfigMap", "acme-retention"),
        }
        for kind, reference in wanted - here:
            if (kind, reference) not in brought and (name, kind, reference) not in brought:
                yield f"{thing['kind']} refers to {kind} {reference}, which nobody makes"
        mounted = {mount["name"] for container in spec["containers"] for mount in container["volumeMounts"]}
        if mounted != {volume["name"] for volume in spec["volumes"]}:
            yield f"{thing['kind']}: volumes and mounts differ"


def selectors(objects, _):
    """Services, policies and monitors select what they are for, and name ports that are there."""
    labels = {thing["kind"]: template["metadata"]["labels"] for thing, template in pods(objects)}
    of = lambda kind: [thing for thing in objects if thing["kind"] == kind]  # noqa: E731
    for deployment in of("Deployment"):
        if not fits(deployment["spec"]["selector"]["matchLabels"], labels["Deployment"]):
            yield "Deployment does not select its own pod"
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        listen = next(arg.rpartition(":")[2] for arg in container["args"] if arg.startswith("--listen="))
        if ports != {"admin": int(listen)}:
            yield f"the ports {ports} are not what it listens on, {listen}"
        for probe in ("livenessProbe", "readinessProbe"):
            if container[probe]["httpGet"]["port"] not in ports:
                yield f"{probe}: no such port"
        for service in of("Service"):
            spec = service["spec"]
            if not fits(spec["selector"], labels["Deployment"]) or spec["ports"][0]["targetPort"] not in ports:
                yield "the Service does not lead to the daemon"
            if "CronJob" in labels and fits(spec["selector"], labels["CronJob"]):
                yield "the Service leads to the report"
            for monitor in of("ServiceMonitor"):
                endpoint = monitor["spec"]["endpoints"][0]
                if not fits(monitor["spec"]["selector"]["matchLabels"], service["metadata"]["labels"]):
                    yield "the ServiceMonitor does not select the Service"
                if endpoint["port"] != spec["ports"][0]["name"]:
                    yield "the ServiceMonitor names another port"
                if service["metadata"]["labels"][monitor["spec"]["jobLabel"]] != "gleaner":
                    yield "`job` would not be gleaner, and the alerts go by it"
        for policy in of("NetworkPolicy"):
            for rule in policy["spec"].get("ingress") or []:
                if [port["port"] for port in rule["ports"]] != list(ports.values()):
                    yield f"NetworkPolicy {policy['metadata']['name']}: another port than the daemon's"
    if not labels:
        return
    for kind, pod in labels.items():
        closed = [
            policy["spec"]
            for policy in of("NetworkPolicy")
            if fits(policy["spec"]["podSelector"]["matchLabels"], pod) and "Egress" in policy["spec"]["policyTypes"]
        ]
        reach = sorted((port["protocol"], port["port"]) for spec in closed for rule in spec["egress"] for port in rule["ports"])
        if reach != [("TCP", 53), ("TCP", 443), ("UDP", 53)]:
            yield f"{kind}: its pod may reach {reach}"
        if any(not rule.get("to") for spec in closed for rule in spec["egress"]):
            yield f"{kind}: its pod may reach every address"


def fits(selector, labels):
    return all(labels.get(key) == value for key, value in selector.items())


def rules(objects, _):
    source = yaml.safe_load((DEPLOY / "monitoring/alerts.yaml").read_text())
    for thing in objects:
        if thing["kind"] == "PrometheusRule" and thing["spec"] != source:
            yield "the PrometheusRule is not deploy/monitoring/alerts.yaml; run deploy/monitoring/generate"


def dashboards(objects, _):
    source = json.loads((DEPLOY / "monitoring/dashboard.json").read_text())
    for thing in objects:
        if thing["kind"] == "ConfigMap" and thing["metadata"]["name"].endswith("-dashboard"):
            if json.loads(thing["data"]["gleaner.json"]) != source:
                yield "the dashboard is not deploy/monitoring/dashboard.json"
            if thing["metadata"]["labels"].get("grafana_dashboard") != "1":
                yield "Grafana's sidecar would not find the dashboard"


# --- kustomize and Helm


def agreement(rendered):
    """The chart, with nothing but the address and the policies given, is what the overlays are."""
    ours = {key(thing): thing for name in ("k-daemon", "k-report", "k-monitoring") for thing in rendered[name]}
    theirs = {key(thing): thing for thing in rendered["h-agree"]}
    for odd in sorted(set(ours) ^ set(theirs)):
        yield f"{' '.join(odd)} is rendered by {'kustomize' if odd in ours else 'helm'} alone"
    for both in sorted(set(ours) & set(theirs)):
        if both == ("ConfigMap", "gleaner-policies"):
            continue
        here, there = normal(ours[both]), normal(theirs[both])
        if here != there:
            yield f"{' '.join(both)} differs: {', '.join(apart(here, there))}"


def key(thing):
    return thing["kind"], thing["metadata"]["name"]


def normal(thing):
    """Without the labels that only Helm sets. Where an object stands and what tool made it is no difference."""
    if isinstance(thing, dict):
        helms = {"app.kubernetes.io/instance", "app.kubernetes.io/version", "app.kubernetes.io/managed-by", "helm.sh/chart"}
        return {name: normal(value) for name, value in thing.items() if name not in helms | {"namespace"}}
    if isinstance(thing, list):
        return [normal(item) for item in thing]
    return thing


def apart(here, there, path=""):
    if isinstance(here, dict) and isinstance(there, dict):
        for name in sorted(set(here) | set(there)):
            yield from apart(here.get(name), there.get(name), f"{path}.{name}")
    elif isinstance(here, list) and isinstance(there, list) and len(here) == len(there):
        for number, (one, other) in enumerate(zip(here, there, strict=True)):
            yield from apart(one, other, f"{path}[{number}]")
    elif here != there:
        yield f"{path} is {here!r} or {there!r}"


# --- The sources


def dashboard():
    board = json.loads((DEPLOY / "monitoring/dashboard.json").read_text())
    if board["uid"] != "gleaner" or board["schemaVersion"] < 36:
        yield "dashboard: uid or schemaVersion"
    ids = [panel["id"] for panel in board["panels"]]
    titles = [panel["title"] for panel in board["panels"]]
    if len(set(ids)) != len(ids) or len(set(titles)) != len(titles):
        yield "dashboard: an id or a title is used twice"
    taken = {}
    for panel in board["panels"]:
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                if x >= 24 or taken.setdefault((x, y), panel["title"]) != panel["title"]:
                    yield f"dashboard: {panel['title']} lies beyond the edge or on {taken.get((x, y))}"
        if panel["type"] == "row":
            continue
        sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
        if any(source != {"type": "prometheus", "uid": "${datasource}"} for source in sources):
            yield f"dashboard: {panel['title']} has a data source of its own"
        refs = [target["refId"] for target in panel["targets"]]
        if not refs or len(set(refs)) != len(refs):
            yield f"dashboard: the queries of {panel['title']}"
    known = {variable["name"] for variable in board["templating"]["list"]} | {"__rate_interval", "__all"}
    for variable in set(re.findall(r"\$\{?(\w+)", json.dumps(board))) - known:
        yield f"dashboard: no variable is named {variable}"


def runbook():
    groups = yaml.safe_load((DEPLOY / "monitoring/alerts.yaml").read_text())["groups"]
    alerts = [rule for group in groups for rule in group["rules"]]
    headings = re.findall(r"^## (Gleaner\w+)$", (ROOT / "docs/runbook.md").read_text(), re.MULTILINE)
    for name in sorted(set(headings) ^ {rule["alert"] for rule in alerts}):
        yield f"{name} is {'no alert' if name in headings else 'not in docs/runbook.md'}"
    tests = "".join(path.read_text() for path in (DEPLOY / "monitoring").glob("alerts_*test.yaml"))
    for rule in alerts:
        if rule["annotations"].get("runbook") != f"docs/runbook.md#{rule['alert'].lower()}":
            yield f"{rule['alert']}: its runbook annotation"
        if set(rule["annotations"]) != {"summary", "description", "runbook"}:
            yield f"{rule['alert']}: its annotations"
        if rule["labels"].get("severity") not in ("info", "warning", "critical"):
            yield f"{rule['alert']}: its severity"
        if f'alertname="{rule["alert"]}"' not in tests:
            yield f"{rule['alert']}: no test sees it fire"


def policies():
    generator = yaml.safe_load((ROOT / "policies/Kustomization").read_text())["configMapGenerator"][0]
    files = sorted(path.name for path in (ROOT / "policies").glob("*.yaml"))
    if sorted(generator["files"]) != files:
        yield "policies/Kustomization does not list the files of policies/"


def versions():
    version = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE).group(1)
    chart = yaml.safe_load((DEPLOY / "helm/gleaner/Chart.yaml").read_text())
    if str(chart["appVersion"]) != version:
        yield f"the chart's appVersion is {chart['appVersion']}, and gleaner is {version}"
    for path in sorted((DEPLOY / "kustomize/overlays").glob("*/*.yaml")):
        for tag in re.findall(r"image: gleaner:(\S+)|newTag: (\S+)", path.read_text()):
            if version not in tag:
                yield f"{path.name} runs {tag}, and gleaner is {version}"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
