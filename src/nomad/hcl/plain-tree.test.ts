import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Branch } from './branch.ts';
import { mutate, pieces, seed } from './oracle.fixture.ts';
import { plainTree } from './plain-tree.ts';
import { openGrammar, withGrammar } from './tree.ts';

const root = new URL('../../../', import.meta.url).pathname;
const grammar = await openGrammar();

/** Without the texts of templates, which no reader asks for. */
function bare({ type, start, end, children }: Branch): Branch {
  const kept = children.filter((child) => child.type !== 'template_literal').map(bare);
  return { type, start, end, children: kept };
}

/** Whether it is plain; where it is, the grammar makes the same of it. */
function compare(text: string): boolean {
  const made = plainTree(text);
  if (made === undefined) return false;
  const { root: expected, failure } = grammar.parseAny(text);
  assert.equal(failure, undefined, text);
  assert.deepEqual(made, bare(expected), text);
  return true;
}

const folders = ['test/fixtures/nomad/', 'console/nomad/example/', 'deploy/', 'bench/nomad/'];
const files = folders.flatMap((folder) =>
  globSync('**/*.{hcl,nomad,tf}', { cwd: root + folder }).map((name) => readFileSync(root + folder + name, 'utf8')),
);

test('most jobs are plain, and become the branches that the grammar makes', (t) => {
  const plain = files.filter(compare);
  t.diagnostic(`${plain.length} of ${files.length} files`);
  assert.ok(plain.length > 100 && plain.length < files.length, `${plain.length} of ${files.length} files`);
  assert.ok(compare(readFileSync(`${root}bench/nomad/job.nomad.hcl`, 'utf8')), 'the job of the bench');
});

test('what only the grammar reads is left to it', () => {
  const left = [
    ...['a = 1 + 2', 'a = !b', 'a = -1', 'a = b ? 1 : 2', 'a = (b)', 'a = [for x in y : x]', 'a = f(x...)'],
    ...['a = b[*].c', 'a = b.*.c', 'a = b.0', 'a = 1e5', 'a = "\\u00e9"', 'a = "$${b}"', 'a = "%{ if b }c%{ endif }"'],
    ...['a = "${~ b ~}"', 'a = <<E\n${b}\nE', 'a = <<E\nE b\nE\n', 'a = b::c()', 'a = b (c)', 'ä = 1', 'a\u00a0= 1'],
    ...['a = 1\r\n', '\ufeffa = 1', '', '# a', '{ a = 1 }', 'a = "b', 'a = [b', 'a = {b', 'a {', 'a = "b\nc"', '}'],
  ];
  for (const text of left) assert.equal(plainTree(text), undefined, text);
  assert.equal(plainTree(`a = ${'['.repeat(900)}${']'.repeat(900)}`), undefined, 'too deep');
});

test('a plain text with something put in or taken away is no longer plain, or is still read alike', (t) => {
  t.diagnostic(`seed ${seed}`);
  const some = (text: string): readonly string[] => {
    const lines = text.split('\n');
    return lines.map((_, index) => `${lines.slice(index, index + 1 + (index % 7)).join('\n')}\n`);
  };
  const parts = [...new Set(files.flatMap(some))].filter((part) => plainTree(part) !== undefined);
  assert.ok(parts.length > 100, `${parts.length} parts`);
  let plain = 0;
  const mutation = fc.tuple(fc.nat(), fc.nat({ max: 4 }), fc.constantFrom('', ...pieces));
  fc.assert(
    fc.property(fc.constantFrom(...parts), fc.array(mutation, { minLength: 1, maxLength: 2 }), (part, mutations) => {
      if (compare(mutations.reduce(mutate, part).toWellFormed())) plain += 1;
    }),
    { numRuns: 3_000, seed },
  );
  t.diagnostic(`${plain} of 3000 stayed plain`);
  assert.ok(plain > 300, `${plain} stayed plain`);
});

test('work on texts that are plain is done once; for another it is done again, with the grammar', async () => {
  const types = async (...texts: readonly string[]): Promise<readonly string[]> => {
    const begun: string[] = [];
    await withGrammar(({ parse }) => {
      begun.push(texts.map((text) => parse(text).root.type).join(' '));
    });
    return begun;
  };
  assert.deepEqual(await types('a = 1', 'b {}'), ['config_file config_file']);
  assert.deepEqual(await types('a = 1', 'b = 1 + 1'), ['config_file config_file']);
  let tries = 0;
  const made = await withGrammar(({ parse }) => {
    tries += 1;
    return parse('b = 1 + 1');
  });
  assert.equal(tries, 2);
  assert.deepEqual(made, grammar.parseAny('b = 1 + 1'));
  await assert.rejects(
    withGrammar(() => {
      throw new RangeError('its own');
    }),
    RangeError,
  );
});
