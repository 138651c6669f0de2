/** What the tests of the roles ask a cluster on a rig, and how they play playbooks there. */
import assert from 'node:assert/strict';
import type { Operator } from './operator.ts';
import type { Rig } from './rig.ts';

/** Resolves to how many tasks changed something, by host. */
export async function plays(
  operator: Operator,
  playbooks: readonly string[],
  options: readonly string[] = [],
): Promise<Readonly<Record<string, number>>> {
  const changed: Record<string, number> = {};
  for (const playbook of playbooks) {
    const { code, hosts, output } = await operator.play(playbook, options);
    assert.equal(code, 0, output);
    for (const [host, recap] of Object.entries(hosts)) changed[host] = (changed[host] ?? 0) + recap.changed;
  }
  return changed;
}

/** Plays what must be refused, and resolves to what the last task said, on one line. */
export async function refused(operator: Operator, playbook: string, options: readonly string[] = []): Promise<string> {
  const { code, output } = await operator.play(playbook, options);
  assert.equal(code, 2, output);
  return output.slice(output.lastIndexOf('\nTASK [')).replaceAll(/\s+/g, ' ');
}

export async function kubectl(rig: Rig, words: string, server = 'pi-1'): Promise<string> {
  return rig.on(server, `k3s kubectl ${words}`);
}

/** As etcd says it, without what k3s adds to each name. */
export async function members(rig: Rig, server: string): Promise<readonly string[]> {
  const tls = '/var/lib/rancher/k3s/server/tls/etcd';
  const list = await rig.on(
    server,
    `curl -sf --cacert ${tls}/server-ca.crt --cert ${tls}/client.crt --key ${tls}/client.key -d '{}' https://127.0.0.1:2382/v3/cluster/member/list`,
  );
  return [...list.matchAll(/"name":"(pi-\d)-/g)].flatMap(([, name]) => name ?? []).toSorted();
}
