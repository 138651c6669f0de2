/** `larder ledger report` as somebody runs it: what it prints in each form, and how it ends. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { parseEvent, recordPath } from '../../src/ledger/record.ts';
import type { Report } from '../../src/ledger/report.ts';
import { repository, startLedger } from '../ledger/site.ts';
import { type Told, told } from '../ledger/teller.ts';
import { change, evidence, rebuild } from '../ledger/vectors/vector.ts';
import { runLarder } from './larder.ts';

/** The records of these tests are made now; what they tell of was then. */
const HOUR_MS = 3_600_000;

async function say(ledger: Ledger, ...said: readonly Told[]): Promise<void> {
  for (const { type, data } of said) {
    const parsed = parseEvent(type, data);
    assert.equal(parsed.kind, 'event');
    const appended = await ledger.append({ event: parsed.event });
    assert.equal(appended.kind, 'appended', JSON.stringify(appended));
  }
}

interface Site {
  readonly ledger: Ledger;
  report(...args: readonly string[]): ReturnType<typeof runLarder>;
}

async function site(t: TestContext): Promise<Site> {
  const root = repository(t);
  const ledger = await startLedger(root);
  return { ledger, report: (...args) => runLarder(['ledger', 'report', '--ledger', root, ...args], { NO_COLOR: '1' }) };
}

function ago(hours: number, { records }: Ledger): string {
  const now = Date.parse(records[0]?.at ?? '');
  return new Date(now - hours * HOUR_MS).toISOString();
}

test('a missed criterion is exit code 1, and said in each form with the records that show it', async (t) => {
  const { ledger, report } = await site(t);
  await say(
    ledger,
    rebuild({ runId: 'slow', nodeId: '<b>&`x`', startedAt: ago(3, ledger), completedAt: ago(1, ledger) }),
  );
  const table = await report();
  assert.equal(table.code, 1, table.stderr);
  assert.match(table.stdout, /^Home\n.* from 2 records\n/);
  assert.match(table.stdout, /\nMISSED {5}Nodes rebuilt within 60 minutes\n {11}0 of 1 \(0 %\); target: 100 % of runs/);
  assert.match(table.stdout, /\n {11}- run slow of <b>&`x` took 120 minutes\n {11}record 2\n/);
  assert.match(table.stdout, /\n\n1 met, 2 missed, 6 not known\n$/);
  const long = table.stdout.split('\n').filter((line) => line.length > 80);
  assert.deepEqual(long, []);

  const json: Report = JSON.parse((await report('-o', 'json')).stdout);
  assert.deepEqual(json.counts, { met: 1, missed: 2, 'not-known': 6 });
  assert.deepEqual(json.criteria[0]?.records, [{ seq: 2, id: ledger.head.id }]);

  const markdown = await report('-o', 'markdown');
  assert.equal(markdown.code, 1);
  assert.match(markdown.stdout, /\| MISSED \| Nodes rebuilt within 60 minutes \| 0 of 1 \(0 %\) \|/);
  assert.match(markdown.stdout, /\n- run slow of \\<b\\>\\&\\`x\\` took 120 minutes\n/);

  const html = await report('-o', 'html');
  assert.equal(html.code, 1);
  assert.match(html.stdout, /run slow of &#60;b&#62;&#38;`x` took 120 minutes/);
  assert.match(html.stdout, /Content-Security-Policy" content="default-src 'none'; style-src 'sha256-/);
  assert.doesNotMatch(html.stdout, /<script|<img|<link|src=|https?:/i, 'nothing is run and nothing is loaded');
});

test('where nothing is missed it ends well, also as it was on another day', async (t) => {
  const { ledger, report } = await site(t);
  const clean = await report();
  assert.equal(clean.code, 0, clean.stderr);
  assert.match(clean.stdout, /1 met, 0 missed, 8 not known\n$/);
  const before = ledger.head.at;
  await say(ledger, rebuild({ startedAt: ago(3, ledger), completedAt: ago(1, ledger) }));
  assert.equal((await report()).code, 1);
  const then = await report('--now', before, '-o', 'json');
  assert.equal(then.code, 0, 'the record was not there yet');
  const made: Report = JSON.parse(then.stdout);
  assert.equal(made.at, before);
  assert.equal(made.records.read, 1);
});

test('--since moves the window; a change in it is looked at', async (t) => {
  const { ledger, report } = await site(t);
  const applied = told('change-updated', { changeId: 'c1', status: 'applied', appliedAt: ago(24 * 40, ledger) });
  await say(ledger, change(), evidence({ timestamp: ago(24 * 41, ledger) }), applied);
  const value = async (...args: readonly string[]): Promise<string | undefined> => {
    const made: Report = JSON.parse((await report('-o', 'json', ...args)).stdout);
    return made.criteria.find(({ id }) => id === 'evidence')?.value;
  };
  assert.equal(await value(), 'none');
  assert.equal(await value('--since', '60d'), '0 of 1 (0 %), 1 only claimed');
});

test('what cannot be computed is exit code 2 and says why', async (t) => {
  const { ledger, report } = await site(t);
  const wrong = await report('--since', 'yesterday');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /"yesterday" is no time: write 30d/);
  const late = await report('--since', '2999-01-01');
  assert.equal(late.code, 2);
  assert.match(late.stderr, /--since 2999-01-01 is after/);
  const root = repository(t);
  const none = await runLarder(['ledger', 'report', '--ledger', root]);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /LARDER_LEDGER_NOT_FOUND/);

  await say(ledger, rebuild());
  const file = join(ledger.root, recordPath(ledger.head));
  writeFileSync(file, JSON.stringify({ ...ledger.head, operator: 'eve' }, undefined, 2));
  const broken = await report();
  assert.equal(broken.code, 2);
  assert.equal(broken.stdout, '');
  assert.match(broken.stderr, /not all is as it was signed, so nothing is computed: run `larder ledger verify`/);
});
