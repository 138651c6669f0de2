import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const folder = import.meta.dirname;
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));

/** What would let a check, or something that it uses, tell one server from another, or not be run. */
const FORBIDDEN: readonly (readonly [form: RegExp, why: string])[] = [
  [/process\s*\.\s*env|process\s*\[|from 'node:process'|LARDER_/, 'reads the environment'],
  [/\bskip\b|\btodo\b|\bonly\b\s*[:(]|\.only\b/i, 'leaves a check out'],
  [
    /src\/(?!embedded\/certificates\.ts|telemetry\/|expand\/api\/|kube\/quantity\.ts)|isEmbedded|isReal/,
    'imports or names one of the servers',
  ],
  [/baseUrl|\bTarget\b/, 'looks at the address of the server'],
  [
    /['"/]version['"?].*(?:larder|kube-apiserver)|gitVersion\s*[.=!?[]|buildDate|goVersion|compiler/,
    'asks who the server is',
  ],
  [/\bif\s*\([^)]*\b(?:isReal|real|oracle|server)\b/i, 'branches on the server'],
  [/\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}/, 'swallows a failure'],
];

/** Connects, and thus has to know where; nothing else may. */
const CONNECTS = 'target.ts';
/** These say in words which server they record from. */
const RECORDS = /^(?:kinds\/)?record\.ts$/;

test('nothing in the suite asks which server it speaks to, or leaves a check out', () => {
  const read = sources.filter((name) => name !== CONNECTS && name !== 'unconditional.test.ts' && !RECORDS.test(name));
  assert.ok(read.length >= 20, `only ${read.length} files were read`);
  for (const name of read) {
    const text = withoutComments(readFileSync(join(folder, name), 'utf8'));
    for (const [form, why] of FORBIDDEN) assert.ok(!form.test(text), `${name} ${why}: ${form.exec(text)?.[0]}`);
  }
});

test('the file that connects decides by the environment alone, once', () => {
  const text = withoutComments(readFileSync(join(folder, CONNECTS), 'utf8'));
  assert.equal(text.match(/process\.env/g)?.length, 1);
  assert.equal(text.match(/ownServer\(\)/g)?.length, 2, 'made in one place, used in one');
});

test('every file of checks connects in the same way', () => {
  const files = sources.filter((name) => name.endsWith('.test.ts') && name !== 'unconditional.test.ts');
  assert.ok(files.length >= 12, `only ${files.length} files of checks`);
  for (const name of files) {
    assert.match(readFileSync(join(folder, name), 'utf8'), /await connect\(\)/, `${name} does not connect`);
  }
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
}
