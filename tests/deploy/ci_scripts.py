"""Writes each script block of a GitLab CI template to a file of its own, for shellcheck.

    ci_scripts.py TEMPLATE FOLDER
"""

import sys
from pathlib import Path

import yaml


def blocks(template):
    """The job and the text of every block."""
    jobs = yaml.safe_load(Path(template).read_text())
    for name, job in jobs.items():
        if not isinstance(job, dict):
            continue
        for part in ("before_script", "script", "after_script"):
            for number, block in enumerate(job.get(part, [])):
                yield f"{name}-{part}-{number}", block


if __name__ == "__main__":
    template, folder = sys.argv[1:]
    for name, block in blocks(template):
        (Path(folder) / f"{name}.sh").write_text(f"#!/bin/sh\n{block}\n")
