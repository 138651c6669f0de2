"""The JSON patch that gives a Node the labels and taints of cluster.yaml; nothing where it has them.

What was set before is kept in two annotations, so that what cluster.yaml no longer names goes, and what others set stays.
"""
import json
import sys

LABELS = "larder.dev/labels-of-cluster-yaml"
TAINTS = "larder.dev/taints-of-cluster-yaml"
CORDONED = "larder.dev/cordoned"


def identity(taint):
    return (taint["key"], taint["effect"])


def bare(taint):
    return {key: value for key, value in taint.items() if key in ("key", "value", "effect") and value != ""}


def change(place, key, value):
    path = f"{place}/{key.replace('~', '~0').replace('/', '~1')}"
    return {"op": "remove", "path": path} if value is None else {"op": "add", "path": path, "value": value}


def main():
    asked = json.load(sys.stdin)
    node, labels, taints = asked["node"], asked["labels"], [bare(each) for each in asked["taints"]]
    meta = node["metadata"]
    notes = meta.get("annotations", {})
    has = meta.get("labels", {})
    patch_labels = {key: value for key, value in labels.items() if has.get(key) != value}
    for key in json.loads(notes.get(LABELS, "[]")):
        if key not in labels and key in has:
            patch_labels[key] = None
    ours = {identity(each) for each in taints} | {tuple(each) for each in json.loads(notes.get(TAINTS, "[]"))}
    live = node["spec"].get("taints", [])
    wanted = [each for each in live if identity(each) not in ours] + taints
    patch = [change("/metadata/labels", key, value) for key, value in patch_labels.items()]
    for name, value in (
        (LABELS, json.dumps(sorted(labels))),
        (TAINTS, json.dumps(sorted(identity(each) for each in taints))),
    ):
        if notes.get(name, "[]") != value:
            patch.append(change("/metadata/annotations", name, value))
    # A node that somebody else cordoned stays so.
    if notes.get(CORDONED) and asked["uncordon"]:
        patch.append(change("/metadata/annotations", CORDONED, None))
        if node["spec"].get("unschedulable"):
            patch.append({"op": "remove", "path": "/spec/unschedulable"})
        wanted = [each for each in wanted if each["key"] != "node.kubernetes.io/unschedulable"]
    if sorted(map(bare, live), key=identity) != sorted(map(bare, wanted), key=identity):
        # Somebody else's taint in between refuses it instead of being lost; a heartbeat in between does not.
        if live:
            patch.append({"op": "test", "path": "/spec/taints", "value": live})
        patch.append({"op": "add", "path": "/spec/taints", "value": wanted})
    json.dump(patch, sys.stdout)


main()
