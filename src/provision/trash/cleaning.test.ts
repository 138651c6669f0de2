import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Candidate, cleaningOf, type Early, neededOf } from './cleaning.ts';

const NOW = 1_000_000;

const candidate = (
  entry: string,
  change: Partial<Candidate['entry']> = {},
  more: Partial<Candidate> = {},
): Candidate => ({
  entry: {
    entry,
    path: ['a'],
    identity: '7',
    volumeUid: 'u',
    volumeName: 'pvc-u',
    claim: 'shop/data',
    trashedAt: NOW - 1_000,
    kind: 'trash',
    expiresAt: NOW + 1_000,
    ...change,
  },
  owned: false,
  bytes: 100n,
  ...more,
});
/** `undefined` for an entry without an end. */
const endless = ({ entry, ...rest }: Candidate): Candidate => {
  const { expiresAt: _, ...kept } = entry;
  return { ...rest, entry: kept };
};
const removed = (candidates: readonly Candidate[], early: Early, neededBytes?: bigint): readonly string[] =>
  cleaningOf({ candidates, early, neededBytes, now: NOW })
    .filter(({ verdict }) => verdict.kind === 'remove')
    .map(({ candidate: { entry } }) => entry.entry);
const reasonOf = (one: Candidate, early: Early): string =>
  cleaningOf({ candidates: [one], early, neededBytes: undefined, now: NOW })[0]?.verdict.reason ?? '';

describe('what may go', () => {
  const ended = candidate('ended', { expiresAt: NOW });
  const young = candidate('young', { trashedAt: NOW - 5 });
  const old = candidate('old', { trashedAt: NOW - 9_000 });
  const archive = candidate('archive', { kind: 'archive', trashedAt: NOW - 99_000 });
  const all = [archive, young, old, ended];

  it('is what has ended; before that only what was said', () => {
    assert.deepEqual(removed(all, 'none'), ['ended']);
    assert.deepEqual(removed(all, 'trash'), ['ended', 'old', 'young']);
    assert.deepEqual(removed(all, 'all'), ['ended', 'old', 'young', 'archive']);
  });

  it('is never what has no end, or what a living volume owns', () => {
    for (const early of ['none', 'trash', 'all'] as const) {
      assert.equal(reasonOf(endless(archive), early), 'no-end');
      assert.equal(reasonOf(endless(old), early), 'no-end');
      assert.equal(reasonOf({ ...ended, owned: true }, early), 'owned');
    }
  });

  it('is what a removal that was interrupted has left', () => {
    assert.equal(reasonOf(candidate('half', { removing: true }), 'none'), 'ended');
  });

  it('is no more than is needed, in that order', () => {
    assert.deepEqual(removed(all, 'all', 0n), []);
    assert.deepEqual(removed(all, 'all', 1n), ['ended']);
    assert.deepEqual(removed(all, 'all', 101n), ['ended', 'old']);
    assert.deepEqual(removed(all, 'all', 10_000n), ['ended', 'old', 'young', 'archive']);
    assert.deepEqual(
      cleaningOf({ candidates: all, early: 'all', neededBytes: 1n, now: NOW }).map(({ verdict }) => verdict.reason),
      ['ended', 'enough', 'enough', 'enough'],
    );
  });

  it('holds for any trash: one verdict each, nothing without an end, the less that may go early the less goes', () => {
    const arbitrary = fc.array(
      fc.record({
        kind: fc.constantFrom('trash' as const, 'archive' as const),
        trashedAt: fc.nat(NOW),
        expiresAt: fc.option(fc.nat(2 * NOW), { nil: undefined }),
        owned: fc.boolean(),
        bytes: fc.bigInt({ min: 0n, max: 500n }),
      }),
    );
    fc.assert(
      fc.property(
        arbitrary,
        fc.option(fc.bigInt({ min: 0n, max: 2_000n }), { nil: undefined }),
        (some, neededBytes) => {
          const candidates = some.map(({ kind, trashedAt, expiresAt, owned, bytes }, index) => {
            const one = candidate(
              `${index}`,
              { kind, trashedAt, ...(expiresAt === undefined ? {} : { expiresAt }) },
              { owned, bytes },
            );
            return expiresAt === undefined ? endless(one) : one;
          });
          const counts = (['none', 'trash', 'all'] as const).map((early) => {
            const judged = cleaningOf({ candidates, early, neededBytes, now: NOW });
            assert.equal(new Set(judged.map(({ candidate: { entry } }) => entry.entry)).size, candidates.length);
            const goes = judged.filter(({ verdict }) => verdict.kind === 'remove').map((each) => each.candidate);
            for (const { entry, owned } of goes) {
              assert.ok(!owned && entry.expiresAt !== undefined);
              assert.ok(entry.expiresAt <= NOW || early === 'all' || (early === 'trash' && entry.kind === 'trash'));
            }
            // Without the last one it would not be enough.
            const freed = goes.slice(0, -1).reduce((sum, { bytes }) => sum + (bytes ?? 0n), 0n);
            assert.ok(neededBytes === undefined || goes.length === 0 || freed < neededBytes);
            return goes.length;
          });
          assert.deepEqual(
            [...counts].sort((a, b) => a - b),
            counts,
          );
        },
      ),
    );
  });
});

describe('how much room is missing', () => {
  it('to a size or a share of the export', () => {
    const space = { totalBytes: 1_000n, freeBytes: 100n };
    assert.equal(neededOf(space, { kind: 'quantity', bytes: 150n }), 50n);
    assert.equal(neededOf(space, { kind: 'quantity', bytes: 100n }), 0n);
    assert.equal(neededOf(space, { kind: 'percentage', ratio: 0.125 }), 25n);
    assert.equal(neededOf(space, { kind: 'percentage', ratio: 0.05 }), 0n);
  });
});
