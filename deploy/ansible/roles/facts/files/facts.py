"""What is so on this machine, as one JSON object. Reads, but for the measured writes, which it removes.

A field that could not be told is absent: nobody takes a guess for an answer.
"""
import glob
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

DATA = "/var/lib/rancher/k3s"
NAMES_LIMIT_S = 5
# As etcd does: short writes, each on the disk before the next.
WRITES = 200
WRITE = b"\0" * 4096


def text(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True, stdin=subprocess.DEVNULL)
    return done.stdout


def nearest(path):
    while not os.path.exists(path):
        path = os.path.dirname(path)
    return path


def release():
    fields = dict(line.split("=", 1) for line in text("/etc/os-release").splitlines() if "=" in line)
    unquoted = {key: value.strip('"') for key, value in fields.items()}
    return {"distribution": unquoted["NAME"].split(" ")[0], "distribution_release": unquoted["VERSION_CODENAME"]}


def cgroups(controllers_file):
    if not os.path.exists("/sys/fs/cgroup/cgroup.controllers") and not os.path.exists(controllers_file):
        return {"cgroup_version": 1}
    return {"cgroup_version": 2, "cgroup_controllers": text(controllers_file).split()}


def memory():
    return {"memory_mib": int(re.search(r"^MemTotal:\s+(\d+)", text("/proc/meminfo"), re.M).group(1)) // 1024}


def swap():
    rows = [line.split() for line in text("/proc/swaps").splitlines()[1:]]
    return {"swap": [{"name": row[0], "kib": int(row[2])} for row in rows]}


def boot():
    places = ["/boot/firmware/cmdline.txt", "/boot/cmdline.txt"]
    return {"boot_command_line": next((place for place in places if os.path.exists(place)), "")}


def addresses():
    links = json.loads(run("ip", "-json", "address"))
    return {"addresses": [each["local"] for link in links for each in link["addr_info"] if link["ifname"] != "lo"]}


def disk():
    place = nearest(DATA)
    usage = shutil.disk_usage(place)
    facts = {"disk_free_mib": usage.free // 2**20, "disk_total_mib": usage.total // 2**20, "disk_kind": "unknown"}
    rows = [line.split() for line in text("/proc/self/mountinfo").splitlines()]
    device = os.stat(place).st_dev
    number = f"{os.major(device)}:{os.minor(device)}"
    source = next((row[row.index("-") + 2] for row in rows if row[2] == number), "")
    if not source.startswith("/dev/"):
        return facts
    name = os.path.basename(os.path.realpath(f"/sys/dev/block/{number}"))
    parent = os.path.realpath(f"/sys/class/block/{name}/..")
    whole = name if os.path.basename(parent) == "block" else os.path.basename(parent)
    return {**facts, "disk_device": source, "disk_kind": kind_of(whole)}


def kind_of(disk_name):
    if disk_name.startswith("mmcblk"):
        return "sd"
    if disk_name.startswith("nvme"):
        return "nvme"
    rotational = f"/sys/block/{disk_name}/queue/rotational"
    # What is behind a virtual disk says nothing of itself.
    if disk_name.startswith("vd") or not os.path.exists(rotational):
        return "unknown"
    return "hdd" if text(rotational).strip() == "1" else "ssd"


def writes():
    took = []
    handle, path = tempfile.mkstemp(prefix=".larder-measures-", dir=nearest(DATA))
    try:
        for _ in range(WRITES):
            begun = time.monotonic()
            os.write(handle, WRITE)
            os.fdatasync(handle)
            took.append((time.monotonic() - begun) * 1000)
    finally:
        os.close(handle)
        os.unlink(path)
    took.sort()
    return {"fsync_median_ms": round(took[WRITES // 2], 3), "fsync_p99_ms": round(took[WRITES * 99 // 100], 3)}


def throttled():
    return {"throttled": run("vcgencmd", "get_throttled").strip().split("=", 1)[1]}


def ports():
    found = []
    for line in run("ss", "-H", "-l", "-n", "-t", "-u", "-p").splitlines():
        row = line.split(None, 6)
        address, port = row[4].rsplit(":", 1)
        process = re.search(r'"([^"]+)"', row[6]) if len(row) > 6 else None
        found.append(
            {
                "port": int(port),
                "protocol": row[0],
                "address": address.split("%")[0].strip("[]"),
                "process": process.group(1) if process else "",
            }
        )
    return {"ports": found}


def names(wanted):
    found = {}

    def look(name):
        try:
            found[name] = sorted({each[4][0] for each in socket.getaddrinfo(name, None)})
        except OSError:
            found[name] = []

    threads = [threading.Thread(target=look, args=(name,), daemon=True) for name in wanted]
    for thread in threads:
        thread.start()
    end = time.monotonic() + NAMES_LIMIT_S
    for thread in threads:
        thread.join(max(0, end - time.monotonic()))
    return {"names": {name: found.get(name, []) for name in wanted}}


def clock():
    said = run("timedatectl", "show", "--property=NTPSynchronized", "--value").strip()
    return {"clock_synchronized": said == "yes"}


def sysctl(wanted):
    found = {}
    for name in wanted:
        path = "/proc/sys/" + name.translate(str.maketrans("./", "/."))
        if os.path.exists(path):
            found[name] = " ".join(text(path).split())
    return {"sysctl": found}


def unit(name):
    shown = run("systemctl", "show", "--property=LoadState,ActiveState,UnitFileState", name)
    fields = dict(line.split("=", 1) for line in shown.splitlines())
    if fields["LoadState"] == "not-found":
        return None
    return {"active": fields["ActiveState"] == "active", "enabled": fields["UnitFileState"] == "enabled"}


def units():
    names_of = ["chrony.service", "k3s.service", "k3s-agent.service", "dphys-swapfile.service", "nomad.service"]
    found = {name: unit(name) for name in names_of}
    present = {name: each for name, each in found.items() if each is not None}
    role = "server" if "k3s.service" in present else "agent" if "k3s-agent.service" in present else None
    if role is None:
        return {"units": present}
    service = "k3s.service" if role == "server" else "k3s-agent.service"
    return {"units": present, "k3s_role": role, "k3s_active": present[service]["active"]}


def k3s():
    return {"k3s_version": run("/usr/local/bin/k3s", "--version").split()[2]}


def encryption():
    """What the API server writes Secrets with: the first provider that it was given counts."""
    if not os.path.isdir(f"{DATA}/server/cred"):
        return {}
    path = f"{DATA}/server/cred/encryption-config.json"
    if not os.path.exists(path):
        return {"secrets_encrypted": False}
    rules = [each for each in json.loads(text(path))["resources"] if "secrets" in each["resources"]]
    return {"secrets_encrypted": bool(rules) and "identity" not in rules[0]["providers"][0]}


def etcd():
    tls = f"{DATA}/server/tls/etcd"
    context = ssl.create_default_context(cafile=f"{tls}/server-ca.crt")
    context.check_hostname = False
    context.load_cert_chain(f"{tls}/client.crt", f"{tls}/client.key")
    # Newer releases of k3s answer plain requests at a port of their own.
    for port in (2382, 2379):
        try:
            with urllib.request.urlopen(f"https://127.0.0.1:{port}/version", context=context, timeout=3) as answer:
                return {"etcd_version": json.load(answer)["etcdserver"]}
        except (OSError, ValueError, KeyError):
            continue
    return {}


def certificates():
    found = []
    for pattern in ("server/tls/*.crt", "server/tls/etcd/*.crt", "agent/*.crt"):
        for path in sorted(glob.glob(f"{DATA}/{pattern}")):
            shown = run("openssl", "x509", "-noout", "-enddate", "-in", path)
            ends = time.strptime(shown.strip().split("=", 1)[1], "%b %d %H:%M:%S %Y %Z")
            found.append({"name": os.path.relpath(path, DATA), "not_after": time.strftime("%Y-%m-%dT%H:%M:%SZ", ends)})
    return {"certificates": found}


def nomad():
    known = unit("nomad.service")
    listens = any(each["port"] == 4646 for each in ports()["ports"])
    if known is None and not listens:
        return {}
    facts = {"active": listens or bool(known and known["active"])}
    shown = json.loads(run("ip", "-json", "-4", "address"))
    bridge = next((link for link in shown if link["ifname"] == "nomad"), None)
    if bridge and bridge["addr_info"]:
        first = bridge["addr_info"][0]
        facts["bridge"] = f"{first['local']}/{first['prefixlen']}"
    return {"nomad": facts}


def main():
    asked = json.load(sys.stdin)
    machine = os.uname()
    facts = {
        "uid": os.getuid(),
        "hostname": machine.nodename,
        "architecture": machine.machine,
        "kernel_running": machine.release,
        "time": time.time(),
        "time_controller": asked["now"],
    }
    parts = [
        release,
        lambda: cgroups(asked["controllers_file"]),
        memory,
        swap,
        boot,
        addresses,
        disk,
        throttled,
        ports,
        lambda: names(asked["names"]),
        clock,
        lambda: sysctl(asked["sysctl"]),
        units,
        k3s,
        encryption,
        etcd,
        certificates,
        nomad,
    ]
    if asked["measure"]:
        parts.append(writes)
    for part in parts:
        try:
            facts.update(part())
        except (OSError, ValueError, KeyError, IndexError, AttributeError, StopIteration, subprocess.SubprocessError):
            continue  # absent: it could not be told
    json.dump(facts, sys.stdout)


main()
