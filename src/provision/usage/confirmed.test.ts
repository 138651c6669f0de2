import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Confirmed } from './confirmed.ts';
import type { Counted } from './statfs.ts';

const GIB = 1_073_741_824n;
const HOUR_MS = 3_600_000;
const answer = (usedBytes: bigint, more: Partial<Counted> = {}): Counted => ({
  usedBytes,
  limitBytes: 10n * GIB,
  blockBytes: 4_096n,
  ...more,
});
const walk = { usedBytes: 2n * GIB, inodes: 5_000n };
const both = (said: Counted) => ({ before: said, after: said });

describe('what statfs says in place of a walk', () => {
  it('counts for an hour after a walk that came to the same, with the inodes of that walk', () => {
    const confirmed = new Confirmed();
    assert.equal(confirmed.figures('a', answer(walk.usedBytes), 0), undefined, 'before any walk');
    confirmed.walked('a', walk, both(answer(walk.usedBytes + GIB / 100n)), 0);
    const now = answer(3n * GIB);
    assert.deepEqual(confirmed.figures('a', now, HOUR_MS - 1), { usedBytes: 3n * GIB, inodes: 5_000n });
    assert.equal(confirmed.figures('a', now, HOUR_MS), undefined);
    assert.equal(confirmed.figures('b', now, 0), undefined);
  });

  it('allows for what was written while it was walked', () => {
    const confirmed = new Confirmed();
    const said = { before: answer(1n * GIB), after: answer(3n * GIB) };
    confirmed.walked('a', walk, said, 0);
    assert.ok(confirmed.figures('a', said.after, 1));
  });

  it('does not count where a walk comes to something else: several directories may share a limit', () => {
    const confirmed = new Confirmed();
    const cases: readonly (readonly [string, Parameters<Confirmed['walked']>[2]])[] = [
      ['more', both(answer(walk.usedBytes + GIB / 10n))],
      ['less', both(answer(walk.usedBytes - GIB / 10n))],
      [
        'another limit meanwhile',
        { before: answer(walk.usedBytes), after: answer(walk.usedBytes, { limitBytes: 5n }) },
      ],
      ['blocks that are large beside it', both(answer(walk.usedBytes, { blockBytes: GIB / 64n }))],
      ['nothing before', { before: undefined, after: answer(walk.usedBytes) }],
      ['nothing after', { before: answer(walk.usedBytes), after: undefined }],
    ];
    for (const [what, said] of cases) {
      confirmed.walked('a', walk, both(answer(walk.usedBytes)), 0);
      confirmed.walked('a', walk, said, 1);
      assert.equal(confirmed.figures('a', answer(walk.usedBytes), 2), undefined, what);
      assert.ok(confirmed.isLarge('a'));
    }
  });

  it('does not count after the limit has changed or gone, until the next walk', () => {
    const confirmed = new Confirmed();
    confirmed.walked('a', walk, both(answer(walk.usedBytes)), 0);
    assert.equal(confirmed.figures('a', answer(walk.usedBytes, { limitBytes: 20n * GIB }), 1), undefined);
    assert.equal(confirmed.figures('a', undefined, 1), undefined);
  });

  it('is not asked for a small tree, whose walk is exact and costs no more', () => {
    const confirmed = new Confirmed();
    confirmed.walked('a', walk, both(answer(walk.usedBytes)), 0);
    confirmed.walked('a', { ...walk, inodes: 999n }, both(answer(walk.usedBytes)), 1);
    assert.ok(!confirmed.isLarge('a'));
    assert.equal(confirmed.figures('a', answer(walk.usedBytes), 2), undefined);
  });

  it('forgets the directory that was walked longest ago', () => {
    const confirmed = new Confirmed();
    for (let index = 0; index <= 16_384; index += 1) confirmed.walked(`${index}`, walk, both(answer(0n)), index);
    assert.ok(!confirmed.isLarge('0'));
    assert.ok(confirmed.isLarge('1') && confirmed.isLarge('16384'));
  });
});
