/** Clones of one ledger that say random things, take what others have, and merge: every one of them is whole at every time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drafted } from '../../src/ledger/draft.ts';
import type { LedgerEvent } from '../../src/ledger/event.ts';
import { type LedgerRecord, parseEvent, recordPath, type Unsigned } from '../../src/ledger/record.ts';
import { hashOf } from '../../src/ledger/record-file.ts';
import { decide } from '../../src/ledger/rules.ts';
import { type CheckedFile, extended, type Survey, survey } from '../../src/ledger/survey.ts';
import { diceOf, randomHistory } from './history.ts';
import { breachesOf } from './invariant.ts';
import { minute, opening, type Told } from './teller.ts';

/** More than the usual number: `LARDER_HISTORIES=10000`. */
const HISTORIES = Number(process.env['LARDER_HISTORIES'] ?? 1500);
const LENGTH = 18;

interface Clone {
  readonly files: Map<string, CheckedFile>;
  survey: Survey;
}

type Dice = ReturnType<typeof diceOf>;

class Play {
  readonly clones: readonly Clone[];
  readonly #dice: Dice;
  #number = 0;
  merges = 0;
  conflicts = 0;

  constructor(seed: number) {
    this.#dice = diceOf(seed);
    const first: Clone = { files: new Map(), survey: survey([]) };
    this.say(first, opening);
    this.clones = [first, ...[1, 2].map(() => ({ files: new Map(first.files), survey: first.survey }))];
  }

  pick(): Clone {
    const [first, ...others] = this.clones;
    assert.ok(first);
    return [first, ...others][Math.floor(this.#dice() * this.clones.length)] ?? first;
  }

  chance(share: number): boolean {
    return this.#dice() < share;
  }

  /** As an append does: what breaks a rule is not written. */
  say(clone: Clone, said: Told): void {
    const parsed = parseEvent(said.type, JSON.parse(JSON.stringify(said.data)));
    if (parsed.kind === 'malformed' || clone.survey.ends.length > 1) return;
    this.#add(clone, parsed.event, said.operator ?? 'ana');
  }

  #add(clone: Clone, event: LedgerEvent, operator: string): void {
    const { state, ends } = clone.survey;
    this.#number += 1;
    const id = `00000000-0000-4000-8000-${this.#number.toString(16).padStart(12, '0')}`;
    const seq = Math.max(0, ...ends.map((end) => end.seq)) + 1;
    const at = [minute(seq), ...ends.map((end) => end.at)].sort().at(-1) ?? minute(seq);
    const draft = drafted({ event, id, at, operator, parents: ends, artifacts: [], gitCommit: null });
    const key = keyOf(clone.survey, draft);
    if (key === undefined || decide(state, draft, key).length > 0) return;
    const record: LedgerRecord = { ...draft, hash: hashOf(draft), signature: '-----BEGIN SSH SIGNATURE-----\n' };
    const path = recordPath(record);
    clone.files.set(path, { file: { kind: 'record', path, record }, signature: { kind: 'valid', publicKey: key } });
    clone.survey =
      event.type === 'ledger-merged' ? survey([...clone.files.values()]) : extended(clone.survey, record, key);
  }

  /** As a pull and a merge; where neither has anything new for the other, nothing happens. */
  join(clone: Clone, other: Clone): void {
    const before = clone.files.size;
    for (const [path, file] of other.files) clone.files.set(path, file);
    if (clone.files.size === before) return;
    clone.survey = survey([...clone.files.values()]);
    const { ends, state, findings } = clone.survey;
    if (ends.length < 2) return;
    assert.deepEqual(
      findings.map(({ kind }) => kind),
      ['unmerged'],
    );
    const conflicts = [...state.unsettled].map(([id, rule]) => ({ id, rule }));
    this.merges += 1;
    this.conflicts += conflicts.length;
    const parents = ends.map(({ hash }) => hash);
    const admin = [...state.operators.values()].find(
      ({ role, removed, expiresAt, keys }) =>
        role === 'admin' && !removed && expiresAt === undefined && keys.some(({ ended }) => ended === undefined),
    );
    this.#add(clone, { type: 'ledger-merged', data: { parents, conflicts } }, admin?.operatorId ?? 'ana');
    assert.equal(clone.survey.ends.length, 1, 'a merge is never refused');
  }
}

/** One that its operator holds. */
function keyOf({ state }: Survey, draft: Unsigned): string | undefined {
  if (draft.type === 'ledger-opened')
    return draft.data.operators.find((each) => each.operatorId === draft.operator)?.keys[0];
  return state.operators.get(draft.operator)?.keys.find(({ ended }) => ended === undefined)?.publicKey;
}

/** Of the records that count, in the order of replay. */
function breaches({ records, state }: Survey): readonly string[] {
  return breachesOf(records.filter(({ id }) => !state.conflicts.has(id)));
}

test(`${HISTORIES} random histories of three clones: whole after every merge, the same for everybody, and what counts keeps the rules`, (t) => {
  let merges = 0;
  let conflicts = 0;
  for (let seed = 1; seed <= HISTORIES; seed += 1) {
    const play = new Play(seed);
    for (const said of randomHistory(seed, LENGTH)) {
      const clone = play.pick();
      play.say(clone, said);
      if (play.chance(0.15)) play.join(clone, play.pick());
    }
    const [first, second, third] = play.clones;
    assert.ok(first && second && third);
    play.join(first, second);
    play.join(first, third);
    for (const clone of play.clones) {
      const again = survey([...clone.files.values()].reverse());
      assert.deepEqual(again.findings, [], `seed ${seed}`);
      assert.equal(again.records.length, clone.files.size, `seed ${seed}`);
      assert.equal(again.ends[0]?.hash, clone.survey.ends[0]?.hash, `seed ${seed}`);
      assert.deepEqual(breaches(again), [], `seed ${seed}`);
    }
    merges += play.merges;
    conflicts += play.conflicts;
  }
  t.diagnostic(`${merges} merges, ${conflicts} conflicts`);
  assert.ok(merges > HISTORIES && conflicts > HISTORIES / 4, 'otherwise this shows little');
});

test('a merge with another list of conflicts is found, whoever signs it', () => {
  let tried = 0;
  for (let seed = 1; seed <= HISTORIES / 5; seed += 1) {
    const play = new Play(seed);
    const [first, second] = play.clones;
    assert.ok(first && second);
    for (const said of randomHistory(seed, LENGTH)) play.say(play.chance(0.5) ? first : second, said);
    play.join(first, second);
    const merge = first.survey.ends[0];
    if (merge?.type !== 'ledger-merged') continue;
    const { conflicts } = merge.data;
    const innocent = first.survey.records.find(({ id }) => !conflicts.some((each) => each.id === id));
    assert.ok(innocent);
    const lists = [
      [...conflicts, { id: innocent.id, rule: 'id-new' }],
      ...(conflicts.length > 0 ? [conflicts.slice(1)] : []),
    ];
    for (const list of lists) {
      const { hash: _hash, ...rest } = { ...merge, data: { ...merge.data, conflicts: list } };
      const changed = { ...rest, hash: hashOf(rest) };
      const path = recordPath(changed);
      const check = first.files.get(path);
      const files = new Map(first.files).set(path, { ...check, file: { kind: 'record', path, record: changed } });
      const { findings } = survey([...files.values()]);
      assert.ok(
        findings.some(({ kind, path: of }) => kind === 'rule' && of === path),
        `seed ${seed}: ${JSON.stringify(findings)}`,
      );
      tried += 1;
    }
  }
  assert.ok(tried > HISTORIES / 10, 'otherwise this shows little');
});
