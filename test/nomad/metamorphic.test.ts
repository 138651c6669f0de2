/** C19: how a job is written changes nothing of what it becomes. A test, because each form is another conversion. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { readTree } from '../../src/nomad/check/tree.ts';
import { type Converted, convertedFolder, convertedTexts, corpus, corpusJobs } from './converted.ts';

const JOB = 'jobspec.nomad.hcl';

/** Jobs of the corpus that stand in one file, with nothing beside it that counts. */
const jobs = corpusJobs().filter((name) => {
  const files = readdirSync(join(corpus, name));
  return files.length === 1 && files[0] === JOB;
});

function textOf(name: string): string {
  return readFileSync(join(corpus, name, JOB), 'utf8');
}

const converted = (text: string): Converted => convertedTexts(new Map([[JOB, text]]));

/** All objects, by kind and name, whatever files they stand in. */
function objectsOf({ files }: Converted): readonly string[] {
  return readTree(files)
    .modules.flatMap(({ manifests }) => manifests.map(({ object }) => JSON.stringify(sorted(object))))
    .sort();
}

/** Lists whose order means nothing: peers of a rule, ports, and variables that do not refer to each other. */
const SETS: readonly string[] = ['env', 'from', 'ports'];

/** Keys in one order, and what has no order too. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, asSet(key, sorted(each))] as const);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function asSet(key: string, value: unknown): unknown {
  if (!SETS.includes(key) || !Array.isArray(value)) return value;
  return value.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
}

/** Ranges of the groups of the only job of a text, from the outside in; none where one is made by a `dynamic` block. */
function groupRanges(text: string): readonly (readonly [start: number, end: number])[] {
  const [loaded] = converted(text).project.jobs;
  const ranges = (loaded?.job.group ?? []).map(({ at }) => [at.offset, at.end.offset] as const);
  const apart = ranges.every(([start], index) => index === 0 || (ranges[index - 1]?.[1] ?? 0) <= start);
  return apart && ranges.every(([start, end]) => text.slice(start, end).startsWith('group')) ? ranges : [];
}

/** The same text with its groups the other way round. */
function reversed(text: string): string {
  const ranges = groupRanges(text);
  const groups = ranges.map(([start, end]) => text.slice(start, end));
  return ranges.reduceRight(
    (changed, [start, end], index) =>
      `${changed.slice(0, start)}${groups[groups.length - 1 - index]}${changed.slice(end)}`,
    text,
  );
}

/** The first of two services of one name keeps it: which is first is then more than a form. */
const ORDERED: readonly string[] = ['service-twins'];
const severalGroups = jobs.filter((name) => !ORDERED.includes(name) && groupRanges(textOf(name)).length > 1);
const withPort = jobs.filter((name) => /\bport\s+"[a-z]+"\s*\{/.test(textOf(name)));
const withEnv = jobs.filter((name) => /^\s*env\s*\{/m.test(textOf(name)));

test('the corpus has jobs for each of these', (t) => {
  t.diagnostic(
    `${severalGroups.length} with several groups, ${withPort.length} with ports, ${withEnv.length} with env`,
  );
  assert.ok(severalGroups.length >= 1 && withPort.length >= 3 && withEnv.length >= 2);
});

for (const name of severalGroups) {
  test(`${name}: groups in another order are the same objects`, () => {
    const text = textOf(name);
    assert.notEqual(reversed(text), text);
    assert.deepEqual(objectsOf(converted(reversed(text))), objectsOf(converted(text)));
  });
}

for (const name of withEnv) {
  test(`${name}: env as an attribute is the same as env as a block`, () => {
    const text = textOf(name);
    assert.deepEqual(
      objectsOf(converted(text.replaceAll(/^(\s*)env\s*\{/gm, '$1env = {'))),
      objectsOf(converted(text)),
    );
  });
}

/** A label that stands nowhere else, so that it can be told apart in what is written. */
const OTHER = 'zq9';

for (const name of withPort) {
  test(`${name}: a port of another label is the same but for the label`, () => {
    const text = textOf(name);
    const label = /\bport\s+"([a-z]+)"\s*\{/.exec(text)?.[1] ?? '';
    // the same word may be the name of a protocol
    const renamed = text
      .replaceAll(new RegExp(`(?<!(?:type|protocol|name|mode)\\s*=\\s*)"${label}"`, 'g'), `"${OTHER}"`)
      .replaceAll(new RegExp(`(?<=port_map\\s*=?\\s*\\{[^}]*)\\b${label}\\b`, 'g'), OTHER)
      .replaceAll(new RegExp(`(NOMAD_(?:[A-Z]+_)*(?:PORT|ADDR|IP)_)${label}\\b`, 'g'), `$1${OTHER}`);
    const plain = (objects: readonly string[]): readonly string[] =>
      objects
        .map((each) => each.replaceAll(new RegExp(`(?<![a-z])(?:${label}|${OTHER})(?![a-z])`, 'g'), 'LABEL'))
        .sort();
    assert.deepEqual(plain(objectsOf(converted(renamed))), plain(objectsOf(converted(text))));
  });
}

/** Each of the forms beside a change that is more than form: the comparison that finds nothing above finds it. */
const changes: readonly (readonly [
  what: string,
  among: readonly string[],
  form: (text: string) => string,
  change: RegExp,
])[] = [
  ['an image beside groups in another order', severalGroups, reversed, /(?<=image\s*=\s*")[^"]+(?=")/],
  [
    'a value beside env as an attribute',
    withEnv,
    (text) => text.replaceAll(/^(\s*)env\s*\{/gm, '$1env = {'),
    /(?<=env = \{\s*\w+\s*=\s*")[^"]*(?=")/,
  ],
  [
    'a number beside a port of another label',
    withPort,
    (text) => text.replaceAll(/\bport\s+"http"/g, 'port "zq9"').replaceAll('= "http"', '= "zq9"'),
    /(?<=\bto\s*=\s*)\d+/,
  ],
];

for (const [what, among, form, change] of changes) {
  test(`${what} is seen`, () => {
    const name = among.find((each) => change.test(form(textOf(each))));
    assert.ok(name !== undefined, 'no job of the corpus has what is to be changed');
    const formed = form(textOf(name));
    const altered = formed.replace(change, (text) => (/^\d+$/.test(text) ? '4711' : 'example.org/changed:9'));
    assert.notDeepEqual(objectsOf(converted(altered)), objectsOf(converted(textOf(name))));
    assert.ok(
      objectsOf(converted(altered)).some((each) => /4711|example\.org\/changed/.test(each)),
      name,
    );
  });
}

const pairs = resolve(import.meta.dirname, '../fixtures/nomad/pairs');

for (const file of readdirSync(pairs)
  .filter((each) => each.endsWith('.nomad.hcl'))
  .sort()) {
  const name = file.replace(/\.nomad\.hcl$/, '');
  test(`${name}: the same objects from HCL and from the JSON of Nomad's API`, () => {
    const read = (path: string): string => readFileSync(join(pairs, path), 'utf8');
    const hcl = objectsOf(converted(read(file)));
    for (const kind of ['run', 'inspect']) {
      const json = convertedTexts(new Map([['job.json', read(`${name}.${kind}.json`)]]));
      assert.deepEqual(objectsOf(json), hcl, kind);
    }
  });
}

test('a folder is converted to the same bytes each time', () => {
  for (const name of corpusJobs().slice(0, 10)) {
    const once = convertedFolder(join(corpus, name));
    assert.deepEqual([...convertedFolder(join(corpus, name)).files], [...once.files], name);
  }
});
