/** Drift of every kind on four machines: made by hand, found and named, with the time that it takes. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { DriftReport } from '../../src/cluster/drift/report.ts';
import { installPython } from '../tools/python.ts';
import { type LarderOnRig, larderOnRig, REPOSITORY } from './larder-on-rig.ts';
import { k3sRig, type Rig } from './rig.ts';

const VERSION = 'v1.34.2+k3s1';
const LARDER = resolve(import.meta.dirname, '../../bin/larder');
/** The clock of a container is that of the machine below it, which may be kept by nobody, and chrony does not start there. */
const IGNORE = `ignore:
  - kind: host-state
    object: '*'
    message: its clock is not synchronized
    reason: containers of a test
    expires: 2999-01-01
  - kind: host-state
    object: '*'
    message: chrony.service does not run
    reason: containers of a test
    expires: 2999-01-01
`;

const config = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'colours', namespace: 'default' },
  data: { sky: 'blue' },
};

/** Its manifest goes later, and it stays. */
const left = { ...config, metadata: { name: 'left', namespace: 'default' } };

function manifests(...objects: readonly object[]): string {
  return objects.map((object) => `${JSON.stringify(object)}\n`).join('---\n');
}

async function drift(larder: LarderOnRig, words = ''): Promise<DriftReport & { readonly code: number }> {
  const { code, output } = await larder.larder(
    `drift --private-key /mnt/id --ledger-key /mnt/home/.ssh/id_ed25519 -o json ${words} 2>/mnt/drift.log`,
  );
  assert.match(output, /^\{/, output);
  return { ...JSON.parse(output), code };
}

function told({ findings, unknown }: DriftReport): string {
  return [
    ...findings.map(
      ({ kind, object, message, ignored }) => `${kind} ${object}: ${message}${ignored ? ' (ignored)' : ''}`,
    ),
    ...unknown.map(({ kind, object, why }) => `? ${kind} ${object}: ${why}`),
  ].join('\n');
}

async function change(rig: Rig, ...commands: readonly string[]): Promise<void> {
  const line = `cd ${REPOSITORY}; export HOME=/mnt/home KUBECONFIG=/mnt/home/.kube/rig.yaml LARDER_LEDGER=${REPOSITORY}`;
  await rig.room.run([line, ...commands.map((command) => `'${LARDER}' ${command}`)].join('\n'), 120_000);
}

const KEY = '--key /mnt/home/.ssh/id_ed25519';

async function repository(rig: Rig, { folder }: LarderOnRig): Promise<void> {
  writeFileSync(join(folder, 'drift-ignore.yaml'), IGNORE);
  await rig.room.run(`mkdir -p /mnt/home/.ssh /mnt/home/.kube ${REPOSITORY}/cluster/base
    ssh-keygen -q -t ed25519 -N '' -f /mnt/home/.ssh/id_ed25519
    cd ${REPOSITORY}; echo '# The rig' >README.md; git init --quiet --initial-branch=main; printf '.larder/\\nartifacts/\\n' >.gitignore
    git config user.email ana@example.com; git config user.name Ana; git add .; git commit --quiet -m begin`);
}

/** What came before is older than the ledger: it is nobody's change. */
async function openLedger(rig: Rig): Promise<void> {
  await rig.room.run('sleep 1');
  await change(rig, `ledger init --operator ana ${KEY}`);
}

const PHASES = ['base-os', 'k3s-first-server', 'k3s-servers', 'k3s-agents', 'post-bootstrap'] as const;

/** A phase of a bootstrap without what surrounds it: how runs do that is tested elsewhere. */
async function play(rig: Rig, playbook: string): Promise<void> {
  const python = await installPython({ env: process.env, say: () => undefined });
  if (python.kind === 'unavailable') throw new Error(python.reason);
  const output = await rig.room.run(
    `cd ${REPOSITORY}/automation/ansible; env -u PYTHONPATH -u LD_LIBRARY_PATH HOME=/mnt/home LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1 \
      ANSIBLE_HOME=/mnt/ansible LARDER='${LARDER}' LARDER_CLUSTER=${REPOSITORY}/cluster.yaml \
      '${join(python.path, '..', 'ansible-playbook')}' --private-key /mnt/id --ssh-common-args '-o UserKnownHostsFile=/mnt/known_hosts' \
      -e larder_repository=${REPOSITORY} -e larder_kubeconfig=/mnt/home/.kube/rig.yaml playbooks/${playbook}.yml 2>&1 || echo FAILED`,
    900_000,
  );
  assert.doesNotMatch(output, /FAILED$/, output);
}

test('drift on the rig', async (t) => {
  const made = await k3sRig(t, ['pi-1', 'pi-2', 'pi-3', 'pi-4']);
  if (typeof made === 'string') return t.skip(made);
  const { rig, k3s } = made;
  const larder = await larderOnRig(rig, k3s);
  if (typeof larder === 'string') return t.skip(larder);
  larder.describe({ k3s: { version: VERSION }, os: { reboot: 'allowed' } });
  larder.release(VERSION);
  await repository(rig, larder);
  const begun = performance.now();
  for (const playbook of PHASES) await play(rig, playbook);
  t.diagnostic(`four machines set up in ${Math.round((performance.now() - begun) / 1000)} s`);
  await openLedger(rig);
  writeFileSync(join(larder.folder, 'cluster/base/colours.yaml'), manifests(config, left));
  await change(
    rig,
    `change new colours --manifests cluster/base/colours.yaml --runbook README.md ${KEY}`,
    `change diff colours ${KEY} || [ $? = 1 ]`,
    `change apply colours --yes ${KEY}`,
  );

  await t.test('a cluster that was just set up has none, which is recorded', async (tt) => {
    const report = await drift(larder, '--textfile /mnt/drift.prom');
    assert.equal(report.verdict, 'none', told(report));
    assert.equal(report.code, 0);
    tt.diagnostic(`nothing found on four machines in ${(report.durationMs / 1000).toFixed(1)} s`);
    assert.match(readFileSync(rig.room.at('/mnt/drift.log'), 'utf8'), /recorded: docs\/governance\/ledger\//);
    assert.match(readFileSync(rig.room.at('/mnt/drift.prom'), 'utf8'), /findings\{cluster="rig",kind="host"\} 0/);
  });

  await t.test('drift of every kind is found and named', async (tt) => {
    await rig.on('pi-2', `echo 'net.ipv4.ip_forward = 0' >/etc/sysctl.d/90-larder.conf`);
    await rig.on('pi-3', 'sysctl -q -w net.ipv4.ip_forward=0; systemctl disable --quiet chrony');
    await rig.on(
      'pi-4',
      'openssl req -x509 -newkey ed25519 -nodes -subj /CN=old -days 5 -keyout /dev/null -out /var/lib/rancher/k3s/agent/old.crt 2>/dev/null',
    );
    await rig.on(
      'pi-1',
      `k3s kubectl cordon pi-4; k3s kubectl create configmap by-hand --from-literal=a=b
      k3s kubectl patch configmap colours --type=merge -p '{"data":{"sky":"grey"}}'`,
    );
    writeFileSync(join(larder.folder, 'cluster/base/colours.yaml'), manifests(config));
    larder.describe({ os: { reboot: 'allowed', release: 'trixie' } });
    const report = await drift(larder);
    const all = told(report);
    tt.diagnostic(`${report.findings.length} findings in ${(report.durationMs / 1000).toFixed(1)} s`);
    assert.equal(report.code, 1, all);
    for (const expected of [
      /^host pi-2\.rig: the roles would change it: base_os : Set kernel parameters/m,
      /^host-state pi-3\.rig: kernel parameter net\.ipv4\.ip_forward is 0 and should be 1$/m,
      /^host-state pi-3\.rig: chrony\.service does not start with the machine$/m,
      /^manifest ConfigMap default\/colours: .*data\.sky is "grey" and should be "blue"; set by kubectl-patch$/m,
      /^orphan ConfigMap default\/left: was applied by a change on .* and is in no manifest any more$/m,
      /^node Node pi-4: is cordoned/m,
      /^version Node pi-3: runs Debian GNU\/Linux 12 \(bookworm\) and should run trixie$/m,
      /^certificate pi-4\.rig agent\/old\.crt: ends on .*, in 4 days$/m,
      /^unlogged-change ConfigMap default\/by-hand: kubectl-create wrote/m,
    ])
      assert.match(all, expected);
  });

  await t.test('a machine without power is not known, and never clean', async () => {
    await rig.cut('pi-4');
    const report = await drift(larder, '--only host host-state');
    await rig.power('pi-4');
    assert.match(told(report), /^\? host-state pi-4\.rig: cannot be reached/m);
  });
});
