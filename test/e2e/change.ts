/** What operators do with `larder change`, as journeys that hold on every Kubernetes API. */
import assert from 'node:assert/strict';
import { kinds } from '../../src/kube/index.ts';
import { guarded } from './change-guarded.ts';
import {
  type ChangeJourney,
  configMap,
  definition,
  deployment,
  endsWith,
  governance,
  makeSpace,
  namespace,
  outcomes,
  RUNBOOK,
  shown,
} from './change-world.ts';
import type { Run } from './larder.ts';
import { succeed } from './operators.ts';

const fromNothing: ChangeJourney = {
  name: 'namespaces and kinds that do not exist yet are to be created, and so is what needs them; then all is applied in order',
  async run(operators, space) {
    const { larder, write, commit } = operators;
    const [plural, kind] = [`things${space.replaceAll('-', '')}`, `Thing${space.replaceAll('-', '')}`];
    // Written backwards: the order of the files is not that of the apply.
    write('cluster/shop/a/thing.json', {
      apiVersion: 'change.example.com/v1',
      kind,
      metadata: { name: 'one', namespace: space },
      spec: { size: 3 },
    });
    write('cluster/shop/b/web.yaml', [deployment('web', space), configMap('settings', space, { mode: 'fast' })]);
    write('cluster/shop/z/space.yaml', [definition(plural, kind), namespace(space)]);
    commit('a shop');
    await succeed(larder('change', 'new', space, '--manifests', 'cluster/shop'));
    const diff = endsWith(await larder('change', 'diff', space), 1);
    assert.match(diff.stderr, new RegExp(`Deployment ${space}/web: to be created; its namespace ${space} is made`));
    assert.match(diff.stderr, new RegExp(`${kind} ${space}/one: to be created; its kind is defined by ${plural}`));
    assert.match(diff.stderr, /5 to create/);
    assert.match(diff.stdout, /^\+ {2}mode: fast$/m);

    const refused = endsWith(await larder('change', 'apply', space, '--yes'), 3);
    assert.match(refused.stderr, /names no runbook \(LARDER_CHANGE_NO_RUNBOOK\)/);
    await succeed(larder('change', 'update', space, ...RUNBOOK));
    const applied = await succeed(larder('change', 'apply', space, '--yes'));
    assert.deepEqual(applied.stdout.trim().split('\n'), [
      `Namespace ${space} created`,
      `CustomResourceDefinition ${plural}.change.example.com created`,
      `ConfigMap ${space}/settings created`,
      `Deployment ${space}/web created`,
      `${kind} ${space}/one created`,
    ]);
    assert.equal((await shown(operators, space)).status, 'applied');
    const again = endsWith(await larder('change', 'diff', space), 0);
    assert.equal(again.stdout, '');
    assert.match(again.stderr, /5 unchanged/);
    await succeed(larder('ledger', 'verify'));
  },
};

const failed: ChangeJourney = {
  name: 'an apply that fails is recorded with what came of each object; the change stays pending',
  async run(operators, space) {
    const { larder, write } = operators;
    write('cluster/space.yaml', namespace(space));
    write('cluster/web.yaml', [configMap('before', space, {}), deployment('web', space, { label: 'another' })]);
    write('cluster/quota.yaml', {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'after', namespace: space },
      spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
    });
    await succeed(larder('change', 'new', space, '--manifests', 'cluster', ...RUNBOOK));
    endsWith(await larder('change', 'diff', space), 1);
    const run = endsWith(await larder('change', 'apply', space, '--yes'), 1);
    assert.match(run.stdout, new RegExp(`Deployment ${space}/web failed: .*selector`));
    const change = await shown(operators, space);
    assert.equal(change.status, 'pending-review');
    assert.equal(change.applies.at(-1)?.exitCode, 1);
    const expected = [
      `Namespace ${space} created`,
      'ConfigMap before created',
      'Deployment web failed',
      'Ingress after not-tried',
    ];
    assert.deepEqual(outcomes(change), expected);
    write('cluster/web.yaml', [configMap('before', space, {}), deployment('web', space)]);
    endsWith(await larder('change', 'diff', space), 1);
    await succeed(larder('change', 'apply', space, '--yes'));
    assert.equal((await shown(operators, space)).status, 'applied');
  },
};

const secrets: ChangeJourney = {
  name: 'a change of a Secret shows, and its values are nowhere: not in what is printed, recorded or committed',
  async run({ larder, write, client, root, commit, git }, space) {
    await makeSpace(client, space);
    const [old, next, planted] = ['oldPassw0rd-kestrel', 'newPassw0rd-osprey', 'plant3dToken-harrier'];
    const secret = (password: string): object => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db', namespace: space },
      stringData: { password, user: 'app' },
    });
    const lastApplied = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(secret(old)) };
    await client.create(kinds.Secret, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db', namespace: space, annotations: lastApplied },
      data: { password: Buffer.from(old).toString('base64'), user: Buffer.from('app').toString('base64') },
    });
    const variable = { name: 'DB_PASSWORD', value: planted };
    const web = {
      ...deployment('web', space),
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'web:1', env: [variable] }] },
        },
      },
    };
    write('cluster/db.yaml', { apiVersion: 'v1', kind: 'SecretList', items: [secret(next)] });
    write('cluster/web.yaml', [web, configMap('url', space, { url: `postgres://app:${next}@db/shop` })]);
    await succeed(larder('change', 'new', space, '--manifests', 'cluster', ...RUNBOOK));
    const said: Run[] = [];
    const run = async (code: number, ...args: readonly string[]): Promise<Run> => {
      const result = endsWith(await larder(...args), code);
      said.push(result);
      return result;
    };
    const conflict = await run(2, 'change', 'diff', space);
    assert.match(conflict.stderr, new RegExp(`conflict Secret ${space}/db: .data.password: conflict with`));
    const diff = await run(1, 'change', 'diff', space, '--force-conflicts');
    assert.match(diff.stdout, /^- {2}password: "?\*\*\* \(before\)"?$/m);
    assert.match(diff.stdout, /^\+ {2}password: "?\*\*\* \(after\)"?$/m);
    assert.match(diff.stdout, /^ {2} user: "\*\*\*"$/m);
    assert.match(diff.stderr, new RegExp(`plain-secret Secret ${space}/db`));
    assert.match(diff.stderr, new RegExp(`last-applied-secret Secret ${space}/db`));
    await run(1, 'change', 'diff', space, '--force-conflicts', '--no-record', '-o', 'json');
    await run(0, 'change', 'apply', space, '--yes');
    await run(0, 'change', 'show', space, '-o', 'yaml');
    commit('all');
    const everything = [
      ...said.map(({ stdout, stderr }) => stdout + stderr),
      governance(root),
      git('log', '--format=%B'),
    ].join('\n');
    for (const value of [old, next, planted]) {
      assert.ok(!everything.includes(value), `${value} stands somewhere`);
      assert.ok(!everything.includes(Buffer.from(value).toString('base64')), `${value} stands somewhere in base64`);
    }
    const { data } = await client.get(kinds.Secret, { namespace: space, name: 'db' });
    assert.equal(Buffer.from(data?.['password'] ?? '', 'base64').toString(), next, 'the real value was applied');
  },
};

const back: ChangeJourney = {
  name: 'a rollback puts the manifests of the apply before it back, names what is left, and deletes only with --prune',
  async run(operators, space) {
    const { larder, write, client, commit } = operators;
    await makeSpace(client, space);
    const claim = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data', namespace: space },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'none' },
    };
    write('cluster/app/one.yaml', configMap('one', space, { a: '1' }));
    commit('one');
    await succeed(larder('change', 'new', `${space}-1`, '--manifests', 'cluster/app', ...RUNBOOK));
    endsWith(await larder('change', 'diff', `${space}-1`), 1);
    const early = endsWith(await larder('change', 'rollback', `${space}-1`, '--incident', 'inc', '--yes'), 3);
    assert.match(early.stderr, /was never applied/);
    await succeed(larder('change', 'apply', `${space}-1`, '--yes'));
    const first = ['change', 'rollback', `${space}-1`, '--incident', 'inc', '--title', 'no', '--yes'];
    assert.match(endsWith(await larder(...first), 3).stderr, /no change with the same manifests was applied before/);
    write('cluster/app/one.yaml', configMap('one', space, { a: '2' }));
    write('cluster/app/more.yaml', [configMap('more', space, {}), claim]);
    commit('two');
    await succeed(larder('change', 'new', `${space}-2`, '--manifests', 'cluster/app', ...RUNBOOK));
    endsWith(await larder('change', 'diff', `${space}-2`), 1);
    await succeed(larder('change', 'apply', `${space}-2`, '--yes'));

    const rollback = (...args: readonly string[]): Promise<Run> =>
      larder('change', 'rollback', `${space}-2`, '--incident', `inc-${space}`, ...args);
    assert.match(endsWith(await rollback('--yes'), 3).stderr, /LARDER_CHANGE_INCIDENT/);
    const dry = await succeed(rollback('--title', 'it is slow', '--dry-run'));
    assert.match(dry.stdout, /^-\s+a: "2"\n\+\s+a: "1"$/m);
    assert.match(dry.stderr, new RegExp(`left as it is: ConfigMap ${space}/more, which the change made; --prune`));
    assert.match(dry.stderr, new RegExp(`left as it is: PersistentVolumeClaim ${space}/data, .* may hold data`));
    const done = await succeed(rollback('--title', 'it is slow', '--prune', '--yes'));
    assert.match(done.stdout, new RegExp(`ConfigMap ${space}/one configured\nConfigMap ${space}/more deleted\n`));
    assert.deepEqual((await client.get(kinds.ConfigMap, { namespace: space, name: 'one' })).data, { a: '1' });
    await assert.rejects(client.get(kinds.ConfigMap, { namespace: space, name: 'more' }), { code: 'KUBE_NOT_FOUND' });
    await client.get(kinds.PersistentVolumeClaim, { namespace: space, name: 'data' });
    const change = await shown(operators, `${space}-2`);
    assert.equal(change.status, 'rolled-back');
    assert.equal(change.applies.at(-1)?.rollback, true);
    assert.match(endsWith(await larder('change', 'apply', `${space}-2`, '--yes'), 3).stderr, /LARDER_CHANGE_STATUS/);

    write('cluster/app/one.yaml', configMap('one', space, { a: '3' }));
    commit('three');
    await succeed(larder('change', 'new', `${space}-3`, '--manifests', 'cluster/app/one.yaml', ...RUNBOOK));
    endsWith(await larder('change', 'diff', `${space}-3`), 1);
    await succeed(larder('change', 'apply', `${space}-3`, '--yes'));
    const third = ['change', 'rollback', `${space}-3`, '--incident', `inc-${space}`, '--yes'];
    await succeed(larder(...third));
    const { data } = await client.get(kinds.ConfigMap, { namespace: space, name: 'one' });
    assert.deepEqual(data, { a: '1' }, 'what was rolled back itself is no way back');
    await succeed(larder('ledger', 'verify'));
  },
};

export const changeJourneys: readonly ChangeJourney[] = [fromNothing, failed, secrets, back, ...guarded];
