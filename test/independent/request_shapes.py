"""Holds requests against botocore's service models: members, types, enums, patterns and bounds. Faults out, by command."""

import base64
import json
import re
import sys

import botocore.session

services = {
    "servicequotas": "service-quotas",
    "sfn": "stepfunctions",
    "eventbridge": "events",
}
session = botocore.session.get_session()
text_kinds = {"string", "character"}
number_kinds = {"integer", "long", "float", "double"}


def bounds(shape, size, path):
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < float(low):
        yield f"{path}: {size} is less than {low}"
    if high is not None and size > float(high):
        yield f"{path}: {size} is more than {high}"


def faults(shape, value, path):
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            yield f"{path}: expected members, found {value!r}"
            return
        for name in shape.required_members:
            if value.get(name) is None:
                yield f"{path}.{name}: is missing"
        for name, member in value.items():
            if name not in shape.members:
                yield f"{path}.{name}: there is no such member"
            elif member is not None:
                yield from faults(shape.members[name], member, f"{path}.{name}")
    elif kind == "list":
        if not isinstance(value, list):
            yield f"{path}: expected a list, found {value!r}"
            return
        yield from bounds(shape, len(value), path)
        for item in value:
            yield from faults(shape.member, item, f"{path}[]")
    elif kind == "map":
        yield from bounds(shape, len(value), path)
        for name, item in value.items():
            yield from faults(shape.key, name, f"{path} key")
            yield from faults(shape.value, item, f"{path}.*")
    elif kind in text_kinds:
        if not isinstance(value, str):
            yield f"{path}: expected text, found {value!r}"
            return
        yield from bounds(shape, len(value), path)
        if shape.enum and value not in shape.enum:
            yield f"{path}: {value!r} is none of {', '.join(shape.enum[:12])}"
        pattern = shape.metadata.get("pattern")
        if pattern is not None and not matches(pattern, value):
            yield f"{path}: {value!r} is not like {pattern}"
    elif kind == "boolean":
        if not isinstance(value, bool):
            yield f"{path}: expected true or false, found {value!r}"
    elif kind in number_kinds:
        whole = kind in ("integer", "long")
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            yield f"{path}: expected a number, found {value!r}"
            return
        yield from bounds(shape, value, path)
    elif kind == "timestamp":
        if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\dT", value):
            yield f"{path}: expected a time, found {value!r}"
    elif kind == "blob":
        if isinstance(value, str):
            base64.b64decode(value, validate=True)
    else:
        yield f"{path}: {kind} is not checked"


# What Java's expressions write otherwise than Python's.
written = {
    r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF",
    r"\p{L}": "a-zA-Z",
    r"\p{Z}": r"\s",
    r"\p{N}": "0-9",
}


def matches(pattern, value):
    for java, python in written.items():
        pattern = pattern.replace(java, python)
    return re.fullmatch(pattern, value) is not None


def check(service, name, inputs):
    model = session.get_service_model(services.get(service, service))
    operation = model.operation_model(name)
    shape = operation.input_shape
    for given in inputs:
        if shape is not None:
            yield from faults(shape, given, name)


given = json.load(sys.stdin)
found = {}
for command, inputs in given.items():
    service, name = command.split(":")
    for fault in check(service, name, inputs):
        found.setdefault(command, {})[fault] = True
json.dump({command: list(faults) for command, faults in found.items()}, sys.stdout)
