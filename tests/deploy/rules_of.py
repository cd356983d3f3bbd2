"""Writes the rules of a rendering's PrometheusRule to a file of their own; exits 1 where there is none."""

import sys

import yaml

rendering, file = sys.argv[1:]
with open(rendering, encoding="utf-8") as text:
    specs = [thing["spec"] for thing in yaml.safe_load_all(text) if thing and thing["kind"] == "PrometheusRule"]
if not specs:
    sys.exit(1)
with open(file, "w", encoding="utf-8") as text:
    yaml.safe_dump(specs[0], text)
