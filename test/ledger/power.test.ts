/** Cut off at every step of a write, by a kill, a full disk or a power cut: there is a whole ledger, without the record or with it. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ALLOWED_SIGNERS } from '../../src/ledger/allowed-signers.ts';
import { isBreak } from '../../src/ledger/finding.ts';
import type { Ledger, NewEvent } from '../../src/ledger/ledger.ts';
import { coded, type MemoryDisk } from './memory-disk.ts';
import { appended, bob, incident, memorySite, openLedger, startLedger } from './site.ts';

/** Changes people, so that allowed_signers is written too, and has evidence in a folder that is not there yet. */
const everything: NewEvent = {
  event: { type: 'operator-added', data: { operatorId: 'bob', role: 'operator', keys: [bob.publicKey] } },
  artifacts: [
    { folder: 'bob', name: 'key.txt', content: Buffer.from(`${bob.publicKey}\n`) },
    { folder: 'bob', name: 'request.txt', content: Buffer.from('please\n') },
  ],
};

interface Site {
  readonly disk: MemoryDisk;
  readonly options: Omit<ReturnType<typeof memorySite>, 'disk'>;
}

/** A ledger of two records, all of it on the disk. */
async function begun(t: TestContext): Promise<Site> {
  const { disk, ...options } = memorySite(t);
  const ledger = await startLedger('', { ...options, disk });
  appended(await ledger.append({ event: incident('a') }));
  return { disk: disk.copy(), options };
}

/** The names of the steps of an append. */
async function steps({ disk, options }: Site): Promise<readonly string[]> {
  const copy = disk.copy();
  const names: string[] = [];
  copy.step = (what) => void names.push(what);
  appended(await (await openLedger('', { ...options, disk: copy })).append(everything));
  return names;
}

/** Appends on a copy of the disk until `at` steps were done. Whether the append said that it was done. */
async function cutOff(
  { disk, options }: Site,
  at: number,
): Promise<{ readonly disk: MemoryDisk; readonly said: boolean }> {
  const copy = disk.copy();
  const ledger = await openLedger('', { ...options, disk: copy });
  let done = 0;
  copy.step = () => {
    done += 1;
    if (done > at) throw coded('EIO', 'there is no power');
  };
  const said = await ledger.append(everything).then(
    ({ kind }) => kind === 'appended',
    () => false,
  );
  return { disk: copy, said };
}

async function isWhole(ledger: Ledger, where: string): Promise<void> {
  const { findings } = await ledger.verify();
  assert.deepEqual(findings.filter(isBreak), [], where);
}

async function goesOn({ options }: Site, disk: MemoryDisk, where: string): Promise<number> {
  const ledger = await openLedger('', { ...options, disk });
  await isWhole(ledger, where);
  const { length } = ledger.records;
  assert.ok(length === 2 || length === 3, `${length} records ${where}`);
  appended(await ledger.append({ event: incident(`after ${where}`) }));
  const { findings } = await ledger.verify();
  const left = findings.filter(({ kind }) => kind !== 'artifact-unclaimed'); // evidence of the record that was cut off
  assert.deepEqual(left, [], `the next append clears away ${where}`);
  assert.equal(ledger.state.operators.has('bob'), length === 3, where);
  return length;
}

test('a power cut at every step, with anything lost that was not synchronised', async (t) => {
  const site = await begun(t);
  const names = await steps(site);
  assert.ok(names.length > 25, `${names.length} steps`);
  let tried = 0;
  for (let at = 0; at <= names.length; at += 1) {
    const { disk, said } = await cutOff(site, at);
    const ways: ((possibilities: number) => number)[] = [() => 0, (possibilities) => possibilities - 1];
    for (let seed = 1; seed <= 6; seed += 1) ways.push(chooser(seed * 1000 + at));
    for (const [way, choose] of ways.entries()) {
      const where = `before step ${at + 1}, ${names[at] ?? 'the end'}, way ${way}`;
      const length = await goesOn(site, disk.afterPowerCut(choose), where);
      assert.ok(!said || length === 3, `what was said to be recorded is there ${where}`);
      tried += 1;
    }
  }
  t.diagnostic(`${names.length} steps, ${tried} power cuts`);
});

/** xorshift; the same numbers for the same seed. */
function chooser(seed: number): (possibilities: number) => number {
  let state = seed;
  return (possibilities) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % possibilities;
  };
}

test('a disk that is full from any step on: what is told is what happened, and with room again it goes on', async (t) => {
  const site = await begun(t);
  const names = await steps(site);
  const outcomes = new Set<string>();
  for (let at = 0; at < names.length; at += 1) {
    const where = `full from ${names[at]}`;
    const disk = site.disk.copy();
    const ledger = await openLedger('', { ...site.options, disk });
    let done = 0;
    disk.step = (what) => {
      done += 1;
      if (done > at && /^(make|create|write|link)/.test(what)) throw coded('ENOSPC', 'no space left on device');
    };
    const told = await ledger.append(everything).then(
      (outcome) => appended(outcome),
      (failure: unknown) => failure,
    );
    disk.step = () => undefined;
    const again = await openLedger('', { ...site.options, disk });
    if (told instanceof Error) {
      assert.match(told.message, /was not recorded: .*no space left on device\. make room, and try again$/, where);
      assert.equal(again.records.length, 2, where);
      outcomes.add('refused');
    } else {
      assert.equal(again.records.length, 3, where);
      outcomes.add('appended');
    }
    await goesOn(site, disk, where);
    appended(await ledger.append({ event: incident('with room again') }));
    await isWhole(ledger, where);
  }
  assert.deepEqual([...outcomes].sort(), ['appended', 'refused'], 'both were seen');
});

test('a disk that does not confirm: the record is there, and the message says so', async (t) => {
  const site = await begun(t);
  const disk = site.disk.copy();
  const ledger = await openLedger('', { ...site.options, disk });
  let last = '';
  disk.step = (what) => {
    if (what.startsWith('sync folder') && last.includes('operator-added')) throw coded('EIO', 'input/output error');
    last = what;
  };
  await assert.rejects(() => ledger.append(everything), {
    code: 'LARDER_LEDGER_FILES',
    message: /operator-added.*is written, but the disk did not confirm it: .*input\/output error/,
  });
  disk.step = () => undefined;
  assert.equal(ledger.records.length, 2);
  await ledger.refresh();
  assert.equal(ledger.records.length, 3);
});

test('a start that is cut off at any step can be begun again, and loses nothing', async (t) => {
  const { disk: empty, ...options } = memorySite(t);
  const names: string[] = [];
  const copy = empty.copy();
  copy.step = (what) => void names.push(what);
  await startLedger('', { ...options, disk: copy });
  assert.ok(copy.files().some((path) => path.endsWith(ALLOWED_SIGNERS)));
  for (let at = 0; at < names.length; at += 1) {
    const disk = empty.copy();
    let done = 0;
    disk.step = () => {
      done += 1;
      if (done > at) throw coded('EIO', 'there is no power');
    };
    await startLedger('', { ...options, disk }).catch(() => undefined);
    for (const choose of [() => 0, (possibilities: number) => possibilities - 1]) {
      const survived = disk.afterPowerCut(choose);
      const ledger = await startLedger('', { ...options, disk: survived }).catch(() =>
        openLedger('', { ...options, disk: survived }),
      );
      assert.equal(ledger.records.length, 1, `cut before ${names[at]}`);
      appended(await ledger.append({ event: incident('a') }));
      await isWhole(ledger, `cut before ${names[at]}`);
    }
  }
});
