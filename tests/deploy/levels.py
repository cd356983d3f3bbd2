"""Prints every level of the chart's values at which the schema knows all keys, as a prefix for `--set`."""

import json
import sys

schema = json.load(open(sys.argv[1], encoding="utf-8"))


def levels(part, path):
    if "$ref" in part:
        part = schema["$defs"][part["$ref"].rpartition("/")[2]]
    if part.get("type") == "array":
        yield from levels(part["items"], f"{path[:-1]}[0].")
    if part.get("type") == "object" and "properties" in part:
        if part.get("additionalProperties") is not False:
            sys.exit(f"{path or 'the top'} takes keys that nobody knows")
        yield path
        for name, inner in part["properties"].items():
            yield from levels(inner, f"{path}{name}.")


for level in levels(schema, ""):
    print(level)
