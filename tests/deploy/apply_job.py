"""Holds deploy/gitlab-ci-apply.yml to what it says, and runs its script with the binary against a sandbox.

    apply_job.py BINARY

One pipeline at a time; the journal is kept whatever becomes of the job, and the next run goes on with it; it names the
revision of the policies; and no token is in the log.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from ci_scripts import blocks

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "deploy/gitlab-ci-apply.yml"
POLICY = """version: 1
mode: delete
scope: { group: acme }
delete: [{ older_than: 200d, not_downloaded_for: 200d }]
limits: { max_percent: 100, max_percent_per_project: 100, max_deletions: 10000 }
"""


def settings(job):
    """What is wrong with the job's keys."""
    if job.get("resource_group") != "gleaner-apply" or job.get("interruptible") is not False:
        yield "two pipelines may delete at once, or one is broken off"
    kept = job.get("artifacts", {})
    if kept.get("when") != "always" or ".gleaner/journal" not in kept.get("paths", []):
        yield "the journal is no artifact of every job"
    cache = job.get("cache", {})
    if cache.get("when") != "always" or cache.get("paths") != [".gleaner"]:
        yield "the next run doesn't go on with the journal"
    if job.get("variables", {}).get("GLEANER_REVISION") != "$CI_COMMIT_SHA":
        yield "the journal names no revision"


def running(binary):
    """Runs the job twice, and reads its journal."""
    sandbox = subprocess.Popen([binary, "sandbox", "--rate-limit", "100000/60s"], stdout=subprocess.PIPE, text=True)
    try:
        gitlab = json.loads(sandbox.stdout.readline())
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            (folder / "policies").mkdir()
            (folder / "policies/old.yaml").write_text(POLICY)
            (folder / "bin").mkdir()
            (folder / "bin/gleaner").symlink_to(binary)
            variables = {
                "PATH": f"{folder}/bin:{os.environ['PATH']}",
                "CI_SERVER_URL": gitlab["url"],
                "GLEANER_DELETE_TOKEN": gitlab["token"],
                "GLEANER_POLICIES": "policies",
                "GLEANER_REVISION": "9c1f3a77",
            }
            script = "\n".join(block for _, block in blocks(TEMPLATE))
            for _ in range(2):
                done = subprocess.run(["sh", "-euc", script], cwd=folder, env=variables, capture_output=True, text=True, check=False)
                # Some of it is protected in that GitLab, so the job tells that not everything went.
                if done.returncode not in (0, 3):
                    yield f"the job ended with {done.returncode}: {done.stderr}"
                if gitlab["token"] in done.stdout + done.stderr:
                    yield "the token is in the log"
            files = [*(folder / ".gleaner/journal").glob("*/journal-*.jsonl")]
            lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
            runs = [line for line in lines if line["kind"] == "run"]
            if len(runs) != 2 or any(line["revision"] != "9c1f3a77" for line in runs):
                yield f"the journal is not one of both runs, or names no revision: {runs}"
            deleted = sum(line["kind"] == "ended" and line["outcome"] == "deleted" for line in lines)
            told = subprocess.run([binary, "history", "--journal", ".gleaner/journal", "--output", "json"], cwd=folder, capture_output=True, text=True, check=False)
            if deleted == 0 or told.returncode != 0 or len(json.loads(told.stdout)["deletions"]) < deleted:
                yield f"history doesn't tell of {deleted} deletions: {told.stderr}"
            print(f"the job of the CI template deletes: its journal has {deleted} deletions of {len(runs)} runs")
    finally:
        sandbox.terminate()
        sandbox.wait()


if __name__ == "__main__":
    job = yaml.safe_load(TEMPLATE.read_text())["gleaner-apply"]
    problems = [*settings(job), *running(str(Path(sys.argv[1]).resolve()))]
    for problem in problems:
        print(f"FAILED: {problem}")
    sys.exit(bool(problems))
