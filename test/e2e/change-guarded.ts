/** Journeys that end in a refusal: nothing is applied that nobody has looked at. */
import assert from 'node:assert/strict';
import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { takeEvidence } from '../../src/cluster/change/evidence.ts';
import { perform } from '../../src/cluster/change/perform.ts';
import { workingTree } from '../../src/cluster/change/tree.ts';
import { kinds } from '../../src/kube/index.ts';
import { systemClock } from '../../src/telemetry/clock.ts';
import { type ChangeJourney, configMap, endsWith, makeSpace, RUNBOOK } from './change-world.ts';
import type { Run } from './larder.ts';
import { succeed } from './operators.ts';

const liveChange: ChangeJourney = {
  name: 'a live change between diff and apply is refused, and the object is named',
  async run(operators, space) {
    const { larder, write, client } = operators;
    await makeSpace(client, space);
    write('cluster/one.yaml', [configMap('one', space, { a: '1' }), configMap('two', space, { a: '1' })]);
    await succeed(larder('change', 'new', space, '--manifests', 'cluster/one.yaml', ...RUNBOOK));
    endsWith(await larder('change', 'diff', space), 1);
    await succeed(larder('change', 'apply', space, '--yes'));
    endsWith(await larder('change', 'diff', space), 0);
    const value = { data: { b: 'by hand' } };
    await client.patch(kinds.ConfigMap, { namespace: space, name: 'one' }, { kind: 'merge', value });
    const refused = endsWith(await larder('change', 'apply', space, '--yes'), 3);
    assert.match(
      refused.stderr,
      new RegExp(
        `ConfigMap ${space}/one was changed since the evidence was taken: resourceVersion \\d+ then, \\d+ now \\(LARDER_CHANGE_LIVE_DIFFERS\\)`,
      ),
    );
    assert.doesNotMatch(refused.stderr, /\/two/);

    await client.delete(kinds.ConfigMap, { namespace: space, name: 'two' });
    const gone = endsWith(await larder('change', 'apply', space, '--yes'), 3);
    assert.match(gone.stderr, new RegExp(`ConfigMap ${space}/two was removed since`));
    endsWith(await larder('change', 'diff', space), 1);
    await client.create(kinds.ConfigMap, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: space, name: 'two' },
    });
    const made = endsWith(await larder('change', 'apply', space, '--yes'), 3);
    assert.match(made.stderr, new RegExp(`ConfigMap ${space}/two was made by somebody since`));
  },
};

const otherManifests: ChangeJourney = {
  name: 'manifests that changed since the evidence, and evidence that is old, are refused; comments change nothing',
  async run({ larder, write, client }, space) {
    await makeSpace(client, space);
    write('cluster/one.yaml', configMap('one', space, { a: '1' }));
    await succeed(larder('change', 'new', space, '--manifests', 'cluster/one.yaml', ...RUNBOOK));
    const none = endsWith(await larder('change', 'apply', space, '--yes'), 3);
    assert.match(none.stderr, /LARDER_CHANGE_NO_EVIDENCE/);
    endsWith(await larder('change', 'diff', space), 1);
    write('cluster/one.yaml', configMap('one', space, { a: '2' }));
    const refused = endsWith(await larder('change', 'apply', space, '--yes'), 3);
    assert.match(refused.stderr, /LARDER_CHANGE_MANIFESTS_DIFFER/);
    write(
      'cluster/one.yaml',
      `# the same\napiVersion: v1\nkind: ConfigMap\ndata: {a: "1"}\nmetadata: {namespace: ${space}, name: one}\n`,
    );
    const old = endsWith(await larder('change', 'apply', space, '--yes', '--max-age', '0.0000001'), 3);
    assert.match(old.stderr, /LARDER_CHANGE_STALE_EVIDENCE/);
    const unasked = endsWith(await larder('change', 'apply', space), 3);
    assert.match(unasked.stderr, /then say --yes/);
    assert.match((await succeed(larder('change', 'apply', space, '--dry-run'))).stdout, /could be applied/);
    assert.match((await succeed(larder('change', 'apply', space, '--yes'))).stdout, /ConfigMap .* created/);
  },
};

const unknown: ChangeJourney = {
  name: 'what cannot be compared is unknown and never clean: exit code 2, and no apply',
  async run({ larder, write, client }, space) {
    await makeSpace(client, space);
    write('cluster/ok/map.yaml', configMap('fine', space, { a: '1' }));
    write('cluster/missing.yaml', configMap('lost', `${space}-not-there`, { a: '1' }));
    write('cluster/kind.yaml', { apiVersion: 'nowhere.example.com/v1', kind: 'Nothing', metadata: { name: 'x' } });
    write('cluster/wrong.yaml', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'wrong', namespace: space },
      dta: { a: '1' },
    });
    await succeed(larder('change', 'new', space, '--manifests', 'cluster', ...RUNBOOK));
    const diff = endsWith(await larder('change', 'diff', space), 2);
    assert.match(diff.stderr, new RegExp(`namespace-missing ConfigMap ${space}-not-there/lost`));
    assert.match(diff.stderr, /Nothing x: unknown: the cluster serves no Nothing of nowhere.example.com\/v1/);
    assert.match(diff.stderr, new RegExp(`ConfigMap ${space}/wrong: unknown: .*dta`));
    assert.match(diff.stderr, /1 to create, 3 unknown/);
    const refused = endsWith(await larder('change', 'apply', space, '--yes'), 3);
    assert.equal(refused.stderr.match(/\(LARDER_CHANGE_UNKNOWN\)/g)?.length, 3);
    await assert.rejects(client.get(kinds.ConfigMap, { namespace: space, name: 'fine' }), { code: 'KUBE_NOT_FOUND' });
  },
};

const critical: ChangeJourney = {
  name: 'a critical change needs the approval of its newest evidence by somebody else',
  async run({ larder, asBen, write, client }, space) {
    await makeSpace(client, space);
    write('cluster/one.yaml', configMap('one', space, { a: '1' }));
    await succeed(larder('change', 'new', space, '--manifests', 'cluster/one.yaml', '--critical', ...RUNBOOK));
    assert.match(endsWith(await asBen('change', 'approve', space), 3).stderr, /no evidence/);
    endsWith(await larder('change', 'diff', space), 1);
    const unapproved = endsWith(await larder('change', 'apply', space, '--yes'), 3);
    assert.match(unapproved.stderr, /LARDER_CHANGE_NOT_APPROVED/);
    assert.match(endsWith(await larder('change', 'approve', space), 3).stderr, /ana made change/);
    await succeed(asBen('change', 'approve', space, '--comment', 'read it'));
    endsWith(await larder('change', 'diff', space), 1);
    assert.match(endsWith(await larder('change', 'apply', space, '--yes'), 3).stderr, /LARDER_CHANGE_NOT_APPROVED/);
    await succeed(asBen('change', 'approve', space));
    await succeed(larder('change', 'apply', space, '--yes'));
  },
};

const evidenceFile: ChangeJourney = {
  name: 'evidence of which the file is missing or was altered is not approved, not applied and not rolled back',
  async run({ larder, asBen, write, client, root, git, commit }, space) {
    await makeSpace(client, space);
    write('cluster/one.yaml', configMap('one', space, { a: '1' }));
    commit('one');
    await succeed(larder('change', 'new', space, '--manifests', 'cluster/one.yaml', '--critical', ...RUNBOOK));
    endsWith(await larder('change', 'diff', space), 1);
    const newest = (): string => git('ls-files', `docs/governance/reviews/*${space}/*.diff`).trim();
    const path = newest();
    const back = ['change', 'rollback', space, '--incident', `inc-${space}`, '--title', 'no', '--to', 'HEAD', '--yes'];
    const refusedWith = async (why: string, ...attempts: readonly (() => Promise<Run>)[]): Promise<void> => {
      const head = git('rev-parse', 'HEAD');
      for (const attempt of attempts) {
        const { stderr } = endsWith(await attempt(), 3);
        assert.match(stderr, new RegExp(`${path} ${why}.*larder ledger verify \\(LARDER_CHANGE_EVIDENCE_FILE\\)`));
      }
      assert.equal(git('rev-parse', 'HEAD'), head, 'nothing was recorded');
      git('checkout', '--', path);
    };
    const approve = (): Promise<Run> => asBen('change', 'approve', space);
    const apply = (): Promise<Run> => larder('change', 'apply', space, '--yes');
    appendFileSync(join(root, path), ' ');
    await refusedWith('was changed', approve, apply);
    rmSync(join(root, path));
    await refusedWith('is missing', approve, apply);
    await succeed(approve());
    appendFileSync(join(root, path), ' ');
    await refusedWith('was changed', apply);
    await assert.rejects(client.get(kinds.ConfigMap, { namespace: space, name: 'one' }), { code: 'KUBE_NOT_FOUND' });
    await succeed(apply());
    rmSync(join(root, path));
    await refusedWith('is missing', () => larder(...back));
    endsWith(await larder(...back), 3);
    assert.notEqual(newest(), path, 'with the file in its place a rollback takes its own evidence');
  },
};

const conflict: ChangeJourney = {
  name: 'fields of another manager are a conflict that names its owner, until they are taken over on purpose',
  async run({ larder, write, client }, space) {
    await makeSpace(client, space);
    const value = configMap('one', space, { a: 'theirs' });
    await client.patch(
      kinds.ConfigMap,
      { namespace: space, name: 'one' },
      { kind: 'apply', value },
      { fieldManager: 'another-tool' },
    );
    write('cluster/one.yaml', configMap('one', space, { a: 'ours' }));
    await succeed(larder('change', 'new', space, '--manifests', 'cluster/one.yaml', ...RUNBOOK));
    const diff = endsWith(await larder('change', 'diff', space), 2);
    assert.match(diff.stderr, new RegExp(`conflict ConfigMap ${space}/one: \\.data\\.a: conflict with "another-tool"`));
    assert.match(diff.stdout, /^-\s+a: theirs\n\+\s+a: ours$/m, 'what taking over would give is shown');
    assert.match(endsWith(await larder('change', 'apply', space, '--yes'), 3).stderr, /LARDER_CHANGE_UNKNOWN/);
    endsWith(await larder('change', 'diff', space, '--force-conflicts'), 1);
    assert.match((await succeed(larder('change', 'apply', space, '--yes'))).stdout, /configured/);
  },
};

const unrecordable: ChangeJourney = {
  name: 'what could not be recorded is not done: a broken ledger, a key that is not good any more',
  async run({ larder, asBen, write, client, root, git }, space) {
    await makeSpace(client, space);
    write('cluster/one.yaml', configMap('one', space, { a: '1' }));
    await succeed(larder('change', 'new', space, '--manifests', 'cluster/one.yaml', ...RUNBOOK));
    endsWith(await larder('change', 'diff', space), 1);
    await succeed(larder('ledger', 'operator', 'remove', 'ben', '--reason', 'left', '--yes'));
    const unknownKey = endsWith(await asBen('change', 'apply', space, '--yes'), 3);
    assert.match(unknownKey.stderr, /nothing was done, because it could not be recorded: .*no operator/);
    const record = git('ls-files', 'docs/governance/ledger/*ledger-opened*').trim();
    appendFileSync(join(root, record), ' ');
    const broken = endsWith(await larder('change', 'apply', space, '--yes'), 3);
    assert.match(broken.stderr, /nothing was done, because it could not be recorded/);
    await assert.rejects(client.get(kinds.ConfigMap, { namespace: space, name: 'one' }), { code: 'KUBE_NOT_FOUND' });
    git('checkout', '--', record);
    await succeed(larder('change', 'apply', space, '--yes'));
  },
};

const noWayBack: ChangeJourney = {
  name: 'a rollback goes only to manifests that are known: what was applied before it was committed is no way back',
  async run({ larder, write, client, commit }, space) {
    await makeSpace(client, space);
    const one = (a: string): object => configMap('one', space, { a });
    for (const [index, id] of [`${space}-1`, `${space}-2`].entries()) {
      write('cluster/one.yaml', one(String(index)));
      await succeed(larder('change', 'new', id, '--manifests', 'cluster/one.yaml', ...RUNBOOK));
      endsWith(await larder('change', 'diff', id), 1);
      await succeed(larder('change', 'apply', id, '--yes'));
    }
    const back = ['--incident', `inc-${space}`, '--title', 'wrong', '--yes'];
    const first = endsWith(await larder('change', 'rollback', `${space}-1`, ...back), 3);
    assert.match(
      first.stderr,
      /-2 was applied to the same manifests after .*-1: roll that back first.*LARDER_CHANGE_NO_WAY_BACK/,
    );
    const second = endsWith(await larder('change', 'rollback', `${space}-2`, ...back), 3);
    assert.match(
      second.stderr,
      /is not what commit .* holds: it was applied before it was committed; or name the commit/,
    );
    write('cluster/one.yaml', one('good'));
    commit('good');
    const bad = endsWith(await larder('change', 'rollback', `${space}-2`, ...back, '--to', 'nothing'), 3);
    assert.match(bad.stderr, /the repository has no commit nothing/);
    await succeed(larder('change', 'rollback', `${space}-2`, ...back, '--to', 'HEAD'));
    assert.deepEqual((await client.get(kinds.ConfigMap, { namespace: space, name: 'one' })).data, { a: 'good' });
  },
};

const raced: ChangeJourney = {
  name: 'a change between the look and the write is refused by the API server itself, for each object',
  async run({ write, client, root }, space) {
    await makeSpace(client, space);
    for (const name of ['changed', 'removed', 'replaced'])
      await client.create(kinds.ConfigMap, {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { namespace: space, name },
      });
    const names = ['changed', 'removed', 'replaced', 'made'];
    write(
      'cluster/all.yaml',
      names.map((name) => configMap(name, space, { a: 'ours' })),
    );
    const sources = { paths: ['cluster/all.yaml'], namespace: 'default' };
    const bundle = await takeEvidence({ client, tree: workingTree(root), sources, force: true });
    const at = (name: string): { namespace: string; name: string } => ({ namespace: space, name });
    await client.patch(kinds.ConfigMap, at('changed'), { kind: 'merge', value: { data: { a: 'theirs' } } });
    for (const name of ['removed', 'replaced']) await client.delete(kinds.ConfigMap, at(name));
    await client.create(kinds.ConfigMap, { apiVersion: 'v1', kind: 'ConfigMap', metadata: at('replaced') });
    const value = configMap('made', space, { a: 'theirs' });
    await client.patch(kinds.ConfigMap, at('made'), { kind: 'apply', value }, { fieldManager: 'another-tool' });
    for (const comparison of bundle.comparisons) {
      const journal = { sent: () => undefined, answered: () => undefined, done: () => undefined };
      const { catalog, shield } = bundle;
      const options = { client, catalog, clock: systemClock, journal, force: true, mask: shield.mask };
      const [applied] = await perform([comparison], { ...options, onApplied: () => undefined });
      assert.equal(applied?.outcome, 'failed', `${comparison.manifest.name}: ${applied?.message}`);
    }
    for (const name of ['changed', 'made'])
      assert.deepEqual((await client.get(kinds.ConfigMap, at(name))).data, { a: 'theirs' });
    assert.equal((await client.get(kinds.ConfigMap, at('replaced'))).data, undefined);
    await assert.rejects(client.get(kinds.ConfigMap, at('removed')), { code: 'KUBE_NOT_FOUND' }, 'not made again');
  },
};

export const guarded: readonly ChangeJourney[] = [
  liveChange,
  otherManifests,
  unknown,
  critical,
  evidenceFile,
  conflict,
  unrecordable,
  noWayBack,
  raced,
];
