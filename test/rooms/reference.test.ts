import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { vocabularies } from '../tools/reference/vocabulary.ts';
import { folder, otherGeneratedFiles, referencePages } from '../tools/reference.ts';
import { root } from './source.ts';
import { FILES_AT_LEAST } from './table.ts';

/** Where reasons are declared. */
const declaring = ['src/*/registry.ts', 'src/embedded/events.ts'];

const pages = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.md'))
  .map((name) => join('docs', name))
  .concat(readdirSync(root).filter((name) => name.endsWith('.md')))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

test('the generated reference pages say what the tables say', async () => {
  const expected = await referencePages();
  assert.deepEqual(readdirSync(folder).sort(), [...expected.keys()].sort());
  for (const [name, text] of expected) {
    assert.equal(readFileSync(join(folder, name), 'utf8'), text, `docs/reference/${name} is stale: npm run generate`);
  }
  for (const [path, text] of await otherGeneratedFiles()) {
    assert.equal(readFileSync(join(root, path), 'utf8'), text, `${path} is stale: npm run generate`);
  }
});

test('every event reason has a chapter of its own to link to, with what to do', async () => {
  const events = pages.find(({ path }) => path === 'docs/reference/events.md')?.text ?? '';
  const reasons = (await vocabularies()).flatMap((each) => Object.keys(each.events));
  assert.ok(reasons.length >= 30, `only ${reasons.length} reasons`);
  for (const reason of reasons) {
    const chapter = events.split(`\n## ${reason}\n`)[1]?.split('\n## ')[0] ?? '';
    assert.match(chapter, /\*\*What to do:\*\* \S/, reason);
  }
});

test('every event reason is said somewhere: none is declared and never written', async () => {
  const reasons = (await vocabularies()).flatMap(({ events }) => Object.keys(events));
  assert.ok(reasons.length >= 30, `only ${reasons.length} reasons`);
  const files = globSync('src/**/*.ts', { cwd: root, exclude: ['**/*.test.ts', '**/*.fixture.ts', ...declaring] });
  assert.ok(files.length >= FILES_AT_LEAST, `only ${files.length} files`);
  const code = files.map((path) => readFileSync(join(root, path), 'utf8').replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, ''));
  assert.deepEqual(
    [...new Set(reasons)].filter((reason) => !code.some((text) => text.includes(`'${reason}'`))),
    [],
  );
});

test('every warning is explained by symptom too', async () => {
  const text = pages.find(({ path }) => path === 'docs/troubleshooting.md')?.text ?? '';
  const warnings = (await vocabularies()).flatMap(({ events }) =>
    Object.entries(events).flatMap(([reason, { type }]) => (type === 'Warning' ? [reason] : [])),
  );
  assert.ok(warnings.length >= 25, `only ${warnings.length} warnings`);
  assert.deepEqual(
    [...new Set(warnings)].filter((reason) => !text.includes(`events.md#${reason.toLowerCase()}`)),
    [],
  );
});

test('links between the pages lead to a file and a heading that are there', () => {
  const links = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target = '']) => ({ path, target })),
  );
  assert.ok(links.length >= 30, `only ${links.length} links in ${pages.length} pages`);
  const broken = links.filter(({ path, target }) => {
    const [file = '', heading] = target.split('#');
    const to = file === '' ? path : relative(root, resolve(root, dirname(path), file));
    if (!existsSync(join(root, to))) return true;
    const text = pages.find((each) => each.path === to)?.text;
    return heading !== undefined && text !== undefined && !headings(text).has(heading);
  });
  assert.deepEqual(broken, []);
});

function headings(text: string): ReadonlySet<string> {
  const lines = text.replaceAll(/^```[\s\S]*?^```/gm, '').split('\n');
  const found = lines.flatMap((line) => /^#+ (.*)/.exec(line)?.[1] ?? []);
  return new Set(
    found.map((each) =>
      each
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

test('a file that the documentation names in code is there', () => {
  const named = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/`((?:src|test|bench|bin|docs)\/[\w./-]+\.\w+)`/g)].map(([, file = '']) => ({ path, file })),
  );
  assert.ok(named.length >= 40, `only ${named.length} files are named`);
  assert.deepEqual(
    named.filter(({ file }) => !existsSync(join(root, file))),
    [],
  );
});

test('a script that the documentation names is there', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const named = pages.flatMap(({ path, text }) =>
    [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, script = '']) => ({ path, script })),
  );
  assert.deepEqual(
    named.filter(({ script }) => !(script in scripts)),
    [],
  );
});

test('every npm script replaces its shell, and installs first', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const names = Object.keys(scripts).filter((name) => !(name.startsWith('pre') && name.slice(3) in scripts));
  assert.ok(names.length >= 7);
  for (const name of names) {
    assert.match(scripts[name] ?? '', /^exec (env (\S+=\S+ )+)?node /, name);
    // Those after which somebody looks at the console build it, too.
    const console = name === 'start' || name === 'test' ? ' console' : '';
    assert.equal(scripts[`pre${name}`], `exec node bin/bootstrap.js${console}`, name);
  }
});
