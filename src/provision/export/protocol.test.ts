import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { isComponent } from '../fields.ts';
import { formatLine, type Operation, parseRequest, parseResponse, type Result } from './protocol.ts';

const component = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).filter(isComponent);
const path = fc.array(component, { minLength: 1, maxLength: 8 }).filter(([first]) => first !== '.larder');
const size = fc.bigInt({ min: 0n, max: (1n << 70n) - 1n });
const count = fc.maxSafeNat();
const text = fc.string({ unit: 'binary' }).filter((value) => value.isWellFormed());

const ensure = fc.record({
  kind: fc.constant('ensure' as const),
  path,
  mode: fc.nat(0o7777),
  uid: count,
  gid: count,
  adoption: fc.constantFrom('allowed' as const, 'empty-only' as const),
  existing: fc.constantFrom('correct' as const, 'correct-if-root-owned' as const, 'keep' as const, 'fail' as const),
  minFreeBytes: size,
  minFreeInodes: size,
});
const move = fc.record(
  {
    kind: fc.constantFrom('trash' as const, 'archive' as const),
    path,
    volumeUid: text,
    volumeName: text,
    claim: text,
    at: count,
    identity: text,
    expiresAt: count,
    manifest: text,
  },
  { requiredKeys: ['kind', 'path', 'volumeUid', 'volumeName', 'claim', 'at'] },
);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  ensure,
  move,
  fc.record(
    { kind: fc.constant('open' as const), root: text, allowLocal: fc.boolean(), probe: component, usageFolder: text },
    { requiredKeys: ['kind', 'root', 'allowLocal', 'probe'] },
  ),
  fc.record({ kind: fc.constantFrom('probe' as const, 'space' as const) }),
  fc.record({ kind: fc.constantFrom('quota-support' as const, 'quota-report' as const) }),
  fc.record({ kind: fc.constant('quota-lift' as const), path, id: count }),
  fc.record({
    kind: fc.constant('quota-limit' as const),
    path,
    bytes: size,
    id: count,
    mark: fc.boolean(),
    maxOperations: count,
  }),
  fc.record({ kind: fc.constantFrom('discard' as const, 'inspect' as const), path }),
  fc.record({ kind: fc.constant('entries' as const), after: text }),
  fc.record({ kind: fc.constant('restore' as const), entry: text, path }, { requiredKeys: ['kind', 'entry'] }),
  fc.record({ kind: fc.constantFrom('purge' as const, 'weigh' as const), entry: text, maxOperations: count }),
  fc.record({ kind: fc.constant('usage' as const), path, maxOperations: count, freshMs: count }),
  fc.record({ kind: fc.constant('list' as const), path: fc.array(component) }),
  fc.record({ kind: fc.constant('clones' as const) }),
  fc.record({ kind: fc.constant('unclone' as const), name: component, maxOperations: count }),
  fc.record({
    kind: fc.constant('clone' as const),
    uid: fc.uuid(),
    source: path,
    sourceSeen: fc.boolean(),
    path,
    maxBytes: count,
    maxOperations: count,
    neededBytes: size,
    minFreeBytes: size,
    minFreeInodes: size,
  }),
);

const state = { identity: text, empty: fc.boolean(), mode: count, uid: count, gid: count };
const entry = fc.record(
  {
    entry: text,
    path,
    identity: text,
    volumeUid: text,
    volumeName: text,
    claim: text,
    trashedAt: count,
    kind: fc.constantFrom('trash' as const, 'archive' as const),
    expiresAt: count,
    manifest: text,
  },
  { requiredKeys: ['entry', 'path', 'identity', 'volumeUid', 'volumeName', 'claim', 'trashedAt', 'kind'] },
);
const figures = fc.record({
  files: count,
  directories: count,
  copiedBytes: size,
  sharedBytes: size,
  passedBytes: size,
  skipped: count,
  changed: count,
  disowned: count,
});
const cloneEntry = fc.record({
  name: component,
  uid: text,
  state: fc.constantFrom('growing' as const, 'left' as const, 'note' as const),
  touchedAt: count,
});
const backend = fc.constantFrom('xfs' as const, 'ext4' as const, 'glusterfs' as const);
const counted = { id: count, path: text, usedBytes: size, limitBytes: size };
const quotaEntry = fc.oneof(
  fc.record({ ...counted, inodes: size }),
  fc.record(counted).map((entry) => ({ ...entry, inodes: undefined })),
);
const result: fc.Arbitrary<Result> = fc.oneof(
  fc.record({ kind: fc.constant('supported' as const), backend }),
  fc.record({ kind: fc.constant('limited' as const), id: count, remaining: fc.boolean() }),
  fc.record({ kind: fc.constant('lifted' as const) }),
  fc.record({ kind: fc.constant('quotas' as const), backend, entries: fc.array(quotaEntry, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('cloning' as const), fresh: fc.boolean(), figures }),
  fc.record({ kind: fc.constant('cloned' as const), identity: text, figures }),
  fc.record({ kind: fc.constant('clones' as const), entries: fc.array(cloneEntry, { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('removed' as const), remaining: fc.boolean() }),
  fc.record({ kind: fc.constant('opened' as const), warning: text }),
  fc.record({ kind: fc.constantFrom('alive' as const, 'discarded' as const) }),
  fc.record({ kind: fc.constant('created' as const), identity: text }),
  fc.record({
    kind: fc.constant('existed' as const),
    ...state,
    permissions: fc.constantFrom('as-asked' as const, 'corrected' as const, 'kept' as const),
  }),
  fc.record({ kind: fc.constant('directory' as const), ...state }),
  fc.record({ kind: fc.constant('moved' as const), entry: text }),
  fc.record({ kind: fc.constant('entries' as const), entries: fc.array(entry, { maxLength: 3 }), next: text }),
  fc.record({ kind: fc.constant('restored' as const), path }),
  fc.record({ kind: fc.constant('purged' as const), remaining: fc.boolean() }),
  fc.record({
    kind: fc.constant('usage' as const),
    usedBytes: size,
    inodes: size,
    at: count,
    readAt: count,
    complete: fc.boolean(),
    operations: count,
    cpuMs: count,
  }),
  fc.record({
    kind: fc.constant('space' as const),
    totalBytes: size,
    freeBytes: size,
    totalInodes: size,
    freeInodes: size,
  }),
  fc.record({
    kind: fc.constant('list' as const),
    names: fc.array(fc.record({ name: text, type: fc.constantFrom('directory' as const, 'other' as const) })),
  }),
  fc.record({
    kind: fc.constant('problem' as const),
    problem: fc.constantFrom('unavailable' as const, 'no-space' as const, 'unexpected' as const),
    detail: text,
    errno: text,
    landed: fc.constantFrom('no' as const, 'maybe' as const),
  }),
);

describe('the lines of the protocol', () => {
  it('say the same after a round trip, one line each, whatever the names hold', () => {
    fc.assert(
      fc.property(count, operation, (id, asked) => {
        const line = formatLine({ id, operation: asked });
        assert.equal(line.includes('\n'), false);
        assert.deepEqual(parseRequest(line), structuredClone({ id, operation: asked }));
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(count, result, (id, answered) => {
        const line = formatLine({ id, result: answered });
        assert.equal(line.includes('\n'), false);
        assert.deepEqual(parseResponse(line), structuredClone({ id, result: answered }));
      }),
      { numRuns: 300 },
    );
  });

  it('are refused with the name of the field that is wrong, and with the id where there is one', () => {
    const cases: readonly (readonly [string, string, number | undefined])[] = [
      ['', 'Unexpected end of JSON input', undefined],
      ['[]', ' is not an object', undefined],
      ['{"id":-1}', 'id is -1, not a whole number', undefined],
      ['{"id":1}', 'operation. is not an object', 1],
      ['{"id":1,"operation":{"kind":"rm"}}', 'operation.kind is "rm", not an operation', 1],
      ['{"id":1,"operation":{"kind":"constructor"}}', 'operation.kind is "constructor", not an operation', 1],
      ['{"id":1,"operation":{"kind":"discard"}}', 'operation.path is missing, not a list', 1],
      ['{"id":1,"operation":{"kind":"discard","path":[]}}', 'operation.path is [], not a path below the export', 1],
      [
        '{"id":1,"operation":{"kind":"discard","path":[".larder","trash"]}}',
        'operation.path is [".larder","trash"], not a path below the export',
        1,
      ],
      [
        '{"id":1,"operation":{"kind":"list","path":["a/b"]}}',
        'operation.path is ["a/b"], not a list of single names',
        1,
      ],
      [
        '{"id":1,"operation":{"kind":"list","path":["\\ud800"]}}',
        'operation.path is ["\\ud800"], not a list of single names',
        1,
      ],
    ];
    for (const [line, reason, id] of cases) {
      assert.deepEqual(parseRequest(line), { kind: 'malformed', reason, id }, line);
    }
    assert.deepEqual(parseResponse('{"id":4,"result":{"kind":"moved","entry":5}}'), {
      kind: 'malformed',
      reason: 'result.entry is 5, not text',
      id: 4,
    });
  });

  it('carry no manifest above its limit', () => {
    const asked = { kind: 'trash', path: ['a'], volumeUid: 'u', volumeName: 'v', claim: 'c/d', at: 1 } as const;
    const sized = (bytes: number): object =>
      parseRequest(formatLine({ id: 1, operation: { ...asked, manifest: 'x'.repeat(bytes) } }));
    assert.ok('operation' in sized(16_384));
    assert.ok('reason' in sized(16_385));
  });
});

describe('a single name', () => {
  it('is refused when openat would walk on, stay, or fold it into another', () => {
    const refused = [
      '',
      '.',
      '..',
      '/',
      'a/',
      '/a',
      'a/b',
      'a\0',
      '\ud800',
      'a\udc00b',
      'x'.repeat(256),
      '🫙'.repeat(64),
    ];
    for (const name of refused) assert.equal(isComponent(name), false, JSON.stringify(name));
    const accepted = [
      'a',
      '...',
      '.hidden',
      ' ',
      '-rf',
      '~',
      'a\nb',
      '\\',
      'é',
      'e\u0301',
      'x'.repeat(255),
      '🫙'.repeat(63),
    ];
    for (const name of accepted) assert.equal(isComponent(name), true, JSON.stringify(name));
  });
});
