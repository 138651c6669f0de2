/** Starts the stand-in of k3s on machines without the roles, for tests of what comes after them. */
import { type K3s, writeK3s } from './k3s.ts';
import type { Rig } from './rig.ts';

const START_LIMIT_S = 50;

export interface Unit {
  readonly name: 'k3s' | 'k3s-agent';
  /** The text of config.yaml. */
  readonly config: string;
  /** Of config.yaml.d. */
  readonly extra?: string;
}

/** A bash script that makes the unit, and waits until it says that it is ready. */
export function unitScript({ name, config, extra = '' }: Unit): string {
  return `mkdir -p /etc/rancher/k3s/config.yaml.d
cat >/etc/rancher/k3s/config.yaml <<'END'
${config}
END
echo '${extra}' >/etc/rancher/k3s/config.yaml.d/extra.yaml
cat >/etc/systemd/system/${name}.service <<'END'
[Service]
Type=notify
ExecStart=/usr/local/bin/k3s ${name === 'k3s' ? 'server' : 'agent'}
KillMode=process
Restart=always
RestartSec=1s
TimeoutStartSec=0
[Install]
WantedBy=multi-user.target
END
systemctl daemon-reload; systemctl -q enable ${name}; ${startScript(name)}`;
}

/** A server that joins while etcd elects is refused once, as k3s is: systemd starts it again. */
export function startScript(name: Unit['name']): string {
  const runs = `timeout ${START_LIMIT_S} bash -c 'until systemctl -q is-active ${name}; do sleep 0.1; done'`;
  return `systemctl start --no-block ${name}; ${runs} || { journalctl -u ${name} --no-pager | tail -n 20; exit 1; }`;
}

export async function putK3s(rig: Rig, k3s: K3s, version: string): Promise<void> {
  writeK3s(k3s, rig.room.at('/mnt/first'), version);
  for (const { name } of rig.machines) await rig.room.run(`cp /mnt/first/k3s* /mnt/${name}/root/usr/local/bin/k3s`);
}

/** A cluster of all machines, the last of them a worker. */
export async function clusterOf(rig: Rig, k3s: K3s, version: string): Promise<void> {
  await putK3s(rig, k3s, version);
  const [first, ...others] = rig.machines;
  if (first === undefined) throw new Error('a rig without machines');
  const extra = 'etcd-expose-metrics: true';
  await rig.on(first.name, unitScript({ name: 'k3s', config: 'cluster-init: true', extra }));
  const token = (await rig.on(first.name, 'cat /var/lib/rancher/k3s/server/token')).trim();
  const config = `server: https://${first.address}:6443\ntoken: ${token}`;
  for (const [index, { name }] of others.entries()) {
    const isLast = index === others.length - 1;
    await rig.on(name, unitScript(isLast ? { name: 'k3s-agent', config } : { name: 'k3s', config, extra }));
  }
}
