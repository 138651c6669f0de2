/** The page of the report, run by its own script over a document that knows no more than elements, texts and listeners. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { createContext, Script } from 'node:vm';
import { type Converted, convertedFolder, corpus } from './converted.ts';

interface Part {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: (Part | string)[];
  readonly listeners: Map<string, (event: unknown) => void>;
}

const textOf = (part: Part | string): string => (typeof part === 'string' ? part : part.children.map(textOf).join(''));

function allOf(part: Part | string, wanted: (part: Part) => boolean): readonly Part[] {
  if (typeof part === 'string') return [];
  return [...(wanted(part) ? [part] : []), ...part.children.flatMap((each) => allOf(each, wanted))];
}

/** What the page asks of a browser, and nothing else: another call would fail. */
function opened(html: string): Part {
  const make = (name: string): Part => {
    const part = { name, attributes: new Map(), children: [], listeners: new Map() };
    const places = { offsetTop: 0, scrollTop: 0, clientHeight: 100, classList: { add: () => undefined } };
    return Object.assign(part, places, {
      parentElement: places,
      setAttribute: (key: string, value: string) => part.attributes.set(key, value),
      addEventListener: (event: string, listener: (event: unknown) => void) => part.listeners.set(event, listener),
      append: (...more: never[]) => part.children.push(...more),
      replaceChildren: (...more: never[]) => part.children.splice(0, part.children.length, ...more),
      get textContent(): string {
        return textOf(part);
      },
    });
  };
  const report = make('main');
  const [, data = ''] = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html) ?? [];
  const [, script = ''] = /<script>(.*)<\/script>/s.exec(html) ?? [];
  const byId = new Map([
    ['report', report],
    ['data', Object.assign(make('script'), { textContent: data })],
  ]);
  const getElementById = (id: string): Part | undefined =>
    byId.get(id) ?? allOf(report, ({ attributes }) => attributes.get('id') === id)[0];
  const document = { createElement: make, getElementById, querySelectorAll: () => [] };
  new Script(script).runInContext(createContext({ document }));
  return report;
}

const labelled = (page: Part, label: string): Part => {
  const [found] = allOf(page, ({ attributes }) => attributes.get('aria-label') === label);
  assert.ok(found, label);
  return found;
};

const rowsOf = (pane: Part): readonly Part[] =>
  allOf(pane, ({ attributes }) => /^(in|out)-/.test(attributes.get('id') ?? ''));
const shownIn = (pane: Part): string =>
  rowsOf(pane)
    .map((row) => textOf(row.children[1] ?? ''))
    .join('\n');

function pageOf({ files }: Converted): Part {
  return opened(files.get('migration-report.html') ?? '');
}

test('the page shows the job and each of its manifests as they are', () => {
  const converted = convertedFolder(join(corpus, 'traefik-rules'));
  const page = pageOf(converted);
  const [module] = converted.report.modules;
  assert.equal(shownIn(labelled(page, 'Job')), converted.project.sources.get(module?.file ?? ''));
  const paths = module?.manifests.map(({ file }) => file) ?? [];
  assert.ok(paths.length > 2);
  for (const path of paths) {
    const select = labelled(page, 'Manifest');
    Object.assign(select, { value: path });
    select.listeners.get('change')?.({});
    assert.equal(`${shownIn(labelled(page, 'Manifests'))}\n`, converted.files.get(path), path);
  }
});

test('a line of the job tells what became of it, and where', () => {
  const converted = convertedFolder(join(corpus, 'traefik-rules'));
  const page = pageOf(converted);
  const { accounts } = converted.report;
  const told = accounts.find(({ outputs }) => outputs.length > 0);
  assert.ok(told);
  const [row] = allOf(page, ({ attributes }) => attributes.get('id') === `in-${told.line}`);
  const [details] = allOf(page, ({ attributes }) => attributes.get('id') === 'details');
  assert.ok(row && details);
  row.listeners.get('click')?.({});
  const [now] = allOf(page, ({ attributes }) => attributes.get('id') === 'details');
  const said = textOf(now ?? details);
  for (const { path, text, outputs } of accounts.filter(({ line }) => line === told.line)) {
    assert.ok(said.includes(path) && said.includes(text), `${path} in ${said}`);
    for (const { file, line } of outputs) assert.ok(said.includes(`${file}:${line}`), `${file}:${line} in ${said}`);
  }
});

test('what jobs have in common is in the page once', () => {
  const { files, report } = convertedFolder(join(corpus, 'service-neighbours'));
  assert.ok(report.modules.length > 1);
  const html = files.get('migration-report.html') ?? '';
  assert.equal(html.split('"apiVersion: apps/v1"').length - 1, 1);
});
