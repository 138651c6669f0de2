import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { difference, jsonOf, mutated, seed, verdictOn } from './oracle.fixture.ts';
import { readText } from './read-hcl.fixture.ts';

const root = new URL('../../../', import.meta.url).pathname;
const syntaxOnly = (text: string) => readText(text).diagnostics.filter(({ code }) => code === 'LARDER_NOMAD_SYNTAX');

async function compare(text: string, name: string): Promise<void> {
  const verdict = await verdictOn(text);
  const [refusal] = syntaxOnly(text);
  if (verdict.kind === 'refused') assert.ok(refusal?.at, `${name}: HCL says ${verdict.why}`);
  else {
    assert.equal(refusal?.message, undefined, name);
    const { body, diagnostics } = readText(text);
    if (verdict.kind === 'valueless' || diagnostics.length > 0 || /^\s*(variables?|locals|dynamic)\b/m.test(text))
      return;
    assert.equal(difference(jsonOf(body), verdict.json), undefined, name);
  }
}

test('every text and every job of the tests parses as in HCL', async (t) => {
  const folder = `${root}test/fixtures/nomad/`;
  const rows = ['hcl/valid.json', 'hcl/invalid.json'].flatMap((file): readonly (readonly [string, unknown])[] =>
    JSON.parse(readFileSync(folder + file, 'utf8')),
  );
  for (const [text] of rows) await compare(text, JSON.stringify(text));
  const folders = [folder, `${root}console/nomad/example/`];
  const jobs = folders.flatMap((cwd) => globSync('**/*.{hcl,nomad}', { cwd }).map((name) => cwd + name));
  for (const job of jobs) await compare(readFileSync(job, 'utf8'), job);
  t.diagnostic(`${rows.length} texts, ${jobs.length} jobs`);
  assert.ok(rows.length >= 370 && jobs.length >= 10, `${rows.length} texts, ${jobs.length} jobs`);
});

const examples = `${root}../shared/examples/nomad`;

test('the examples beside the checkout parse as in HCL', async (t) => {
  if (!existsSync(examples)) return t.skip('../shared/examples/nomad is not here');
  const jobs = globSync('**/*.{hcl,nomad,tf}', { cwd: examples });
  for (const job of jobs) await compare(readFileSync(`${examples}/${job}`, 'utf8'), job);
  t.diagnostic(`${jobs.length} files`);
  assert.ok(jobs.length > 0);
});

type Literal = null | boolean | number | string | readonly Literal[] | { readonly [key: string]: Literal };

const word = fc.stringMatching(/^[a-z_][a-z0-9_-]{0,6}$/);
const { literal } = fc.letrec<{ literal: Literal }>((tie) => ({
  literal: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.integer({ min: 0 }),
    fc.integer({ min: 0, max: 1e6 }).map((cents) => cents / 100),
    fc.string({ unit: 'grapheme' }).map((text) => text.normalize('NFC')),
    fc.array(tie('literal'), { maxLength: 4 }),
    fc.dictionary(word, tie('literal'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

/** Each literal can be written in more than one way; `way` chooses. */
function written(value: Literal, way: number): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') return way % 3 === 0 && Number.isInteger(value) ? `${value}.0` : String(value);
  if (value === null || typeof value === 'boolean') return way % 4 === 0 ? `(${value})` : String(value);
  if (Array.isArray(value)) {
    const inside = value.map((item) => written(item, way + 1)).join(way % 2 ? ', ' : ',\n  ');
    return `[${inside}${way % 5 === 0 && value.length > 0 ? ',' : ''}]`;
  }
  const entries = Object.entries(value).map(
    ([key, inner]) => `${way % 2 ? key : quoted(key)} ${way % 3 ? '=' : ':'} ${written(inner, way + 1)}`,
  );
  return way % 2 ? `{ ${entries.join(', ')} }` : `{\n  ${entries.join('\n  ')}\n}`;
}

function quoted(text: string): string {
  const escaped = text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t');
  return `"${escaped.replace(/[$%](?=\{)/g, '$&$&')}"`;
}

test('what is written is what is read, here and in HCL', async (t) => {
  t.diagnostic(`seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(literal, fc.nat({ max: 30 }), async (value, way) => {
      const text = `a = ${written(value, way)}\n`;
      const { body, diagnostics } = readText(text);
      assert.deepEqual(diagnostics, [], text);
      assert.deepEqual(jsonOf(body), { a: value }, text);
      const verdict = await verdictOn(text);
      assert.equal(verdict.kind === 'json' ? difference({ a: value }, verdict.json) : verdict.kind, undefined, text);
    }),
    { numRuns: 300, seed },
  );
});

test('mutated files end in a value or in a diagnostic with its place, as in HCL', async (t) => {
  t.diagnostic(`seed ${seed}; ten thousand of them in oracle.real.test.ts`);
  await fc.assert(
    fc.asyncProperty(mutated, (text) => compare(text, JSON.stringify(text))),
    { numRuns: 300, seed },
  );
});
