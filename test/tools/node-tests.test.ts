import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type NodeTests, runNodeTests } from './node-tests.ts';

const one = { kind: 'each', concurrency: 2 } as const;
const both = [one, { kind: 'shared' }] as const;

async function runFiles(
  t: TestContext,
  files: Record<string, string>,
  processes: (typeof both)[number],
): Promise<NodeTests> {
  const root = mkdtempSync(join(tmpdir(), 'larder-runner-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(root, name), `import { suite, test } from 'node:test';\n${text}`);
  }
  return runNodeTests({ files: Object.keys(files), processes, root, env: process.env, limitMs: 60_000 });
}

const details = ({ findings }: NodeTests): string[] => findings.map(({ detail }) => detail);

for (const processes of both) {
  const how = processes.kind === 'each' ? 'a process for each file' : 'shared processes';

  test(`with ${how}, passes are counted by test, suites are not tests, and a skip keeps its reason`, async (t) => {
    const files = {
      'a.test.mjs': `test('x', () => {}); suite('s', () => { test('y', () => {}); });`,
      'b.test.mjs': `test('z', (t) => { t.diagnostic('a note'); t.diagnostic('a\\nb\\nc'); t.skip('no such tool'); });`,
    };
    const result = await runFiles(t, files, processes);
    assert.deepEqual(result, {
      passed: 2,
      findings: [],
      skipped: ['no such tool'],
      notes: ['b.test.mjs: a note', 'b.test.mjs: a (and 2 lines)'],
    });
  });

  test(`with ${how}, a failure carries its file, line and error`, async (t) => {
    const result = await runFiles(
      t,
      { 'a.test.mjs': `test('x', () => {});\ntest('y', () => { throw new Error('boom'); });` },
      processes,
    );
    assert.equal(result.passed, 1);
    assert.deepEqual([result.findings[0]?.name, result.findings[0]?.where], ['y', 'a.test.mjs:3']);
    assert.match(result.findings[0]?.detail ?? '', /Error: boom/);
    assert.equal(result.findings.length, 1);
  });

  test(`with ${how}, a file that cannot be loaded fails with what is wrong in it`, async (t) => {
    const files = { 'a.test.mjs': `import './nowhere.mjs';\ntest('x', () => {});` };
    assert.match(details(await runFiles(t, files, processes)).join(), /Cannot find module .*nowhere\.mjs/);
  });

  test(`with ${how}, a file that ends the process with success fails`, async (t) => {
    const files = { 'a.test.mjs': `test('x', () => {}); test('y', () => process.exit(0)); test('z', () => {});` };
    assert.match(details(await runFiles(t, files, processes)).join(), /process\.exit|ended with 0 without a summary/);
  });

  test(`with ${how}, a skip without a reason and a todo fail`, async (t) => {
    const files = { 'a.test.mjs': `test.skip('x', () => {}); test.todo('y'); test('z', () => {});` };
    const result = await runFiles(t, files, processes);
    assert.deepEqual(details(result), ['skipped without a reason', 'marked as todo: finish it or remove it']);
    assert.deepEqual([result.passed, result.skipped], [1, []]);
  });

  test(`with ${how}, a file without a test and one that cannot be loaded fail`, async (t) => {
    const files = {
      'a.test.mjs': '',
      'b.test.mjs': `throw new Error('not loaded');`,
      'c.test.mjs': `test('x', () => {});`,
    };
    const result = await runFiles(t, files, processes);
    assert.equal(result.passed, 1);
    assert.equal(result.findings.length, 2);
    assert.match(details(result).join(), /no test heard of/);
  });
}

test('globs that match no file fail', async (t) => {
  assert.match(details(await runFiles(t, {}, one)).join(), /match no file/);
});

test('a process that outlives its limit is killed and fails', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'larder-runner-'));
  t.after(() => rmSync(root, { recursive: true }));
  writeFileSync(
    join(root, 'a.test.mjs'),
    `import { test } from 'node:test'; test('x', () => new Promise(() => setInterval(() => {}, 1000)));`,
  );
  const result = await runNodeTests({ files: ['a.test.mjs'], processes: one, root, env: process.env, limitMs: 1_500 });
  assert.match(details(result).join(), /stopped at its time limit\nnot finished: [^\n]*a\.test\.mjs/);
});
