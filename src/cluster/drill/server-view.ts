/** How one server is, told by itself: its service, its API, its member of etcd. Pure: the script it runs, and what it says. */
import { z } from 'zod';

const said = z.object({
  /** Of the unit: active, inactive, failed, activating. */
  unit: z.string(),
  /** Whether its own API says that it is ready; else what it says. */
  api: z.union([z.literal(true), z.string()]),
  /** Whether its member can read with a quorum; else why not. */
  member: z.union([z.literal(true), z.string()]),
  leads: z.boolean(),
  learns: z.boolean(),
  /** The snapshot of a restore that was begun there and cut off; empty: there is none. */
  restoring: z.string().default(''),
  /** Nodes that this server's API knows; empty where it does not answer. */
  nodes: z.array(z.object({ name: z.string(), ready: z.boolean(), cordoned: z.boolean() })),
});

export type ServerView = z.infer<typeof said>;

/**
 * Python, because Ansible needs it on every node anyway. The addresses are those at which k3s has the metrics and the
 * health of its etcd, and which only the node itself reaches (docs.k3s.io, etcd-expose-metrics, read 2026-11).
 */
export const LOOK = `
import json, subprocess, urllib.request
def ask(path):
    try:
        with urllib.request.urlopen("http://127.0.0.1:2381" + path, timeout=4) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()
    except Exception as error:
        return "no answer: %s" % error
def run(*words):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stdout.strip(), done.stderr.strip()
unit = run("systemctl", "is-active", "k3s")[1]
view = {"unit": unit, "api": "k3s is " + unit, "member": "k3s is " + unit, "leads": False, "learns": False, "nodes": []}
try:
    with open("/var/lib/rancher/k3s/larder-restore") as note:
        view["restoring"] = note.read().strip()
except OSError:
    pass
if unit in ("active", "activating"):
    health = ask("/health")
    try:
        told = json.loads(health)
        view["member"] = True if str(told.get("health")) == "true" else str(told.get("reason") or "unhealthy")
    except ValueError:
        view["member"] = health[:200]
    metrics = dict(line.rsplit(" ", 1) for line in ask("/metrics").splitlines() if line.startswith("etcd_server_is_"))
    view["leads"] = metrics.get("etcd_server_is_leader") == "1"
    view["learns"] = metrics.get("etcd_server_is_learner") == "1"
    code, out, err = run("k3s", "kubectl", "--request-timeout=4s", "get", "--raw", "/readyz")
    view["api"] = True if code == 0 and out == "ok" else (err or out or "no answer").splitlines()[-1][:200]
    if view["api"] is True:
        code, out, err = run("k3s", "kubectl", "--request-timeout=8s", "get", "nodes", "-o", "json")
        for node in json.loads(out)["items"] if code == 0 else []:
            ready = [each["status"] for each in node["status"].get("conditions", []) if each["type"] == "Ready"]
            view["nodes"].append({"name": node["metadata"]["name"], "ready": ready == ["True"], "cordoned": bool(node["spec"].get("unschedulable"))})
print("larder:" + json.dumps(view))
`;

/** Undefined: that was no answer of the script. */
export function readServerView(output: string): ServerView | undefined {
  const line = output.split('\n').findLast((each) => each.startsWith('larder:'));
  if (line === undefined) return undefined;
  try {
    const parsed = said.safeParse(JSON.parse(line.slice('larder:'.length)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined; // cut short: as good as none
  }
}
