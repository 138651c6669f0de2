"""What a machine has of k3s, as one JSON object. Reads, and changes nothing; of secrets it tells the sum alone."""
import hashlib
import json
import os
import re
import stat
import subprocess
import sys

TOKEN_PREFIX = re.compile(r"^K10[0-9a-f]+::(server:)?")
sums = {}


def run(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL).stdout
    except (OSError, ValueError, subprocess.SubprocessError):
        return ""


def text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def sum_of(path):
    """Kept: a program of a hundred MB is asked for twice."""
    if path not in sums:
        try:
            whole = hashlib.sha256()
            with open(path, "rb") as file:
                while piece := file.read(1 << 20):
                    whole.update(piece)
            sums[path] = whole.hexdigest()
        except OSError:
            sums[path] = ""
    return sums[path]


def release(program):
    found = re.search(r"k3s version (v[0-9][^ ]*)", run(program, "--version"))
    return found.group(1) if found else ""


def service(name):
    shown = run("systemctl", "show", "--property=ActiveState,UnitFileState", name)
    fields = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    state = fields.get("ActiveState", "")
    return {
        "runs": state in ("active", "activating", "reloading"),
        # Who wants it to run, now and at every start, has nothing left to do.
        "settled": state == "active" and fields.get("UnitFileState") == "enabled",
    }


def is_as_started(noted):
    """Whether the files are those that the service noted when it started."""
    try:
        lines = [line.split(None, 1) for line in text(noted).splitlines()]
        return len(lines) > 0 and all(sum_of(path) == wanted for wanted, path in lines)
    except (OSError, ValueError):
        return False


def entry(path):
    """Whose it is and what is in it; None: there is no such file or folder."""
    try:
        found = os.lstat(path)
        told = {"mode": f"{stat.S_IMODE(found.st_mode):04o}", "root": (found.st_uid, found.st_gid) == (0, 0)}
        if stat.S_ISDIR(found.st_mode):
            return {**told, "kind": "folder"}
        return {**told, "kind": "file", "text": text(path)} if stat.S_ISREG(found.st_mode) else None
    except (OSError, ValueError):
        return None


def secret(path):
    """The sum of a token's secret part, as the roles write it beside the token; empty: there is none."""
    try:
        return hashlib.sha256(TOKEN_PREFIX.sub("", text(path).strip()).encode()).hexdigest()
    except (OSError, ValueError):
        return ""


def main():
    asked = json.load(sys.stdin)
    unit = asked["unit"]
    found = {path: entry(path) for path in asked["entries"]}
    here = {
        "release": release(asked["program"]),
        "sha256": sum_of(asked["program"]),
        "service": service(f"{unit}.service"),
        "as_started": is_as_started(f"/run/larder-{unit}-started-with"),
        "entries": {path: each for path, each in found.items() if each is not None},
        "token": secret(asked["token"]),
    }
    json.dump(here, sys.stdout)


main()
