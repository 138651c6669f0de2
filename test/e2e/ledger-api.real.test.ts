/**
 * The HTTP API fuzzed by schemathesis, with every check that it has: from Larder's own document, and from one that holds the
 * six operations of the original contract and nothing else. More, and others each time, by hand:
 * `LARDER_TEST_EXAMPLES=200 node --test FILE`.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openapi } from '../../src/ledger/openapi.ts';
import { runChild } from '../tools/child.ts';
import { installPython } from '../tools/python.ts';
import { temporaryFolder } from './larder.ts';
import { type LedgerServer, startLedgerServer } from './ledger-server.ts';

const ORIGINAL = resolve(import.meta.dirname, '../fixtures/ledger/original-openapi.yaml');
const LIMIT_MS = 30 * 60_000;

const python = await installPython({ env: process.env, say: (line) => void process.stderr.write(`${line}\n`) });
const skip = python.kind === 'unavailable' ? python.reason : false;
const asked = process.env['LARDER_TEST_EXAMPLES'];

interface Fuzz {
  readonly document: string;
  /** For each operation, in each phase. */
  readonly examples: number;
  readonly casesAtLeast: number;
  readonly operations: number;
}

async function serve(t: TestContext): Promise<LedgerServer> {
  const folder = join(
    temporaryFolder((remove) => t.after(remove)),
    'home-cluster',
  );
  mkdirSync(folder);
  execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: folder });
  // Commits are tried elsewhere, and thousands of records are not what a commit is for.
  const server = await startLedgerServer({ folder, words: ['--init', '--operator', 'ana', '--no-commit'] });
  t.after(async () => {
    server.kill('SIGTERM');
    await server.exited;
  });
  return server;
}

async function fuzz(t: TestContext, { document, examples, casesAtLeast, operations }: Fuzz): Promise<void> {
  const server = await serve(t);
  const folder = temporaryFolder((remove) => t.after(remove));
  const program = join(dirname(python.kind === 'ready' ? python.path : ''), 'schemathesis');
  const { code, output } = await runChild({
    command: program,
    args: [
      ...['run', document, '--url', server.address, '--header', `Authorization: Bearer ${server.token}`],
      ...['--checks', 'all', '--max-examples', asked ?? String(examples), '--continue-on-failure', '--no-color'],
      ...['--suppress-health-check', 'all', '--output-truncate', 'true'],
      ...(asked === undefined ? ['--seed', '1'] : []), // the same each time; other requests are tried by hand
    ],
    cwd: folder, // it keeps what it found there
    env: { ...process.env, HOME: folder, COLUMNS: '200' },
    limitMs: LIMIT_MS,
  });
  const told = output
    .split('\n')
    .map((line) => line.slice(0, 400))
    .join('\n');
  assert.equal(code, 0, told.slice(told.indexOf('FAILURES')).slice(0, 20_000));
  const cases = Number(/(\d[\d,]*) generated/.exec(told)?.[1]?.replace(',', '') ?? 0);
  const tested = Number(/Tested: (\d+)/.exec(told)?.[1] ?? 0);
  const verified = await server.ask('GET', '/ledger/verify');
  t.diagnostic(`${cases} requests to ${tested} operations; ${JSON.stringify(verified.body).slice(0, 200)}`);
  assert.ok(cases >= casesAtLeast, `only ${cases} requests`);
  assert.equal(tested, operations);
  assert.match(JSON.stringify(verified.body), /"kind":"whole"/, 'whatever was sent, the ledger is whole');
}

test('from the six operations of the original contract', { skip }, (t) =>
  fuzz(t, { document: ORIGINAL, examples: 12, casesAtLeast: 300, operations: 6 }),
);

test('from its own document', { skip }, async (t) => {
  const document = join(
    temporaryFolder((remove) => t.after(remove)),
    'openapi.json',
  );
  writeFileSync(document, JSON.stringify(openapi()));
  await fuzz(t, { document, examples: 3, casesAtLeast: 1_000, operations: 40 });
});
