import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { StorageClass } from '../kube/kinds.ts';
import { type ClassOptions, parameters, parseClass } from './class.ts';
import { parseId, parseMode, parseRetention } from './parameter.ts';
import { readClass } from './read-class.ts';

const classOf = (given: Record<string, string>, more: Partial<StorageClass> = {}): StorageClass => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: 'c', uid: 'u', resourceVersion: '1' },
  provisioner: 'larder.dev/directory',
  parameters: given,
  ...more,
});

function optionsOf(given: Record<string, string>): ClassOptions {
  const parsed = parseClass(classOf(given));
  if (parsed.kind === 'invalid') assert.fail(parsed.problems.join('; '));
  return parsed.options;
}

function problemsOf(given: Record<string, string>): readonly string[] {
  const parsed = parseClass(classOf(given));
  return parsed.kind === 'invalid' ? parsed.problems : [];
}

test('a class without parameters has the documented defaults', () => {
  const options = optionsOf({});
  assert.deepEqual(
    { ...options, pattern: options.pattern.source },
    {
      pattern: '',
      onMissing: 'fail',
      onDelete: 'archive',
      onConflict: 'share-namespace',
      dirMode: 0o777,
      dirUid: undefined,
      dirGid: undefined,
      allowOverrides: [],
      existingMode: 'auto',
      adopt: 'listed',
      adoptable: [],
      allowLocal: undefined,
      allowSlashInValues: false,
      strictNames: true,
      place: { kind: 'default' },
      quota: 'report',
      namespaceBudget: undefined,
      minFreeBytes: 67_108_864n,
      minFreeInodes: 1_024n,
      archiveRetention: { text: 'never', ms: undefined },
      trashRetention: { text: '7d', ms: 604_800_000 },
      deleteAdopted: false,
      cloneRate: 50n * 1024n * 1024n,
    },
  );
});

test('onDelete and archiveOnDelete decide together as in nfs-subdir-external-provisioner', () => {
  const rows: readonly [Record<string, string>, string][] = [
    [{}, 'archive'],
    [{ archiveOnDelete: 'true' }, 'archive'],
    [{ archiveOnDelete: 'false' }, 'delete'],
    [{ onDelete: 'delete' }, 'delete'],
    [{ onDelete: 'delete', archiveOnDelete: 'true' }, 'delete'],
    [{ archiveOnDelete: 'false', onDelete: 'retain' }, 'retain'],
    [{ onDelete: 'something', archiveOnDelete: 'false' }, 'delete'],
    [{ onDelete: '', archiveOnDelete: 'T' }, 'archive'],
    [{ onDelete: 'Retain' }, 'archive'],
  ];
  for (const [given, expected] of rows) assert.equal(optionsOf(given).onDelete, expected, JSON.stringify(given));
});

test('every parameter accepts what it documents', () => {
  const options = optionsOf({
    pathPattern: 'glusterfs_${.PVC.annotations.volume-name}',
    onMissing: 'empty',
    onConflict: 'fail',
    dirMode: '2775',
    dirUid: '1000',
    dirGid: '4294967294',
    allowOverrides: 'mode, uid,gid',
    existingMode: 'keep',
    adopt: 'any',
    adoptable: 'a_*, b',
    allowLocal: 'true',
    allowSlashInValues: '1',
    strictNames: 'false',
    server: '10.0.0.1',
    share: '/srv/',
    quota: 'enforce',
    namespaceBudget: '100Gi',
    minFree: '1Gi,5',
    archiveRetention: '30d',
    trashRetention: '90s',
    deleteAdopted: 'TRUE',
    cloneRate: '2Mi',
  });
  assert.equal(options.pattern.source, 'glusterfs_${.PVC.annotations.volume-name}');
  assert.equal(options.dirMode, 0o2775);
  assert.deepEqual([options.dirUid, options.dirGid], [1000, 4_294_967_294]);
  assert.deepEqual(options.allowOverrides, ['mode', 'uid', 'gid']);
  assert.deepEqual(options.adoptable, ['a_*', 'b']);
  assert.deepEqual(options.place, { kind: 'at', server: '10.0.0.1', share: '/srv' });
  assert.deepEqual([options.minFreeBytes, options.minFreeInodes], [1n << 30n, 5n]);
  assert.deepEqual([options.archiveRetention.ms, options.trashRetention.ms], [30 * 86_400_000, 90_000]);
  assert.ok(options.deleteAdopted && options.allowLocal && options.allowSlashInValues && !options.strictNames);
  assert.deepEqual([options.quota, options.namespaceBudget], ['enforce', 100n << 30n]);
  assert.equal(options.cloneRate, 2n << 20n);
  assert.equal(optionsOf({ cloneRate: 'unlimited' }).cloneRate, undefined);
  assert.equal(problemsOf({ cloneRate: '1000k' }).length, 1);
  assert.equal(optionsOf({ minFree: '0' }).minFreeBytes, 0n);
  assert.equal(optionsOf({ minFree: '0' }).minFreeInodes, 1_024n);
  assert.deepEqual(optionsOf({ export: 'local' }).place, { kind: 'named', name: 'local' });
});

test('an unknown parameter and a bad value are told with the parameter, the value and what is accepted', () => {
  const end = 'parameters of a class cannot be edited, so delete the class and create it again';
  const known = Object.keys(parameters).join(', ');
  assert.deepEqual(problemsOf({ onDelte: 'delete' }), [
    `class c: parameter "onDelte" is not known; accepted are ${known}: ${end}`,
  ]);
  assert.deepEqual(problemsOf({ dirMode: '0999' }), [
    `class c: parameter dirMode is "0999", accepted is an octal mode such as "0777" or, with setgid, "2775": ${end}`,
  ]);
  assert.deepEqual(problemsOf({ pathPattern: '${.PVC.nam}' }), [
    `class c: parameter pathPattern is "\${.PVC.nam}", accepted is text with variables such as "\${.PVC.namespace}/\${.PVC.name}" ("\${.PVC.nam}" is not known: a variable is \${.PVC.name}, \${.PVC.namespace}, \${.PVC.uid}, \${.PVC.labels.KEY}, \${.PVC.annotations.KEY} or \${.PV.name}): ${end}`,
  ]);
  assert.equal(problemsOf({ dirMode: 'x', quota: 'y', adopt: 'z' }).length, 3, 'every problem is found');
});

test('every parameter but free text refuses a value that it does not know, and names itself', () => {
  const free = new Set(['onDelete', 'adoptable', 'export', 'server', 'pathPattern']);
  for (const name of Object.keys(parameters)) {
    const found = problemsOf({ [name]: '?!' });
    if (free.has(name)) continue;
    assert.ok(found[0]?.includes(`parameter ${name} is "?!", accepted is `), name);
  }
});

test('server and share belong together and exclude export', () => {
  assert.match(problemsOf({ server: 'a' })[0] ?? '', /server and share belong together/);
  assert.match(problemsOf({ share: '/a' })[0] ?? '', /server and share belong together/);
  assert.match(problemsOf({ server: 'a', share: '/b', export: 'nfs' })[0] ?? '', /export excludes server and share/);
});

test('a class that says what to do on delete and retains everything is warned about', () => {
  const parsed = parseClass(classOf({ onDelete: 'delete' }, { reclaimPolicy: 'Retain' }));
  assert.deepEqual(parsed.kind === 'options' && parsed.warnings, [
    'class c: reclaimPolicy Retain keeps every volume, so parameter onDelete has no effect: remove one of the two',
  ]);
  const silent = parseClass(classOf({}, { reclaimPolicy: 'Retain' }));
  assert.deepEqual(silent.kind === 'options' && silent.warnings, []);
});

test('modes, ids and retentions are read exactly', () => {
  assert.deepEqual(['0777', '777', '2770', '0700', '000'].map(parseMode), [0o777, 0o777, 0o2770, 0o700, 0]);
  for (const text of ['', '77', '0888', '4755', '1777', '07777', '0x1ff', '-777', ' 777']) {
    assert.equal(parseMode(text), undefined, text);
  }
  assert.deepEqual(['0', '1000', '4294967294'].map(parseId), [0, 1000, 4_294_967_294]);
  for (const text of ['', '-1', '4294967295', '01', '1e3', '1.5']) assert.equal(parseId(text), undefined, text);
  for (const text of ['', '7', 'd', '-7d', '1w', '7 d', '1.5h']) assert.equal(parseRetention(text), undefined, text);
});

test('no parameters, whatever they hold, make the parser throw or accept a mode beyond setgid', () => {
  const key = fc.oneof(fc.constantFrom(...Object.keys(parameters)), fc.string({ maxLength: 12 }));
  fc.assert(
    fc.property(fc.dictionary(key, fc.string({ unit: 'binary', maxLength: 30 }), { maxKeys: 8 }), (given) => {
      const parsed = parseClass(classOf(given));
      if (parsed.kind === 'invalid') assert.ok(parsed.problems.length > 0);
      else assert.ok(parsed.options.dirMode <= 0o2777 && (parsed.options.dirMode & 0o5000) === 0);
    }),
    { numRuns: 500 },
  );
});

test('a class is read once, and one that took its name is read anew', () => {
  const first = classOf({ dirMode: '0700' });
  assert.deepEqual(readClass(first), parseClass(first));
  assert.equal(readClass(first), readClass(first));
  const next = classOf({ dirMode: '0750' });
  assert.deepEqual(readClass(next), parseClass(next));
});
