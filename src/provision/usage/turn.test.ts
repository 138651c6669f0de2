import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { nextTurns, type Standing, turnsOf } from './turn.ts';

const MINUTE = 60_000;
const pace = { nowMs: 100 * MINUTE, intervalMs: MINUTE };

interface Named extends Standing {
  readonly name: string;
}

/** Measured some minutes ago, calm, small and cheap, unless it is said otherwise. */
const volume = (name: string, ageMinutes: number | undefined, change: Partial<Standing> = {}): Named => ({
  name,
  measuredMs: ageMinutes === undefined ? undefined : pace.nowMs - ageMinutes * MINUTE,
  changedMs: undefined,
  growth: 0,
  fill: 0.1,
  slices: 0,
  begunMs: 0,
  costMs: 1,
  lookMs: undefined,
  ...change,
});
const begun = (volumes: readonly Named[]): readonly string[] =>
  turnsOf(volumes, pace).begin.map(({ volume: { name } }) => name);
const freshOf = (volumes: readonly Named[]): Readonly<Record<string, number>> =>
  Object.fromEntries(turnsOf(volumes, pace).begin.map(({ volume: { name }, freshMs }) => [name, freshMs]));

describe('whose turn it is', () => {
  it('is that of what was never measured, then of what is oldest; what is young waits', () => {
    assert.deepEqual(begun([volume('old', 3), volume('young', 0.5), volume('new', undefined), volume('older', 9)]), [
      'new',
      'older',
      'old',
    ]);
  });

  it('comes after two intervals for what is calm, after one for what changed lately or is nearly full', () => {
    const aged = [volume('calm', 1.9), volume('full', 1.1, { fill: 0.7 }), volume('young', 0.9, { fill: 0.7 })];
    const changed = volume('changed', 1.5, { changedMs: pace.nowMs - 5 * MINUTE });
    assert.deepEqual(begun([...aged, changed, volume('due', 2)]), ['due', 'changed', 'full']);
  });

  it('comes sooner for what grows', () => {
    assert.deepEqual(begun([volume('still', 3), volume('grows', 2, { growth: 0.2 })]), ['grows', 'still']);
    assert.deepEqual(begun([volume('still', 9), volume('grows', 2, { growth: 0.2 })]), ['still', 'grows']);
  });

  it('goes on with what began first', () => {
    const { resume, begin } = turnsOf(
      Array.from({ length: 9 }, (_, index) =>
        volume(`big${index}`, undefined, { slices: index, begunMs: 100 - index }),
      ),
      pace,
    );
    assert.deepEqual(
      resume.map(({ volume: { name } }) => name),
      ['big8', 'big7', 'big6', 'big5', 'big4', 'big3', 'big2', 'big1'],
    );
    assert.deepEqual(
      begin.map(({ volume: { name } }) => name),
      ['big0'],
    );
  });
});

describe('how thoroughly', () => {
  it('all of it, as long as that costs little', () => {
    assert.deepEqual(freshOf([volume('a', 2), volume('b', 2, { costMs: 500 })]), { a: 0, b: 0 });
  });

  it('calm trees bit by bit where reading all would take more than its share of the time', () => {
    const fresh = freshOf([volume('a', 2), volume('b', 2, { costMs: 12 * MINUTE })]);
    assert.ok(fresh['b'] !== undefined && Math.abs(fresh['b'] - 12 * 100 * MINUTE) <= 200, `${fresh['b']}`);
    assert.equal(fresh['a'], fresh['b']);
  });

  it('never longer than a day without being read', () => {
    assert.equal(freshOf([volume('a', 2, { costMs: 1e12 })])['a'], 86_400_000);
  });

  it('what changes or fills up, wholly, though the rest is large', () => {
    const large = volume('large', 2, { costMs: 20 * MINUTE });
    const fresh = freshOf([
      large,
      volume('changed', 2, { changedMs: pace.nowMs - 9 * MINUTE }),
      volume('calm again', 2, { changedMs: pace.nowMs - 11 * MINUTE }),
      volume('full', 2, { fill: 0.6 }),
      volume('nearly', 2, { fill: 0.59 }),
    ]);
    assert.deepEqual([fresh['changed'], fresh['full']], [0, 0]);
    assert.ok([fresh['calm again'], fresh['nearly'], fresh['large']].every((ms) => ms !== undefined && ms > MINUTE));
  });

  it('takes what an earlier process left, when it knows nothing itself', () => {
    assert.deepEqual(freshOf([volume('a', undefined)]), { a: 86_400_000 });
  });
});

describe('the time of a round', () => {
  it('is shared by those that begin and those that go on', () => {
    const turn = (name: string) => ({ volume: volume(name, undefined), freshMs: 0 });
    const left = { begin: [turn('a'), turn('b'), turn('c')], resume: [turn('x'), turn('y')] };
    const order = [
      nextTurns(left, { beginMs: 0, resumeMs: 0 }),
      nextTurns(left, { beginMs: 5, resumeMs: 80 }),
      nextTurns(left, { beginMs: 85, resumeMs: 80 }),
      nextTurns(left, { beginMs: 85, resumeMs: 90 }),
      nextTurns(left, { beginMs: 85, resumeMs: 90 }),
      nextTurns(left, { beginMs: 85, resumeMs: 90 }),
    ];
    assert.deepEqual(
      order.map((turns) => turns.map((each) => each.volume.name).join()),
      ['x', 'a', 'y', 'b', 'c', ''],
    );
  });

  it('is asked for together by those that take little, and by nobody else', () => {
    const together = (...volumes: readonly Named[]): readonly string[] => {
      const left = { begin: volumes.map((each) => ({ volume: each, freshMs: 1 })), resume: [] };
      const groups: string[] = [];
      for (;;) {
        const turns = nextTurns(left, { beginMs: 0, resumeMs: 0 });
        if (turns.length === 0) return groups;
        groups.push(turns.map((each) => each.volume.name).join());
      }
    };
    const [a, b, c] = [volume('a', 2), volume('b', 2), volume('c', 2)];
    assert.deepEqual(together(a, b, c), ['a,b,c']);
    assert.deepEqual(together(a, volume('slow', 2, { costMs: 11 }), b, c), ['a', 'slow', 'b,c']);
    assert.deepEqual(together(a, volume('looked at', 2, { costMs: 11, lookMs: 1 }), b), ['a,looked at,b']);
    assert.deepEqual(together(volume('new', undefined), a, b), ['new', 'a,b']);
    assert.deepEqual(together(a, volume('under way', 2, { slices: 1 }), b), ['a', 'under way', 'b']);
    const many = Array.from({ length: 40 }, (_, index) => volume(`v${index}`, 2, { costMs: 0 }));
    assert.deepEqual(
      together(...many).map((group) => group.split(',').length),
      [32, 8],
    );
  });

  it('leaves nobody out, whatever the others cost', () => {
    const arbitrary = fc.array(
      fc.record({
        costMs: fc.integer({ min: 0, max: 500 }),
        slices: fc.integer({ min: 1, max: 30 }),
        grows: fc.boolean(),
      }),
      { minLength: 1, maxLength: 25 },
    );
    fc.assert(
      fc.property(arbitrary, (trees) => {
        const state = trees.map((tree) => ({ ...tree, times: 0, done: 0, measuredMs: 0, begunMs: 0 }));
        let nowMs = 0;
        let spent = { beginMs: 0, resumeMs: 0 };
        for (let turns = 0; turns < 4_000 && state.some(({ times }) => times < 2); turns += 1) {
          const standings = state.map((tree): Standing & { tree: (typeof state)[number] } => ({
            tree,
            measuredMs: tree.times === 0 ? undefined : tree.measuredMs,
            changedMs: undefined,
            growth: tree.grows && tree.times > 0 ? 1 : 0,
            fill: 0.9,
            slices: tree.done,
            begunMs: tree.begunMs,
            costMs: tree.costMs * tree.slices,
            lookMs: undefined,
          }));
          const { begin, resume } = turnsOf(standings, { nowMs, intervalMs: 1_000 });
          if (begin.length === 0 || resume.length === 0) spent = { beginMs: 0, resumeMs: 0 };
          const asked = nextTurns({ begin: [...begin], resume: [...resume] }, spent);
          nowMs += 100;
          for (const { volume: each } of asked) {
            const { tree, slices } = each;
            if (slices === 0) tree.begunMs = nowMs;
            nowMs += tree.costMs;
            if (slices === 0) spent = { ...spent, beginMs: spent.beginMs + tree.costMs };
            else spent = { ...spent, resumeMs: spent.resumeMs + tree.costMs };
            tree.done += 1;
            if (tree.done < tree.slices) continue;
            tree.done = 0;
            tree.times += 1;
            tree.measuredMs = nowMs;
          }
        }
        assert.ok(
          state.every(({ times }) => times >= 2),
          JSON.stringify(state),
        );
      }),
      { numRuns: 200 },
    );
  });
});
