"""What k3s leaves when its service stops: `look` says which processes, mounts, links and FOLDERs, `end` ends the first three,
`wipe` takes the folders away.

Ends with an error while one mount is left: the folders around it must not be deleted then. A disk of its own that k3s keeps
its data on stays mounted, and is emptied.
"""
import json
import os
import re
import signal
import subprocess
import sys
import time

DATA = "/var/lib/rancher/k3s"
SHIM = f"{DATA}/data/"
PLACES = re.compile(rf"^(/run/k3s|{DATA}|/var/lib/kubelet)(/|$)|^/run/netns/cni-")
# Where a person may have put a disk: its mount is theirs, what is on it is k3s'. Not that of snapshots, which are kept.
PARTS = ("server", "server/db", "server/db/etcd", "agent", "agent/containerd", "data", "storage")
DISKS = {"/var/lib/kubelet", DATA, *(f"{DATA}/{each}" for each in PARTS)}
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


def points():
    with open("/proc/self/mounts", encoding="utf-8") as file:
        return [line.split()[1].encode().decode("unicode_escape") for line in file]


def mounts():
    # What lies deepest goes first. Volumes of local-path stay, on whatever they are.
    inside = [each for each in points() if PLACES.match(each) and each not in DISKS]
    return sorted((each for each in inside if not each.startswith(f"{DATA}/storage/")), key=len, reverse=True)


def spare(path, disks):
    """Whether there is nothing in it but disks that are empty, and the way to them."""
    if not any(each == path or each.startswith(path + "/") for each in disks):
        return False
    with os.scandir(path) as entries:
        return all(each.is_dir(follow_symlinks=False) and spare(each.path, disks) for each in entries)


def full(folders):
    disks = set(points())
    return [each for each in folders if os.path.islink(each) or os.path.isdir(each) and not spare(each, disks)]


def remove(path, disks):
    """Whether it has to stay: it is a disk, or the way to one. A link is removed and never followed."""
    stays = path in disks
    with os.scandir(path) as entries:
        for entry in list(entries):
            if entry.is_dir(follow_symlinks=False):
                stays = remove(entry.path, disks) or stays
            else:
                os.unlink(entry.path)
    if not stays:
        os.rmdir(path)
    return stays


def wipe(folders):
    strange = mounts()
    if strange:
        sys.exit(f"mounted there: {strange}; nothing was deleted. Unmount it, or reboot the machine, and run this again")
    disks = set(points())
    for folder in folders:
        if os.path.islink(folder):
            os.unlink(folder)
        elif os.path.isdir(folder):
            remove(folder, disks)


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


verb, *folders = sys.argv[1:]
if verb == "end":
    end()
elif verb == "wipe":
    wipe(folders)
print(json.dumps({"processes": processes(), "mounts": mounts(), "links": links(), "folders": full(folders)}))
