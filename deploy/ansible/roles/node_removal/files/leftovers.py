"""Processes, mounts and links that k3s leaves when its service stops: `look` says which, `end` ends them.

Ends with an error while one mount is left: the folders around it must not be deleted then.
"""
import json
import os
import re
import signal
import subprocess
import sys
import time

SHIM = "/var/lib/rancher/k3s/data/"
PLACES = ("/run/k3s", "/var/lib/rancher/k3s", "/var/lib/kubelet", "/run/netns/cni-")
LINKS = re.compile(r"^(cni0|flannel\.1|flannel-v6\.1|kube-ipvs0)$")
PATIENCE_S = 30


def table():
    found = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                command = file.read().split(b"\0")[0].decode(errors="replace")
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                parent = int(file.read().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError, ValueError):
            continue  # it has ended meanwhile
        found[int(name)] = (command, parent)
    return found


def processes():
    every = table()
    ours = {pid for pid, (command, _) in every.items() if command.startswith(SHIM) and "containerd-shim" in command}
    while True:
        more = {pid for pid, (_, parent) in every.items() if parent in ours} - ours
        if not more:
            return sorted(ours)
        ours |= more


def mounts():
    with open("/proc/self/mounts", encoding="utf-8") as file:
        points = [line.split()[1].encode().decode("unicode_escape") for line in file]
    # What lies deepest goes first. A disk of its own below the folder of k3s stays mounted.
    own = ("/var/lib/rancher/k3s", "/var/lib/kubelet", "/var/lib/rancher/k3s/storage")
    inside = [each for each in points if each.startswith(PLACES) and each not in own]
    return sorted((each for each in inside if not each.startswith(own[2] + "/")), key=len, reverse=True)


def links():
    return [name for name in os.listdir("/sys/class/net") if LINKS.match(name)]


def end():
    for pid in processes():
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has ended meanwhile
    limit = time.monotonic() + PATIENCE_S
    while processes() and time.monotonic() < limit:
        time.sleep(0.1)
    for point in mounts():
        subprocess.run(["umount", point], check=False, stdin=subprocess.DEVNULL)
    for name in links():
        subprocess.run(["ip", "link", "delete", name], check=False, stdin=subprocess.DEVNULL)
    if mounts() or processes():
        sys.exit(f"still there: {mounts()} {processes()}; nothing was deleted. Reboot the machine and run this again")


if sys.argv[1] == "end":
    end()
print(json.dumps({"processes": processes(), "mounts": mounts(), "links": links()}))
