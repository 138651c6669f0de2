"""Which parts of the operating system are not as they should be, as one JSON object. Reads, and changes nothing.

One program instead of fifteen tasks: each task is a second on a Raspberry Pi. What it cannot tell for sure it names as
different: the modules then look for themselves.
"""
import json
import os
import re
import socket
import stat
import subprocess
import sys


def text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL).stdout


def holds(path, wanted):
    """Whether a file is what the roles write: root's, readable by all, with this text."""
    found = os.lstat(path)
    owned = (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (0, 0, 0o644)
    return stat.S_ISREG(found.st_mode) and owned and (wanted is None or text(path) == wanted)


def unit(name):
    shown = run("systemctl", "show", "--property=LoadState,ActiveState,UnitFileState", name)
    return dict(line.split("=", 1) for line in shown.splitlines())


def missing(packages):
    if not packages:
        return []
    lines = run("dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *packages).splitlines()
    return [name for name in packages if f"{name} installed" not in lines]


def names(asked):
    static = [line for line in text("/etc/hostname").splitlines() if line and not line.startswith("#")]
    if [socket.gethostname(), *static] != [asked["node_name"]] * 2 or not holds("/etc/hosts", None):
        return False
    block, hosts = asked["hosts"], "\n" + text("/etc/hosts")
    lines = block.splitlines()
    return hosts.count("\n" + block) == 1 and all(hosts.count(lines[end]) == 1 for end in (0, -1))


def time(asked):
    servers = "/etc/chrony/conf.d/larder.conf"
    named = holds(servers, asked["chrony"]) if asked["chrony"] else not os.path.lexists(servers)
    zone = os.readlink("/etc/localtime") == "/usr/share/zoneinfo/" + asked["time_zone"]
    return named and zone and unit("chrony.service")["UnitFileState"] == "enabled"


def swap(asked):
    made = unit("dphys-swapfile.service")
    is_off = made["ActiveState"] in ("inactive", "failed") and made["UnitFileState"] in ("disabled", "masked")
    if made["LoadState"] != "not-found" and not is_off:
        return False
    if os.path.lexists("/etc/rpi/swap.conf") and not holds("/etc/rpi/swap.conf.d/90-larder.conf", asked["rpi_swap"]):
        return False
    mounted = re.search(r"^(?!#)\S+\s+\S+\s+swap\s", text("/etc/fstab"), re.M)
    return mounted is None and len(text("/proc/swaps").splitlines()) <= 1


def kernel(asked):
    if not holds("/etc/sysctl.d/90-larder.conf", asked["sysctl"]):
        return False
    if not asked["modules"]:
        return True
    loaded = {line.split(" ", 1)[0] for line in text("/proc/modules").splitlines()}
    place = f"/lib/modules/{os.uname().release}/modules.builtin"
    built_in = text(place) if os.path.exists(place) else ""
    present = all(name in loaded or f"/{name}.ko" in built_in for name in asked["modules"])
    return present and holds("/etc/modules-load.d/larder.conf", "\n".join(asked["modules"]) + "\n")


def limits_memory(asked):
    return "memory" in text(asked["controllers_file"]).split()


def main():
    asked = json.load(sys.stdin)
    different = []
    for part in (names, time, swap, kernel, limits_memory):
        try:
            is_right = part(asked)
        except (OSError, ValueError, LookupError, subprocess.SubprocessError):
            is_right = False
        if not is_right:
            different.append(part.__name__)
    json.dump({"missing": missing(asked["packages"]), "different": different}, sys.stdout)


main()
