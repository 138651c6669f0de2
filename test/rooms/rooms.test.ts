import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { test } from 'node:test';
import { type Import, parseSource, readSources, type Source } from './source.ts';
import * as table from './table.ts';

const sources = readSources('src/**/*.ts');
const code = sources.filter(({ test: isTest }) => !isTest);
const named = code.filter(({ name }) => !table.rolesByName.includes(basename(name)));
const tests = readSources('{src,test,bench}/**/*.test.ts');
const page = readSources('console/**/*.{ts,tsx}').filter(({ path }) => !path.startsWith('console/dist/'));
const everything = [...sources, ...page, ...readSources('{test,bench}/**/*.ts')];

const isPure = (name: string): boolean =>
  table.pure.some((each) => (each.endsWith('/') ? name.startsWith(each) : name === each));

const none = (found: readonly string[]): void => assert.deepEqual(found, []);
const isFile = (name: string): boolean => sources.some((source) => source.name === name);

test('the checks of this file see the whole house', (t) => {
  t.diagnostic(`${sources.length} files in src, ${tests.length} with tests, ${everything.length} in all`);
  assert.ok(sources.length >= table.FILES_AT_LEAST, `only ${sources.length} files in src`);
  assert.deepEqual([...new Set(sources.map(({ room }) => room))].sort(), Object.keys(table.rooms).sort());
  const imports = code.flatMap((source) => source.imports);
  assert.ok(imports.filter(({ relative }) => relative).length > code.length, 'imports are not seen');
});

test('the parser sees every form of import, export and banned name', () => {
  const text = `import { a } from './a.ts'; import type { B } from '../kube/b.ts'; export * from './c.ts';
    import { type D } from 'd'; type E = import('./e.ts').E; const f = await import('./f.ts'); export const g: any = Date.now();
    const h = new Date(), i = new Date(0), j = Math.random() + performance.now(); setTimeout(() => {}, 1); AbortSignal.timeout(1);
    import { randomUUID } from 'node:crypto'; import { setInterval as k } from 'node:timers'; crypto.randomUUID(); export default 1;`;
  const source = parseSource('src/expand/x.ts', text);
  const imports = source.imports.map(({ of, type }) => `${of}${type ? ' (type)' : ''}`);
  const expected = [
    'expand/a',
    'kube/b (type)',
    'd (type)',
    'node:crypto',
    'node:timers',
    'expand/c',
    'expand/e',
    'expand/f',
  ];
  assert.deepEqual(imports.toSorted(), expected.toSorted());
  const found = new Set(source.findings.map(({ what }) => what));
  for (const what of ['any', 'Date.now', 'new Date()', 'Math.random', 'performance.now', 'setTimeout', 'setInterval']) {
    assert.ok(found.has(what), what);
  }
  for (const what of ['AbortSignal.timeout', 'randomUUID', 'node:timers', 'crypto.randomUUID'])
    assert.ok(found.has(what), what);
  assert.equal(source.findings.filter(({ what }) => what === 'new Date()').length, 1);
  assert.deepEqual([source.barrel, source.exportsDefault], [true, true]);
});

test('a room imports only the rooms that the table allows', () => {
  const allowed = ({ room, test: isTest }: Source): readonly string[] => {
    const rooms = table.rooms[room] ?? [];
    return isTest ? [...rooms, 'embedded', ...(table.rooms['embedded'] ?? [])] : rooms;
  };
  none(
    sources.flatMap((source) =>
      source.imports
        .filter(({ relative }) => relative)
        .filter(({ of }) => !of.startsWith(`${source.room}/`) && !allowed(source).includes(of.split('/')[0] ?? ''))
        .filter(({ of }) => of !== '../package.json' && of !== 'package.json')
        .map(({ of }) => `${source.path} imports ${of}`),
    ),
  );
});

test('nothing imports cli, and only cli imports operator', () => {
  const importers = (room: string): readonly string[] =>
    sources
      .filter((source) => source.room !== room && source.imports.some(({ of }) => of.startsWith(`${room}/`)))
      .map(({ room }) => room);
  none([...new Set(importers('cli'))]);
  none([...new Set(importers('operator'))].filter((room) => room !== 'cli'));
});

test('every relative import names a file that is there, with its extension', () => {
  none(
    sources.flatMap((source) =>
      source.imports
        .filter(({ relative, of }) => relative && !of.endsWith('.json') && !isFile(of))
        .map(({ of }) => `${source.path} imports ${of}`),
    ),
  );
});

test('files do not import each other in a circle, types aside', () => {
  const edges = new Map(
    code.map(({ name, imports }) => [
      name,
      imports.filter(({ relative, type }) => relative && !type).map(({ of }) => of),
    ]),
  );
  none(circles(edges));
});

/** Depth-first search; a circle is written as the path that closes it. */
function circles(edges: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) found.push([...path.slice(path.indexOf(name)), name].join(' → '));
    if (done.has(name)) return;
    done.add(name);
    for (const next of edges.get(name) ?? []) visit(next, [...path, name]);
  };
  for (const name of edges.keys()) visit(name, []);
  return found;
}

test('circles are found', () => {
  const edges = new Map([
    ['a', ['b', 'c']],
    ['b', ['c']],
    ['c', ['d']],
    ['d', ['b']],
  ]);
  assert.deepEqual(circles(edges), ['b → c → d → b']);
  assert.deepEqual(
    circles(
      new Map([
        ['a', ['b', 'c']],
        ['b', ['c']],
      ]),
    ),
    [],
  );
});

test('pure files import only pure files, types and zod', () => {
  const listed = code.filter(({ name }) => isPure(name));
  const missing = table.pure.filter((name) => !name.endsWith('/') && !isFile(name));
  none(missing.map((name) => `${name} is listed as pure and does not exist`));
  assert.ok(listed.length >= table.PURE_AT_LEAST, `only ${listed.length} pure files`);
  none(
    listed.flatMap((source) =>
      source.imports
        .filter(({ type }) => !type)
        .filter((each) => !mayBePure(each))
        .map(({ of }) => `${source.path} is pure and imports ${of}`),
    ),
  );
});

function mayBePure({ of, relative, names }: Import): boolean {
  if (relative) return of.endsWith('.json') || isPure(of);
  const allowed = table.purePackages[of];
  return allowed !== undefined && (allowed.length === 0 || names.every((name) => allowed.includes(name)));
}

test('the console imports its own files, pure files of src, types, and the packages of the table', (t) => {
  t.diagnostic(`${page.length} files of the console`);
  assert.ok(page.length >= table.CONSOLE_FILES_AT_LEAST, `only ${page.length} files of the console`);
  const may = ({ of, relative, type }: Import): boolean =>
    type || (relative ? of.startsWith('console/') || isPure(of) : table.consolePackages.includes(of));
  const shown = page.filter(({ path }) => path !== table.consoleBuilder);
  none(
    shown.flatMap(({ path, imports }) => imports.filter((each) => !may(each)).map(({ of }) => `${path} imports ${of}`)),
  );
  const used = shown.flatMap(({ imports }) => imports.map(({ of }) => of));
  none(table.consolePackages.filter((name) => !used.includes(name)));
  none(page.filter(({ exportsDefault }) => exportsDefault).map(({ path }) => `${path} exports a default`));
});

test('time, timers and randomness come only from telemetry/clock', () => {
  assert.ok(
    sources.some(({ name, findings }) => name === table.clockFile && findings.length > 3),
    'the clock itself is not seen',
  );
  none(
    code
      .filter(({ name }) => name !== table.clockFile)
      .flatMap(({ path, findings }) =>
        findings.filter(({ what }) => what !== 'any').map(({ what, line }) => `${path}:${line} uses ${what}`),
      ),
  );
});

test('nothing is typed any', () => {
  none(
    everything.flatMap(({ path, findings }) =>
      findings.filter(({ what }) => what === 'any').map(({ line }) => `${path}:${line} says any`),
    ),
  );
});

test('no file of src has a default export, and only kube/index is a barrel', () => {
  none(sources.filter(({ exportsDefault }) => exportsDefault).map(({ path }) => `${path} exports a default`));
  none(
    sources
      .filter(({ name, barrel }) => barrel && !table.barrels.includes(name))
      .map(({ path }) => `${path} only passes on what others export`),
  );
});

test('kube names no product', () => {
  const allowed = (name: string, line: string): boolean =>
    table.productWordsAllowed.some((each) => each.file === name && each.line.test(line));
  none(
    code
      .filter(({ room }) => room === 'kube')
      .flatMap(({ name, path, lines }) =>
        lines
          .map((line, index) => ({ line, at: `${path}:${index + 1}: ${line.trim()}` }))
          .filter(({ line }) => table.productWords.test(line) && !allowed(name, line))
          .map(({ at }) => at),
      ),
  );
});

test('no file is longer than it may be, tables aside', () => {
  const limit = (isTest: boolean): number => (isTest ? table.LINES_AT_MOST.test : table.LINES_AT_MOST.code);
  const long = everything.filter(({ lines, test: isTest }) => lines.length > limit(isTest));
  none(
    long.filter(({ path }) => !(path in table.longFiles)).map(({ path, lines }) => `${path}: ${lines.length} lines`),
  );
  none(Object.keys(table.longFiles).filter((path) => !long.some((source) => source.path === path)));
});

test('a file exports something that carries its name', () => {
  const strangers = named
    .filter(({ exports }) => exports.length > 0)
    .filter(({ name, exports }) => !exports.some((each) => related(each, basename(name))));
  none(
    strangers
      .filter(({ name }) => !table.namedAfterSubject.includes(name))
      .map(({ path, exports }) => `${path} exports ${exports.join(', ')}`),
  );
  none(table.namedAfterSubject.filter((name) => !strangers.some((source) => source.name === name)));
});

/** `client` and `createClient`, `admission` and `admit`, `exports` and `exportOf` have a word that begins alike. */
function related(exported: string, file: string): boolean {
  const words = (text: string): readonly string[] => text.split(/(?=[A-Z])|[-._]/).map((word) => word.toLowerCase());
  const alike = (one: string, other: string): boolean => {
    const length = Math.min(one.length, other.length, 4);
    return one.slice(0, length) === other.slice(0, length);
  };
  return words(file).some((one) => words(exported).some((other) => alike(one, other)));
}

test('no drawer: file names are nouns and verbs of the field', () => {
  const drawers = /(^|\/)(utils?|helpers?|common|types?|misc|shared)(\.ts|\/)/;
  none(everything.map(({ path }) => path).filter((path) => drawers.test(path)));
});

test('every test file has a test', () => {
  none(tests.filter(({ lines }) => !lines.some((line) => /^\s*(test|it)\(/.test(line))).map(({ path }) => path));
});
