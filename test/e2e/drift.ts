/** Journeys of `larder cluster drift` through the API: each kind of drift is made by hand, found and named. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DriftReport, ReportedFinding } from '../../src/cluster/drift/report.ts';
import { kinds } from '../../src/kube/index.ts';
import { configMap, deployment, endsWith, namespace, RUNBOOK } from './change-world.ts';
import type { Run } from './larder.ts';
import { type Operators, succeed } from './operators.ts';

export interface DriftJourney {
  readonly name: string;
  /** `space` is a namespace of its own, which is not there yet. */
  readonly run: (operators: Operators, space: string) => Promise<void>;
}

/** A cluster.yaml about nodes that no test makes. */
export const SPEC = `name: home
nodes:
  - {name: pi-1.local, address: 127.0.0.11, role: server-agent, storage: ssd, labels: {larder.dev/disk: usb}}
  - {name: pi-2.local, address: 127.0.0.12, role: worker, storage: ssd}
`;

async function drift({ larder, root }: Operators, ...args: readonly string[]): Promise<Run & { report: DriftReport }> {
  const run = await larder('cluster', 'drift', '-f', join(root, 'cluster.yaml'), '-o', 'json', ...args);
  assert.notEqual(run.stdout, '', run.stderr);
  return { ...run, report: JSON.parse(run.stdout) };
}

const ONLY = ['--only', 'manifest', 'orphan', 'unlogged-change'];

/** Other journeys on the same cluster leave traces, too. */
function own({ findings }: DriftReport, space: string): readonly ReportedFinding[] {
  return findings.filter(({ object, message }) => `${object} ${message}`.includes(space));
}

const words = (findings: readonly ReportedFinding[]): readonly string[] =>
  findings.map(({ kind, object }) => `${kind} ${object}`);

async function applied(operators: Operators, id: string, path: string): Promise<void> {
  await succeed(operators.larder('change', 'new', id, '--manifests', path, ...RUNBOOK));
  endsWith(await operators.larder('change', 'diff', id), 1);
  await succeed(operators.larder('change', 'apply', id, '--yes'));
}

async function ready(operators: Operators, space: string): Promise<void> {
  operators.write('cluster.yaml', SPEC);
  operators.write('cluster/base/space.yaml', [namespace(space)]);
  operators.write('cluster/apps/web.yaml', [configMap('web', space, { colour: 'blue' }), deployment('web', space)]);
  operators.write('cluster/apps/values.yaml', 'replicas: 3\n');
  operators.commit('manifests');
  await applied(operators, `base-${space}`, 'cluster/base');
  operators.write('cluster/apps/values.yaml', 'replicas: 3\n');
  await applied(operators, `web-${space}`, 'cluster/apps/web.yaml');
}

const patched = { fieldManager: 'kubectl-edit' } as const;

const clean: DriftJourney = {
  name: 'what was applied is no drift, and files that are no manifests are told',
  async run(operators, space) {
    await ready(operators, space);
    const { report } = await drift(operators, ...ONLY);
    assert.deepEqual(words(own(report, space)), []);
    assert.ok(report.notes.some((note) => note.includes('cluster/apps/values.yaml holds no object')));
    assert.ok(report.leftOut.includes('host'));
  },
};

const edited: DriftJourney = {
  name: 'an object that somebody edited, removed or added is found, with the field, both values and who did it',
  async run(operators, space) {
    await ready(operators, space);
    const name = { namespace: space, name: 'web' };
    await operators.client.patch(kinds.ConfigMap, name, { kind: 'merge', value: { data: { colour: 'red' } } }, patched);
    const { code, report } = await drift(operators, ...ONLY);
    assert.equal(code, 1);
    assert.equal(report.verdict, 'drift');
    const found = own(report, space);
    assert.deepEqual(words(found), [`manifest ConfigMap ${space}/web`, `unlogged-change ConfigMap ${space}/web`]);
    assert.match(found[0]?.message ?? '', /data\.colour is "red" and should be "blue"; set by kubectl-edit/);
    assert.match(found[1]?.message ?? '', /kubectl-edit wrote data\.colour on .*, and no record is about it/);

    await operators.client.delete(kinds.ConfigMap, name);
    const gone = own((await drift(operators, ...ONLY)).report, space);
    assert.deepEqual(words(gone), [`manifest ConfigMap ${space}/web`]);
    assert.match(gone[0]?.message ?? '', /cluster\/apps\/web\.yaml:1: is not in the cluster/);
  },
};

const orphaned: DriftJourney = {
  name: 'an object whose manifest is gone is an orphan; one of a namespace that never was is missing, not unknown',
  async run(operators, space) {
    await ready(operators, space);
    operators.write('cluster/apps/web.yaml', [
      configMap('web', space, { colour: 'blue' }),
      configMap('far', `${space}-far`, {}),
    ]);
    const found = own((await drift(operators, ...ONLY)).report, space);
    assert.deepEqual(words(found), [`manifest ConfigMap ${space}-far/far`, `orphan Deployment ${space}/web`]);
    assert.match(found[0]?.message ?? '', /its namespace .*-far does not exist/);
  },
};

const handMade: DriftJourney = {
  name: 'an object that a person made by hand is an unlogged change; what a controller wrote is not',
  async run(operators, space) {
    await ready(operators, space);
    // An object without a field has no writer.
    const create = async (name: string, manager: string): Promise<void> => {
      const { status } = await operators.client.request({
        method: 'POST',
        path: `/api/v1/namespaces/${space}/configmaps?fieldManager=${manager}`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(configMap(name, space, { a: 'b' })),
      });
      assert.equal(status, 201);
    };
    await create('by-hand', 'kubectl-create');
    await create('by-controller', 'some-controller');
    const found = own((await drift(operators, ...ONLY)).report, space);
    assert.deepEqual(words(found), [`unlogged-change ConfigMap ${space}/by-hand`]);
  },
};

const ignored: DriftJourney = {
  name: 'a finding is left out with a reason until a day, counts again afterwards, and a rule without them is refused',
  async run(operators, space) {
    await ready(operators, space);
    operators.write('cluster/apps/web.yaml', [configMap('web', space, { colour: 'green' }), deployment('web', space)]);
    const rule = (expires: string): string =>
      `ignore:\n  - kind: manifest\n    object: ConfigMap ${space}/*\n    reason: wanted for the fair\n    expires: ${expires}\n`;
    operators.write('drift-ignore.yaml', rule('2999-01-01'));
    const left = own((await drift(operators, ...ONLY)).report, space);
    assert.deepEqual(
      left.map(({ ignored: by }) => by?.reason),
      ['wanted for the fair'],
    );
    operators.write('drift-ignore.yaml', rule('2020-01-01'));
    const back = own((await drift(operators, ...ONLY)).report, space);
    assert.deepEqual(
      back.map(({ ignored: by }) => by),
      [undefined],
    );
    operators.write('drift-ignore.yaml', 'ignore:\n  - kind: manifest\n    object: "*"\n');
    const refused = await operators.larder('cluster', 'drift', '-f', join(operators.root, 'cluster.yaml'), ...ONLY);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /drift-ignore\.yaml:2:5: ignore\[0\]\.reason/);
    assert.match(refused.stderr, /drift-ignore\.yaml:2:5: ignore\[0\]\.expires/);
    assert.match(refused.stderr, /LARDER_DRIFT_IGNORE/);
  },
};

const grown: DriftJourney = {
  name: 'a claim that Larder grew is no drift, and is told; one that a person grew is',
  async run(operators, space) {
    await ready(operators, space);
    const claim = (size: string) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: space },
      spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'grows', resources: { requests: { storage: size } } },
    });
    const labelled = { ...claim('1Gi'), metadata: { name: 'data', namespace: space, labels: { a: 'b' } } };
    operators.write('cluster/apps/claim.yaml', [labelled]);
    // A claim that is not bound may not grow: what it has was written by Larder from the beginning.
    const path = `/api/v1/namespaces/${space}/persistentvolumeclaims?fieldManager=larder-expander`;
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify(claim('2Gi'));
    const { status } = await operators.client.request({ method: 'POST', path, headers, body });
    assert.equal(status, 201);
    const { report } = await drift(operators, ...ONLY);
    assert.deepEqual(
      own(report, space).map(({ message }) => message),
      ['cluster/apps/claim.yaml:1: metadata.labels is not there and should be {"a":"b"}'],
    );
    assert.ok(
      report.notes.some((note) => note.includes(`${space}/data was grown to 2Gi by Larder`)),
      report.notes.join(),
    );
  },
};

const secret: DriftJourney = {
  name: 'the value of a Secret is in no form of the report',
  async run(operators, space) {
    await ready(operators, space);
    const value = 'correct-horse-battery';
    const object = (data: string) => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db', namespace: space },
      data: { password: Buffer.from(data).toString('base64') },
    });
    operators.write('cluster/apps/secret.yaml', [object('something-else-entirely')]);
    await operators.client.create(kinds.Secret, object(value), { fieldManager: 'kubectl-create' });
    for (const form of ['table', 'json', 'yaml', 'markdown', 'junit']) {
      const { stdout, stderr } = await operators.larder(
        ...['cluster', 'drift', '-f', join(operators.root, 'cluster.yaml'), ...ONLY, '-o', form],
      );
      assert.ok(stdout.includes('db'), `${form}: ${stdout}`);
      for (const hidden of [value, Buffer.from(value).toString('base64'), 'something-else', 'c29tZXRoaW5n'])
        assert.ok(!`${stdout}${stderr}`.includes(hidden), `${form} has ${hidden}`);
    }
  },
};

const nodes: DriftJourney = {
  name: 'nodes: missing, unknown, relabelled, tainted, cordoned, and of another release',
  async run(operators, space) {
    operators.write('cluster.yaml', SPEC);
    const name = `stranger-${space}`;
    const node = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'node-role.kubernetes.io/control-plane': 'true' } },
    };
    await operators.client.create(kinds.Node, node);
    await operators.client.create(kinds.Node, { ...node, metadata: { name: 'pi-2' } });
    const spec = { spec: { unschedulable: true, taints: [{ key: 'a', value: 'b', effect: 'NoSchedule' }] } };
    await operators.client.patch(kinds.Node, { name: 'pi-2' }, { kind: 'merge', value: spec });
    const { report } = await drift(operators, '--only', 'node');
    const told = report.findings.map(({ object, message }) => `${object} ${message}`);
    await operators.client.delete(kinds.Node, { name });
    await operators.client.delete(kinds.Node, { name: 'pi-2' });
    assert.ok(told.includes('Node pi-1 pi-1.local of cluster.yaml is no node of the cluster'), told.join('\n'));
    assert.ok(told.includes(`Node ${name} is a node of the cluster and not in cluster.yaml`));
    assert.ok(told.includes('Node pi-2 taint a=b:NoSchedule is not in cluster.yaml'));
    assert.ok(told.some((line) => line.startsWith('Node pi-2 is cordoned')));
  },
};

const recorded: DriftJourney = {
  name: 'a whole report is recorded, its machines unknown where nobody can look, and its metrics are written',
  async run(operators, space) {
    await ready(operators, space);
    const file = join(operators.root, 'drift.prom');
    writeFileSync(file, 'old\n');
    const args = ['cluster', 'drift', '-f', join(operators.root, 'cluster.yaml'), '--textfile', file];
    const run = await operators.larder(...args);
    assert.equal(run.code, 1, run.stderr);
    assert.match(run.stderr, /recorded: docs\/governance\/ledger\//);
    assert.match(run.stdout, /could not be looked at\nhost pi-1\.local\n/);
    const metrics = readFileSync(file, 'utf8');
    assert.match(metrics, /^larder_cluster_drift_findings\{cluster="home",kind="node"\} [1-9]/m);
    assert.match(metrics, /^larder_cluster_drift_unknown\{cluster="home",kind="host"\} 2$/m);
    assert.match(metrics, /^larder_cluster_drift_last_run_timestamp_seconds\{cluster="home"\} \d{10}$/m);
    await succeed(operators.larder('ledger', 'verify'));
    const { stdout } = await succeed(operators.larder('ledger', 'show', '-o', 'json'));
    assert.match(stdout, /"type": "drift-reported"/);
    const part = await operators.larder(...args, ...ONLY);
    assert.doesNotMatch(part.stderr, /recorded/);
  },
};

export const driftJourneys: readonly DriftJourney[] = [
  clean,
  edited,
  orphaned,
  handMade,
  ignored,
  grown,
  secret,
  nodes,
  recorded,
];
