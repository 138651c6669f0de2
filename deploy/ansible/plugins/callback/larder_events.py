# Tells Larder what a play does while it does it: one JSON object per line, to the file or the open descriptor that
# LARDER_EVENTS names. What a task declares as no_log is told without its words.
from __future__ import annotations

import json
import os
import time

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: larder_events
    type: notification
    short_description: One line of JSON per event of a play
    description:
      - Writes one JSON object per line to what C(LARDER_EVENTS) names, a number of an open descriptor or a file.
      - Says nothing, and costs nothing, where that is not set.
    requirements:
      - none
"""

# Longer words belong into the log.
MESSAGE_AT_MOST = 8000
DIFF_AT_MOST = 64000


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "larder_events"
    CALLBACK_NEEDS_ENABLED = False

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._stream = _stream(os.environ.get("LARDER_EVENTS", ""))
        self._begun = {}
        if self._stream is None:
            self.disabled = True

    def _tell(self, event, **said):
        if self._stream is None:
            return
        try:
            self._stream.write(json.dumps({"event": event, **said}, default=str) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            # Nobody listens any more: the play goes on.
            self._stream = None

    def v2_playbook_on_play_start(self, play):
        self._tell("play", name=play.get_name().strip())

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._tell("task", **_task(task))

    def v2_playbook_on_handler_task_start(self, task):
        self._tell("task", **_task(task))

    def v2_playbook_on_cleanup_task_start(self, task):
        self._tell("task", **_task(task))

    def v2_runner_on_start(self, host, task):
        self._begun[(host.get_name(), task._uuid)] = time.monotonic()
        self._tell("begin", host=host.get_name(), **_task(task))

    def v2_runner_on_ok(self, result):
        self._result(result, "changed" if _result(result).get("changed") else "ok")

    def v2_runner_on_skipped(self, result):
        self._result(result, "skipped")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._result(result, "ignored" if ignore_errors else "failed")

    def v2_runner_on_unreachable(self, result):
        # Asked of another host, which may be silent: the one that asks goes on.
        self._result(result, "ignored" if getattr(_task_of(result), "ignore_unreachable", False) else "unreachable")

    def v2_runner_retry(self, result):
        self._tell("retry", host=_host(result), **_task(_task_of(result)))

    def v2_playbook_on_stats(self, stats):
        hosts = {host: stats.summarize(host) for host in sorted(stats.processed)}
        self._tell("recap", hosts=hosts)

    def _result(self, result, outcome):
        task, host, said = _task_of(result), _host(result), _result(result)
        begun = self._begun.pop((host, task._uuid), None)
        told = {
            "host": host,
            "outcome": outcome,
            "elapsedMs": 0 if begun is None else round((time.monotonic() - begun) * 1000),
            **_task(task),
        }
        if _is_quiet(task, said):
            told["noLog"] = True
        else:
            told.update(_words(said, outcome))
            diff = self._diff_of(said)
            if diff:
                told["diff"] = diff[:DIFF_AT_MOST]
            if isinstance(said.get("larder_facts"), dict):
                told["facts"] = said["larder_facts"]
        self._tell("result", **told)

    def _diff_of(self, said):
        parts = [said.get("diff")] + [item.get("diff") for item in _items(said) if not item.get("_ansible_no_log")]
        return "".join(self._get_diff(part) or "" for part in parts if part)


def _stream(target):
    try:
        if target.isdigit():
            return os.fdopen(int(target), "w", encoding="utf-8", closefd=False)
        return open(target, "a", encoding="utf-8") if target else None
    except OSError:
        return None


def _task(task):
    told = {"task": task.get_name().strip(), "path": task.get_path() or ""}
    role = getattr(task, "_role", None)
    if role is not None:
        told["role"] = role.get_name()
    return told


# Ansible renamed these; 2.16 has the old names alone.
def _task_of(result):
    return result.task if hasattr(type(result), "task") else result._task


def _host(result):
    return (result.host if hasattr(type(result), "host") else result._host).get_name()


def _result(result):
    return result.result if hasattr(type(result), "result") else result._result


def _items(said):
    items = said.get("results")
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _is_quiet(task, said):
    return bool(getattr(task, "no_log", False) or said.get("_ansible_no_log") or "censored" in said)


def _words(said, outcome):
    if outcome not in ("failed", "unreachable", "ignored"):
        return {}
    words = [_text(said.get("msg")), _text(said.get("stderr")), _text(said.get("module_stderr"))]
    for item in _items(said):
        if item.get("failed") and not item.get("_ansible_no_log"):
            words += [_text(item.get("msg")), _text(item.get("stderr"))]
    message = "\n".join(word.strip() for word in words if word.strip())
    return {"message": message[:MESSAGE_AT_MOST]} if message else {}


def _text(value):
    return value if isinstance(value, str) else "" if value is None else json.dumps(value, default=str)
