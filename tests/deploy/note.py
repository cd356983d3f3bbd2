"""Runs the jobs of deploy/gitlab-ci.yml in a repository of their own, with a stand-in for gleaner and one for GitLab's notes.

One note for a merge request, brought up to date and not added; the policies that were changed and what bears on all; the
exit code of the plan; and no token in the log.
"""

import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from ci_scripts import blocks

ROOT = Path(__file__).resolve().parents[2]
READ, NOTE, JOB = "glpat-read-4711", "glpat-note-0815", "glcbt-job-1234"
MARK = "<!-- gleaner: plan -->"

# Says how it was called, and with which token.
GLEANER = """#!/bin/sh
echo "$*" >> "$TRACE"
if [ "$GITLAB_TOKEN" != glpat-read-4711 ]; then echo "the wrong token" >> "$TRACE"; fi
printf '| policy | "would go" |\\n'
exit "${PLAN_CODE:-0}"
"""


class Notes(http.server.BaseHTTPRequestHandler):
    """Pages of two notes."""

    notes = []
    requests = []
    # What last night's job left, if it ran.
    nightly = None

    def reply(self, status, value, headers=()):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def handle_one(self, method):
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length)) if length else None
        url = urlsplit(self.path)
        if url.path == "/api/v4/projects/7/jobs/artifacts/main/raw/gleaner-nightly.json":
            is_ours = self.headers["JOB-TOKEN"] == JOB and url.query == "job=gleaner-nightly" and Notes.nightly is not None
            return self.reply(200, Notes.nightly) if is_ours else self.reply(404, {})
        if self.headers["PRIVATE-TOKEN"] != NOTE or not url.path.startswith("/api/v4/projects/7/merge_requests/3/notes"):
            return self.reply(401, {})
        self.requests.append(method)
        if method == "GET":
            page = int(parse_qs(url.query)["page"][0])
            shown = self.notes[2 * page - 2 : 2 * page]
            following = str(page + 1) if len(self.notes) > 2 * page else ""
            return self.reply(200, shown, [("X-Next-Page", following)])
        if method == "POST":
            note = {"id": 100 + len(self.notes), "body": body["body"], "system": False}
            self.notes.append(note)
            return self.reply(201, note)
        note = next(note for note in self.notes if str(note["id"]) == url.path.rpartition("/")[2])
        note["body"] = body["body"]
        return self.reply(200, note)

    def do_GET(self):
        self.handle_one("GET")

    def do_POST(self):
        self.handle_one("POST")

    def do_PUT(self):
        self.handle_one("PUT")

    def log_message(self, *_):
        pass


class World:
    def __init__(self, folder, url):
        self.repository = folder / "repository"
        self.trace = folder / "trace"
        tools = folder / "tools"
        tools.mkdir()
        (tools / "gleaner").write_text(GLEANER)
        (tools / "gleaner").chmod(0o755)
        self.environment = {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "HOME": str(folder),
            "TRACE": str(self.trace),
            "GLEANER_POLICIES": "policies",
            "GLEANER_READ_TOKEN": READ,
            "GLEANER_NOTE_TOKEN": NOTE,
            "CI_API_V4_URL": f"{url}/api/v4",
            "CI_PROJECT_ID": "7",
            "CI_JOB_TOKEN": JOB,
            "CI_DEFAULT_BRANCH": "main",
            "CI_MERGE_REQUEST_IID": "3",
            "CI_COMMIT_SHORT_SHA": "c0ffee",
            "CI_JOB_URL": "https://gitlab.example/job/1",
        }
        (self.repository / "policies").mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit({"maven.yaml": "delete: []", "npm.yaml": "delete: []", "hold.yaml": "protect: []", "cases/old.yaml": "cases: []"})
        self.base = self.git("rev-parse", "HEAD").strip()

    def git(self, *arguments):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        return subprocess.run(["git", *identity, *arguments], cwd=self.repository, check=True, capture_output=True, text=True).stdout

    def commit(self, files):
        for name, text in files.items():
            path = self.repository / f"policies/{name}"
            path.parent.mkdir(exist_ok=True)
            path.unlink() if text is None else path.write_text(f"version: 1\n{text}\n")
        self.git("add", "--all", "policies")
        self.git("commit", "--quiet", "--message", "change")

    def run(self, files, **more):
        """Runs the job on a merge request with this change: how gleaner was called, the exit code, and the log."""
        self.git("checkout", "--quiet", "--detach", self.base)
        self.commit(files)
        self.git("clean", "--quiet", "--force", "-x")
        self.trace.write_text("")
        environment = {**self.environment, "CI_MERGE_REQUEST_DIFF_BASE_SHA": self.base, **more}
        # A runner joins the blocks of a job into one script that ends at the first failure; an `exit` ends all of it.
        script = "\n".join(block for name, block in blocks(ROOT / "deploy/gitlab-ci.yml") if name.startswith("gleaner-plan"))
        done = subprocess.run(["sh", "-c", script], cwd=self.repository, env=environment, capture_output=True, text=True, check=False)
        log, code = done.stdout + done.stderr, done.returncode
        assert READ not in log and NOTE not in log and JOB not in log, f"a token is in the log:\n{log}"
        return self.trace.read_text().splitlines(), code, log


def main(folder):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Notes)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    world = World(Path(folder), f"http://127.0.0.1:{server.server_port}")
    ours = lambda: [note["body"] for note in Notes.notes if note["body"].startswith(MARK)]  # noqa: E731

    # Somebody has said things before, and quotes our mark.
    Notes.notes += [{"id": n, "body": f"hello {MARK}", "system": n == 2} for n in range(1, 6)]

    called, code, log = world.run({"maven.yaml": "delete: [1]"})
    assert called == ["plan policies/maven.yaml --output markdown"], (called, log)
    assert code == 0, (code, log)
    assert Notes.requests == ["GET", "GET", "GET", "POST"], Notes.requests
    assert len(ours()) == 1 and '| policy | "would go" |' in ours()[0] and "c0ffee" in ours()[0], Notes.notes

    # The next push brings the same note up to date; a refusal is told, and ends the job with its code.
    called, code, log = world.run({"maven.yaml": "delete: [2]", "npm.yaml": "delete: [2]"}, PLAN_CODE="4")
    assert called == ["plan policies/maven.yaml policies/npm.yaml --output markdown"], (called, log)
    assert code == 4, (code, log)
    assert Notes.requests[4:] == ["GET", "GET", "GET", "PUT"], Notes.requests
    assert len(ours()) == 1 and "Refused" in ours()[0], Notes.notes

    # A protection bears on every policy, and so does a file that is gone.
    for change in ({"hold.yaml": "protect: [1]"}, {"hold.yaml": None}, {"new.yaml": "instance: {}"}, {"npm.yaml": None, "maven.yaml": "delete: [3]"}):
        called, code, log = world.run(change)
        assert called == ["plan policies --output markdown"], (change, called, log)
    assert len(ours()) == 1, Notes.notes

    # Cases are no policies, also where some are gone.
    called, code, log = world.run({"maven.yaml": "delete: [6]", "cases/maven.yaml": "cases: [6]", "cases/old.yaml": None})
    assert called == ["plan policies/maven.yaml --output markdown"], (called, log)

    # What is there from last night is what it is compared with.
    Notes.nightly = {"format": 1}
    called, code, log = world.run({"maven.yaml": "delete: [7]"})
    assert called == ["plan policies/maven.yaml --diff .gleaner-nightly.json --output markdown"], (called, log)
    Notes.nightly = None

    # Without the second token there is no note, and the exit code is the plan's.
    before = len(Notes.requests)
    called, code, log = world.run({"maven.yaml": "delete: [4]"}, GLEANER_NOTE_TOKEN="", PLAN_CODE="1")
    assert code == 1 and len(Notes.requests) == before, (code, log)

    # A GitLab that refuses the note fails the job.
    called, code, log = world.run({"maven.yaml": "delete: [5]"}, CI_PROJECT_ID="8")
    assert code not in (0, 3, 4), (code, log)

    # Nothing to plan.
    called, code, log = world.run({"README.md": "# Our policies", "cases/npm.yaml": "cases: [1]"})
    assert called == [] and code == 0 and len(Notes.requests) == before, (called, code, log)
    print("the CI template: one note, the right policies, the plan's exit code, no token in the log")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(folder))
