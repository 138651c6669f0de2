"""The Nomad of this machine, as one JSON object: its running allocations, its bridge, and who listens where k3s wants to."""
import ipaddress
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request

BRIDGE = "nomad"


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout


def ask(base, path, token):
    request = urllib.request.Request(base + path, headers={"X-Nomad-Token": token} if token else {})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def allocations(base, token):
    node = ask(base, "/v1/agent/self", token)["stats"]["client"]["node_id"]
    every = ask(base, f"/v1/node/{node}/allocations", token)
    running = [each for each in every if each["ClientStatus"] == "running"]
    return {
        each["ID"]: {
            "name": each["Name"],
            "tasks": {
                name: {"restarts": task.get("Restarts", 0), "started": task.get("StartedAt", "")}
                for name, task in (each.get("TaskStates") or {}).items()
            },
        }
        for each in running
    }


def listeners():
    found = []
    for line in run("ss", "-H", "-l", "-n", "-t", "-u", "-p").splitlines():
        row = line.split(None, 6)
        process = re.search(r'"([^"]+)"', row[6]) if len(row) > 6 else None
        port = f"{row[4].rsplit(':', 1)[1]}/{row[0]}"
        found.append({"port": port, "process": process.group(1) if process else "somebody"})
    return found


def bridges():
    links = json.loads(run("ip", "-json", "-4", "address"))
    return [
        ipaddress.ip_interface(f"{each['local']}/{each['prefixlen']}").network
        for link in links
        if link["ifname"] == BRIDGE
        for each in link["addr_info"]
    ]


def main():
    asked = json.load(sys.stdin)
    # Nomad makes its bridge with its first job that wants one.
    ranges = bridges() or [ipaddress.ip_network(asked["bridge"])]
    wanted = [ipaddress.ip_network(each) for each in asked["ranges"]]
    ours = re.compile(r"^k3s(-|$)|^(containerd|kube)")
    state = {
        "overlaps": [
            f"{one} and {other}" for one in wanted for other in ranges if one.version == other.version and one.overlaps(other)
        ],
        "taken": [each for each in listeners() if each["port"] in asked["ports"] and not ours.match(each["process"])],
    }
    try:
        state["allocations"] = allocations(asked["address"], asked["token"])
    except (OSError, ValueError, KeyError, urllib.error.URLError) as cause:
        state["why"] = str(cause)
    json.dump(state, sys.stdout)


if os.geteuid() != 0:
    sys.exit("only root sees who listens")
main()
