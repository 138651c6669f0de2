"""What this server is to the cluster, as one JSON object: whether it holds data, whether it is healthy, whom it knows."""
import json
import os
import subprocess
import sys

DATA = "/var/lib/rancher/k3s"
CONFIG = "/etc/rancher/k3s/config.yaml"


def kubectl(*words):
    command = ["/usr/local/bin/k3s", "kubectl", "--request-timeout=5s", *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=15, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise OSError((done.stderr or done.stdout).strip()[-300:])
    return done.stdout


def condition(node, kind):
    return next((each["status"] for each in node["status"].get("conditions", []) if each["type"] == kind), "")


def node_of(node):
    labels = node["metadata"].get("labels", {})
    return {
        "name": node["metadata"]["name"],
        "version": node["status"].get("nodeInfo", {}).get("kubeletVersion", ""),
        "ready": condition(node, "Ready") == "True",
        "etcd": labels.get("node-role.kubernetes.io/etcd") == "true",
        # Servers that join are learners first.
        "voter": condition(node, "EtcdIsVoter") in ("", "True"),
    }


def encrypts():
    """Whether Secrets of this server have a key: k3s keeps it here from its first start on, or was told to make one then."""
    if os.path.exists(f"{DATA}/server/cred/encryption-config.json"):
        return True
    try:
        with open(CONFIG, encoding="utf-8") as file:
            return any(line.split() == ["secrets-encryption:", "true"] for line in file)
    except OSError:
        return False


def restoring():
    """The snapshot of a restore that was begun here and has not come to its end; empty: there is none."""
    try:
        with open(f"{DATA}/larder-restore", encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return ""


def main():
    state = {
        "restoring": restoring(),
        "encrypts": encrypts(),
        "holds_data": os.path.isdir(f"{DATA}/server/db/etcd/member"),
        "was_node": os.path.exists("/etc/rancher/node/password"),
        "healthy": False,
        "why": "k3s is not installed",
        "nodes": [],
    }
    try:
        if os.path.exists("/usr/local/bin/k3s"):
            ready = kubectl("get", "--raw", "/readyz").strip()
            state["nodes"] = [node_of(node) for node in json.loads(kubectl("get", "nodes", "-o", "json"))["items"]]
            state["healthy"] = ready == "ok"
            state["why"] = ready
    except (OSError, ValueError, KeyError, subprocess.SubprocessError) as cause:
        state["why"] = str(cause)
    json.dump(state, sys.stdout)


main()
