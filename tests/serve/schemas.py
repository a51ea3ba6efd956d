"""Replies against the schemas of schemas/."""
import json
import os

import jsonschema

from server import ROOT


def wrong(value, name):
    """What is wrong with a reply, "" when it is valid; name as in the route table: tilth.record/1."""
    path = os.path.join(ROOT, "schemas", name.replace("/", ".") + ".json")
    with open(path, encoding="utf-8") as file:
        rules = json.load(file)
    error = next(iter(sorted(jsonschema.Draft202012Validator(rules).iter_errors(value), key=lambda e: list(map(str, e.path)))), None)
    return "" if error is None else f"{'/'.join(map(str, error.path))}: {error.message[:300]}"
