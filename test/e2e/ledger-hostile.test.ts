/** What somebody wrote into records reaches no terminal as it stands, whichever verb prints it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { processTerminal, type Terminal, visible } from '../../src/cli/output.ts';
import type { LedgerEvent } from '../../src/ledger/event.ts';
import { systemRandom } from '../../src/telemetry/clock.ts';
import { ledgerSite, type Person, type Site } from './ledger-person.ts';

/** Clears the screen, sets a title, hides, paints as we paint, turns the reading order, comes back on a line of its own. */
const EVIL =
  'x\u001b[2J\u001b]0;owned\u0007\u001b[8m\u001b[32mmet\u001b[39m\u009b31m\u202egnp\rfake\nforged line\u2028y';

const facts: readonly LedgerEvent[] = [
  {
    type: 'incident-opened',
    data: { incidentId: 'i1', title: EVIL, severity: 'critical', openedAt: '2026-01-01T00:00:00Z' },
  },
  {
    type: 'rebuild-recorded',
    data: {
      ...{ runId: 'r1', nodeId: EVIL, initiatedBy: EVIL, status: 'failed', logsPath: EVIL },
      ...{ startedAt: '2026-01-01T00:00:00Z', completedAt: '2026-01-01T02:00:00Z' },
    },
  },
  {
    type: 'change-created',
    data: {
      ...{ changeId: 'c1', featureBranch: EVIL, manifestPaths: [EVIL], status: 'draft', diffSummary: EVIL },
      ...{ reviewers: [EVIL], runbookUpdates: [EVIL] },
    },
  },
  {
    type: 'evidence-attached',
    data: {
      ...{ changeId: 'c1', evidenceId: 'e1', command: EVIL, outputPath: EVIL, summary: EVIL },
      timestamp: '2026-01-01T00:00:00Z',
    },
  },
  { type: 'change-updated', data: { changeId: 'c1', status: 'applied' } },
  { type: 'runbook-recorded', data: { path: EVIL, title: EVIL, reviewedAt: '2026-01-01T00:00:00Z' } },
];

const verbs: readonly (readonly string[])[] = [
  ['ledger', 'show'],
  ['ledger', 'show', '2'],
  ['ledger', 'show', '3'],
  ['ledger', 'show', '4'],
  ['ledger', 'show', '4', '-o', 'json'],
  ['ledger', 'show', '-o', 'yaml'],
  ['ledger', 'verify', '--no-cluster'],
  ['ledger', 'report', '--since', '2025-01-01'],
  ['ledger', 'report', '-o', 'markdown'],
  ['ledger', 'report', '-o', 'html'],
  ['ledger', 'export'],
  ['ledger', 'export', '--as', 'data-model'],
  ['ledger', 'operator', 'list'],
  ['change', 'list'],
  ['change', 'show', 'c1'],
  ['change', 'show', 'c1', '-o', 'yaml'],
  ['change', 'diff', 'c1', '--no-record'],
];

/** As the process has it, on a terminal with colours. */
function screen(): { readonly terminal: Pick<Terminal, 'brush'>; shown(text: string): string } {
  const { brush = '' } = processTerminal(systemRandom);
  assert.match(brush, /^\d{9}$/);
  return { terminal: { brush }, shown: (text) => visible(text, brush) };
}

async function recorded(site: Site, by: Person, event: LedgerEvent): Promise<void> {
  const file = join(site.folder, 'event.json');
  writeFileSync(file, JSON.stringify(event));
  const { code, stderr } = await site.ledger(['append', file, '--no-commit'], by);
  assert.equal(code, 0, stderr);
}

/** What stands in the text looks as if it were painted. */
const PAINTED_MET = '\u001b[32mmet\u001b[39m\\u009b';
/** The colours that `paint` writes, and no others. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const PAINTED = /\u001b\[(?:1|2|22|3[1-3]|39)m/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const STEERING = /[\0-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;

test('hostile records steer no terminal and forge no line, in any verb that prints them', async (t) => {
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  assert.equal((await site.ledger(['init', '--operator', 'ana', '--title', EVIL], ana)).code, 0);
  for (const event of facts) await recorded(site, ana, event);
  const { terminal, shown } = screen();
  let seen = 0;
  for (const words of verbs) {
    const { stdout, stderr } = await site.larder(words, undefined, {}, { ...terminal, interactive: true });
    const text = shown(stdout + stderr);
    assert.doesNotMatch(text.replaceAll(PAINTED, ''), STEERING, words.join(' '));
    assert.ok(!text.includes(PAINTED_MET), words.join(' '));
    // In YAML a long text goes on in another line, and in HTML a line is a blank.
    if (!words.includes('yaml') && !words.includes('html'))
      assert.doesNotMatch(text, /^\s*forged line/m, words.join(' '));
    if (text.includes('owned')) seen += 1;
  }
  assert.ok(seen > verbs.length / 2, `${seen} verbs printed it`);
});

test('an id that nobody could read or type begins nothing', async (t) => {
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  assert.equal((await site.ledger(['init', '--operator', 'ana'], ana)).code, 0);
  const file = join(site.folder, 'event.json');
  for (const id of ['-x', ' x', '\u200bx', 'x\0', EVIL, '']) {
    const data = { incidentId: id, title: 'x', severity: 'info', openedAt: '2026-01-01T00:00:00Z' };
    writeFileSync(file, JSON.stringify({ type: 'incident-opened', data }));
    const { code, stderr } = await site.ledger(['append', file], ana);
    assert.ok(code === 2 || code === 3, stderr);
    assert.match(stderr, /incidentId:? (is no id that can be read and typed|Too small|is empty)/);
  }
  assert.equal(site.records().length, 1);
});

test('what is no event is told in words that need no schema', async (t) => {
  const site = await ledgerSite(t);
  const ana = await site.person('ana');
  assert.equal((await site.ledger(['init', '--operator', 'ana'], ana)).code, 0);
  const file = join(site.folder, 'event.json');
  const said = async (content: string): Promise<string> => {
    writeFileSync(file, content);
    const { code, stderr } = await site.ledger(['append', file], ana);
    assert.equal(code, 2, stderr);
    assert.doesNotMatch(stderr, /Invalid|expected|received|✖|zod/i);
    return stderr;
  };
  const unknown = await said('{"type": "cheque", "data": {}}');
  assert.match(unknown, /"cheque" is no type of record\. There are:\n( {2}\S.*\n)+$/);
  assert.ok(
    unknown
      .split('\n')
      .slice(1)
      .every((line) => line.length <= 80),
    unknown,
  );
  assert.match(await said('[]'), /is no event: it is an object/);
  assert.match(await said('{"type": "incident-opened", "data": {"incidentId": 7}}'), /data\.title: is missing: a text/);
});
