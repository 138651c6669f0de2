/**
 * What k3s finds beside it where Nomad runs: an agent that says over HTTP what it runs, as Nomad's own API does, and an
 * allocation that is a process of its own. When the process starts again, the agent says so.
 */
import type { Rig } from './rig.ts';

const NODE = '7d4b1f6e-0000-4000-8000-000000000001';
const ALLOCATION = '2f0c9a51-0000-4000-8000-000000000002';

/** In Python, which every machine has. `/v1/agent/self` and `/v1/node/ID/allocations` in the fields that are read. */
const AGENT = `import http.server, json, subprocess

def started():
    show = ["systemctl", "show", "--property=ActiveEnterTimestamp,NRestarts", "--value", "allocation.service"]
    return subprocess.run(show, capture_output=True, text=True).stdout.split(chr(10))

class Agent(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        restarts, at = sorted(started()[:2], key=len)
        answers = {
            "/v1/agent/self": {"stats": {"client": {"node_id": "${NODE}"}}},
            "/v1/node/${NODE}/allocations": [{
                "ID": "${ALLOCATION}", "Name": "web.cache[0]", "ClientStatus": "running",
                "TaskStates": {"cache": {"Restarts": int(restarts), "StartedAt": at}},
            }],
        }
        body = json.dumps(answers.get(self.path)).encode()
        self.send_response(200 if self.path in answers else 404)
        self.end_headers()
        self.wfile.write(body)

http.server.HTTPServer(("127.0.0.1", 4646), Agent).serve_forever()`;

export async function startNomad(rig: Rig, machine: string): Promise<void> {
  await rig.on(
    machine,
    `cat >/usr/local/bin/nomad-agent <<'AGENT'
${AGENT}
AGENT
    unit() { printf '[Service]\\nExecStart=%s\\nRestart=always\\n' "$2" >/etc/systemd/system/$1.service; }
    unit nomad '/usr/bin/python3 /usr/local/bin/nomad-agent'
    unit allocation '/bin/sleep infinity'
    systemctl daemon-reload
    systemctl start nomad allocation
    timeout 20 sh -c 'until curl -sf http://127.0.0.1:4646/v1/agent/self >/dev/null; do sleep 0.1; done'`,
  );
}
