"""The merge patch that gives a Node the labels and taints of cluster.yaml; nothing where it has them.

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
    patch_notes, patch, spec = {}, {}, {}
    for name, value in (
        (LABELS, json.dumps(sorted(labels))),
        (TAINTS, json.dumps(sorted(identity(each) for each in taints))),
    ):
        if notes.get(name, "[]") != value:
            patch_notes[name] = value
    # A node that somebody else cordoned stays so.
    if notes.get(CORDONED) and asked["uncordon"]:
        patch_notes[CORDONED] = None
        spec["unschedulable"] = None
        wanted = [each for each in wanted if each["key"] != "node.kubernetes.io/unschedulable"]
    if sorted(map(bare, live), key=identity) != sorted(map(bare, wanted), key=identity):
        spec["taints"] = wanted
    if patch_labels or patch_notes or spec:
        # Somebody else's change in between refuses it instead of being lost.
        patch["metadata"] = {"resourceVersion": meta["resourceVersion"]}
        for place, values in (("labels", patch_labels), ("annotations", patch_notes)):
            if values:
                patch["metadata"][place] = values
        if spec:
            patch["spec"] = spec
    json.dump(patch, sys.stdout)


main()
