"""Holds the manifests against the binary: flags, policies, probes and port, environment; then Prometheus against the daemon.

    binary.py BINARY FOLDER

FOLDER holds what tests/deploy/run rendered.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from manifests import ROOT, load, pods

# Where the image and the manifests have things, and what has to be there.
POLICIES, STATE, TOKEN, LISTEN = "/etc/gleaner/policies", "/var/lib/gleaner", "/etc/gleaner/token/token", "0.0.0.0:9090"
PATIENCE = 120


def main(binary, folder):
    binary = str(Path(binary).resolve())
    rendered = {path.stem: load(path) for path in sorted(Path(folder).glob("*.yaml"))}
    problems = [*policies(binary, rendered)]
    if " serve " not in told(binary, "--help"):
        print("SKIPPED: this gleaner has no `serve`")
        if os.environ.get("GLEANER_REQUIRE_TOOLS") == "1":
            problems.append("this is not to be skipped here")
    else:
        problems += [*flags(binary, rendered), *running(binary, rendered)]
    for problem in problems:
        print(f"  {problem}")
    return 1 if problems else 0


def told(binary, *arguments):
    return subprocess.run([binary, *arguments], capture_output=True, text=True, check=True).stdout


def containers(rendered):
    for name, objects in rendered.items():
        for thing, template in pods(objects):
            yield f"{name} {thing['kind']}", template["spec"]["containers"][0]


def policies(binary, rendered):
    """Every ConfigMap of policies is a set that `gleaner check` takes."""
    count = 0
    for name, objects in rendered.items():
        for thing in objects:
            if thing["kind"] != "ConfigMap" or not thing["metadata"]["name"].endswith("-policies"):
                continue
            with tempfile.TemporaryDirectory() as folder:
                for file, text in thing["data"].items():
                    (Path(folder) / file).write_text(text)
                done = subprocess.run([binary, "check", folder], capture_output=True, text=True, check=False)
            count += 1
            if done.returncode != 0:
                yield f"{name}: invalid policies:\n{done.stdout}{done.stderr}"
    print(f"{count} sets of policies checked")


def flags(binary, rendered):
    """Every flag and variable of the manifests is one that the binary tells of in its help, and it takes them together."""
    used = set()
    for name, container in containers(rendered):
        with tempfile.TemporaryDirectory() as folder:
            # There is no policy, so it ends at once; a complaint about its usage would come before.
            (Path(folder) / "policies").mkdir()
            arguments = command(binary, container, Path(folder), "127.0.0.1:0")
            done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
        if "For more information, try" in done.stderr or done.returncode != 2:
            yield f"{name}: {' '.join(container['args'])} ends with {done.returncode}: {done.stderr}"
        verb = container["args"][0]
        page = told(binary, verb, "--help")
        for argument in container["args"][1:]:
            flag = argument.partition("=")[0]
            if flag.startswith("--"):
                used.add(f"{verb} {flag}")
                if not re.search(rf"^ +(-\w, )?{flag}\b", page, re.MULTILINE):
                    yield f"{name}: `gleaner {verb}` has no {flag}"
        for variable in container["env"]:
            used.add(f"{verb} {variable['name']}")
            if variable["name"] not in page:
                yield f"{name}: `gleaner {verb}` reads no {variable['name']}"
    print(f"in the manifests: {', '.join(sorted(used))}")


def running(binary, rendered):
    """What the daemon's overlay runs, with the paths and the address put elsewhere and nothing else changed."""
    with tempfile.TemporaryDirectory() as folder, sandbox(binary) as gitlab:
        folder = Path(folder)
        shutil.copytree(ROOT / "policies", folder / "policies")
        (folder / "token").write_text(gitlab["token"])

        daemon = dict(containers(rendered))["k-daemon Deployment"]
        with serving(binary, daemon, folder, gitlab) as (process, address):
            for probe in ("livenessProbe", "readinessProbe"):
                path = daemon[probe]["httpGet"]["path"]
                if not answers(process, f"http://{address}{path}"):
                    yield f"{probe}: {path} did not answer 200 within {PATIENCE} s"
            monitor = next(thing for thing in rendered["k-monitoring"] if thing["kind"] == "ServiceMonitor")
            path = monitor["spec"]["endpoints"][0]["path"]
            if "gleaner_build_info" not in (answers(process, f"http://{address}{path}") or ""):
                yield f"ServiceMonitor: {path} shows no metrics"
            print(f"the daemon's arguments run, and {address} answers its probes")
            yield from ended(process, rendered)

        report = dict(containers(rendered))["k-report CronJob"]
        done = subprocess.run(command(binary, report, folder, ""), env=environment(report, folder, gitlab), capture_output=True, text=True, check=False)
        if done.returncode != 0 or "would go" not in done.stdout:
            yield f"the report ended with {done.returncode}: {done.stderr}"
        print("the report's arguments run")
        yield from note(binary, folder, gitlab)

        # Once more with everything that moves a metric, for Prometheus.
        shutil.rmtree(folder / "state", ignore_errors=True)
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        (folder / "policies" / "in-use.txt").write_text(f"# as of {now}\npkg:generic/nothing\n")
        protection = "version: 1\nprotect: [{ from: in-use.txt, max_age: 2d }]\n"
        (folder / "policies" / "in-use.yaml").write_text(protection)
        busy = {**daemon, "args": [*daemon["args"], "--execute", "--no-rehearsal", "--run-on-start"]}
        with serving(binary, busy, folder, gitlab) as (process, address):
            if not answers(process, f"http://{address}/metrics", cycles_ended(folder / "policies")):
                yield f"not every policy had a cycle within {PATIENCE} s"
            done = subprocess.run([sys.executable, ROOT / "tests/deploy/prometheus.py", address], check=False)
            if done.returncode != 0:
                yield "prometheus.py failed"
            yield from ended(process, rendered)


def note(binary, folder, gitlab):
    """What the CI template runs, as it runs it."""
    call = 'gleaner plan "$@" --output markdown'
    if call not in (ROOT / "deploy/gitlab-ci.yml").read_text():
        yield f"the CI template no longer runs {call}"
    arguments = [binary, "plan", folder / "policies/maven-snapshots.yaml", "--output", "markdown"]
    variables = {"CI_SERVER_URL": gitlab["url"], "GITLAB_TOKEN": gitlab["token"]}
    done = subprocess.run(arguments, env=variables, capture_output=True, text=True, check=False)
    if done.returncode != 0 or "maven-snapshots" not in done.stdout or "|" not in done.stdout:
        yield f"the CI template's plan ended with {done.returncode}: {done.stderr}"
    print(f"the CI template's plan runs, and its note has {len(done.stdout)} characters")


def cycles_ended(folder):
    scheduled = [path.stem for path in folder.glob("*.yaml") if "\nschedule:" in path.read_text()]

    def seen(text):
        ended = re.findall(r'^gleaner_cycles_total\{.*policy="([^"]+)".*\} [1-9]', text, re.MULTILINE)
        return set(scheduled) <= set(ended)

    return seen


@contextmanager
def sandbox(binary):
    # A limit that nobody reaches, so that GitLab tells what is left of it.
    process = subprocess.Popen([binary, "sandbox", "--rate-limit", "100000/60s"], stdout=subprocess.PIPE, text=True)
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


@contextmanager
def serving(binary, container, folder, gitlab):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    arguments = command(binary, container, folder, address)
    process = subprocess.Popen(arguments, env=environment(container, folder, gitlab), stderr=(folder / "log").open("w"))
    try:
        yield process, address
    finally:
        process.kill()
        process.wait()


def command(binary, container, folder, address):
    """The container's arguments; what is beyond this machine is put elsewhere."""
    places = {POLICIES: str(folder / "policies"), STATE: str(folder / "state"), LISTEN: address}
    arguments = []
    for argument in container["args"]:
        for place, here in places.items():
            argument = argument.replace(place, here)
        arguments.append(argument)
    return [binary, *arguments]


def environment(container, folder, gitlab):
    values = {"GITLAB_URL": gitlab["url"], "GITLAB_TOKEN_FILE": str(folder / "token")}
    given = {variable["name"]: variable["value"] for variable in container["env"]}
    if given.get("GITLAB_TOKEN_FILE") != TOKEN:
        sys.exit(f"GITLAB_TOKEN_FILE is not {TOKEN}")
    return {name: values[name] for name in given if name in values}


def answers(process, url, enough=lambda _: True):
    """The body of the first 200 that is enough."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                text = answer.read().decode()
                if enough(text):
                    return text
        except (urllib.error.URLError, OSError):
            pass  # Not listening, or not ready yet.
        time.sleep(0.1)
    return None


def ended(process, rendered):
    """It ends by itself, and well, within the grace period."""
    template = next(template for _, template in pods(rendered["k-daemon"]))
    grace = template["spec"]["terminationGracePeriodSeconds"]
    process.send_signal(signal.SIGTERM)
    try:
        code = process.wait(timeout=grace)
    except subprocess.TimeoutExpired:
        yield f"it did not end within {grace} s of SIGTERM"
        return
    if code != 0:
        yield f"it ended with {code} after SIGTERM"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
