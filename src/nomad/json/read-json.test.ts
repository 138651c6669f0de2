import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import fc from 'fast-check';
import type { JobFiles } from '../hcl/functions/hcl-function.ts';
import { type HclInput, readHcl } from '../hcl/read-hcl.ts';
import { openGrammar } from '../hcl/tree.ts';
import { load } from '../jobspec/load.ts';
import { describe } from '../source/diagnostic.ts';
import type { Attribute, Body } from '../source/node.ts';
import { formOf, startsAsJson } from './form.ts';
import { settled, valuesOf } from './job-values.fixture.ts';
import { type JsonNode, parseJson } from './parse.ts';
import { type JsonOutput, readJson } from './read-json.ts';

const folder = new URL('../../../test/fixtures/nomad/hcl-json/', import.meta.url);
const files: JobFiles = {
  read: (path) => (path === 'a.txt' ? { kind: 'file', bytes: Buffer.from('content') } : { kind: 'missing' }),
  below: () => ({ kind: 'files', paths: [] }),
};
const grammar = await openGrammar();
const inputOf = (file: string, text: string): HclInput => ({ grammar, file, text, files });
const readText = (text: string): JsonOutput => readJson(inputOf('job.json', text));
const told = ({ diagnostics }: JsonOutput): readonly string[] => diagnostics.map(describe);

/** Every attribute of a body, with the path of its blocks. */
function attributesOf({ attributes, blocks }: Body, path = ''): readonly (readonly [string, Attribute])[] {
  return [
    ...attributes.map((attribute) => [`${path}${attribute.name}`, attribute] as const),
    ...blocks.flatMap((block) =>
      attributesOf(block, `${path}${[block.type, ...block.labels.map((label) => label.text)].join('.')}.`),
    ),
  ];
}

for (const name of readdirSync(folder).filter((each) => each.endsWith('.json'))) {
  test(`${name} gives the job that the same jobspec in HCL gives`, () => {
    const readFixture = (file: string): HclInput => inputOf(file, readFileSync(new URL(file, folder), 'utf8'));
    const hcl = readHcl(readFixture(name.replace(/json$/, 'nomad.hcl')));
    const json = readJson(readFixture(name));
    assert.deepEqual([hcl.diagnostics, told(json), json.form], [[], [], 'hcl']);
    const [written, read] = [load('a', hcl.body), load('a', json.body)];
    assert.ok(written.job && read.job);
    assert.deepEqual(read.diagnostics, written.diagnostics);
    assert.deepEqual(valuesOf(settled(read.job)), valuesOf(settled(written.job)));
  });
}

test('every attribute of a jobspec in JSON stands where it was written', () => {
  const text = readFileSync(new URL('variables.json', folder), 'utf8');
  const { body } = readJson(inputOf('variables.json', text));
  const found = attributesOf(body);
  assert.ok(found.length > 20);
  for (const [path, { name, at, value }] of found) {
    const cut = text.slice(at.offset, at.end.offset);
    // What a dynamic block makes has the names of its content, or its labels.
    assert.ok(cut.startsWith(`"${name}":`), `${path}: ${cut}`);
    assert.equal(
      text
        .split('\n')
        [at.line - 1]?.slice(at.column - 1)
        .startsWith(`"${name}"`),
      true,
      path,
    );
    if (value.kind === 'scalar' && value.value === 'north')
      assert.equal(text.slice(value.at.offset, value.at.end.offset), '"north"');
  }
});

test('every attribute of a job of the API stands where it was written', () => {
  const text = `{
  "Job": {
    "ID": "a", "Datacenters": ["x"],
    "TaskGroups": [{"Name": "g", "Count": 4,
      "Tasks": [{"Name": "t", "Driver": "docker", "Config": {"image": "i:1", "mounts": [{"type": "bind"}]}, "KillTimeout": 30000000000}]}]
  }
}`;
  const read = readText(text);
  assert.deepEqual(told(read), []);
  const places = attributesOf(read.body).map(([path, { at }]) => [
    path,
    at.line,
    at.column,
    text.slice(at.offset, at.end.offset),
  ]);
  assert.deepEqual(places, [
    ['job.a.datacenters', 3, 16, '"Datacenters": ["x"]'],
    ['job.a.group.g.count', 4, 34, '"Count": 4'],
    ['job.a.group.g.task.t.driver', 5, 31, '"Driver": "docker"'],
    ['job.a.group.g.task.t.kill_timeout', 5, 109, '"KillTimeout": 30000000000'],
    ['job.a.group.g.task.t.config.image', 5, 62, '"image": "i:1"'],
    ['job.a.group.g.task.t.config.mounts', 5, 78, '"mounts": [{"type": "bind"}]'],
  ]);
});

test('functions, variables and mistakes in the strings of JSON are where they are in the file', () => {
  const given =
    '{"job": {"a": {"meta": {"x": "${file(\\"a.txt\\")}", "y": "\\t${nope(1)}", "z": "${env.KEPT} \\"${attr.x}\\""}}}}';
  const read = readText(given);
  assert.deepEqual(
    read.diagnostics.map(({ at, message }) => [message.includes('nope'), at && given.slice(at.offset, at.end.offset)]),
    [[true, 'nope(1)']],
  );
  const good = readText(given.replace('nope(1)', 'upper(\\"q\\")'));
  const meta = attributesOf(good.body).map(([, { value }]) => value.kind === 'scalar' && value.value);
  assert.deepEqual([told(good), meta], [[], ['content', '\tQ', '${env.KEPT} "${attr.x}"']]);
});

test('what is no JSON is refused with its place', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{"Job": {"ID": "a",}}', 'job.json:1:20: error: a comma may not stand before the end'],
    ['{"Job": {"ID": "a"}} x', 'job.json:1:22: error: nothing may follow the end of the JSON'],
    ['{\n  "Job": {ID: "a"}\n}', 'job.json:2:11: error: a name in double quotes is expected'],
    ['{"Job": {"ID": \'a\'}}', 'job.json:1:16: error: a value is expected'],
    ['{"Job": {"ID": True}}', 'job.json:1:16: error: "True" is no value of JSON; texts stand in double quotes'],
    ['{"Job": {"ID" "a"}}', 'job.json:1:15: error: a colon is expected after a name'],
    ['{"Job": {"ID": "a" "b": 1}}', 'job.json:1:20: error: a comma or } is expected'],
    ['{"Job": {"ID": "a', 'job.json:1:16: error: a string is not closed'],
    [
      '{"Job": {"ID": "\\q"}}',
      'job.json:1:16: error: a string has a line break, a control character or an escape that JSON does not know',
    ],
    ['{"Job": {', 'job.json:1:10: error: a name in double quotes is expected, but the text ends'],
    [
      '{"Job": {"ID": "a", "ID": "b"}}',
      'job.json:1:21: error: "ID" stands twice in one object; which value is meant cannot be told',
    ],
    ['{"Job": {"TaskGroups": []}}', 'job.json:1:9: error: a job needs a name: "ID" is missing'],
    ['{"job": 1}', 'job.json:1:2: error: job is a block: an object is expected, or a list of objects'],
    [`{"Job": ${'['.repeat(400)}${']'.repeat(400)}}`, 'job.json:1:309: error: the JSON is nested more than 300 deep'],
  ];
  for (const [text, expected] of cases) {
    const [first] = told(readText(text));
    assert.equal(first?.split(' (LARDER_')[0], expected, text.slice(0, 40));
  }
});

test('JSON of something else is no job and no mistake', () => {
  for (const text of [
    '{"name": "package", "version": "1"}',
    '{"Kind": "service-intentions", "Name": "x", "Sources": []}',
    '{}',
  ]) {
    assert.deepEqual([readText(text).form, told(readText(text))], ['other', []], text);
  }
  const root = parseJson('[1]');
  assert.equal(root.kind === 'json' && formOf(root.root).kind, 'other');
  assert.deepEqual(['  {', '\n{', '\ufeff{', 'job "a" {', ''].map(startsAsJson), [true, true, true, false, false]);
});

test('a job of the API says what nobody knows, and warns of what would surprise', () => {
  const read = readText(
    '{"ID": "a", "Stop": true, "ParentID": "a/periodic-1", "Fresh": 1, "VaultToken": "s.secret", "TaskGroups": [{"name": "g", "COUNT": 2, "Tasks": "none"}], "Networks": null}',
  );
  assert.deepEqual(
    read.diagnostics.map(({ severity, at }) => [severity, at?.column]),
    [
      ['warning', 27],
      ['warning', 13],
    ],
  );
  assert.deepEqual(
    attributesOf(read.body).map(([path]) => path),
    ['job.a.Fresh', 'job.a.group.g.count', 'job.a.group.g.Tasks'],
  );
  assert.ok(!JSON.stringify(read.body).includes('s.secret'));
});

test('long numbers keep every digit, and null says nothing', () => {
  const read = readText(
    '{"ID": "a", "TaskGroups": [{"Name": "g", "Count": null, "Tasks": [{"Name": "t", "Config": {"id": 123456789012345678901, "x": null, "y": 1.50}}]}]}',
  );
  const values = attributesOf(read.body).map(([path, { value }]) => [path, value.kind === 'scalar' && value.value]);
  assert.deepEqual(values, [
    ['job.a.group.g.task.t.config.id', '123456789012345678901'],
    ['job.a.group.g.task.t.config.x', null],
    ['job.a.group.g.task.t.config.y', 1.5],
  ]);
});

function plainOf(node: JsonNode): unknown {
  switch (node.kind) {
    case 'array':
      return node.items.map(plainOf);
    case 'object':
      return Object.fromEntries(node.members.map(({ key, value }) => [key, plainOf(value)]));
    case 'number':
      return Number(node.text);
    case 'scalar':
      return node.value;
    default:
      return node satisfies never;
  }
}

test('JSON is read as the language reads it, and refused when it refuses', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(4), (text, indent) => {
      const spaced = JSON.stringify(JSON.parse(text), null, indent);
      const parsed = parseJson(spaced);
      assert.deepEqual(parsed.kind === 'json' && plainOf(parsed.root), JSON.parse(text));
    }),
  );
  const damaged = fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([text, at, put]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + put + text.slice(place + 1);
  });
  fc.assert(
    fc.property(damaged, (text) => {
      let good = true;
      try {
        JSON.parse(text);
      } catch {
        good = false;
      }
      const parsed = parseJson(text);
      assert.equal(parsed.kind === 'json', good, text);
      assert.ok(parsed.kind === 'json' || (parsed.offset >= 0 && parsed.offset <= text.length));
    }),
    { numRuns: 2000 },
  );
});

test('no text makes the reader throw', () => {
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"job"',
    '"a"',
    '"group"',
    '"dynamic"',
    '"Job"',
    '"ID"',
    '"TaskGroups"',
    '"${"',
    '"%{if"',
    '1',
    'null',
    ' ',
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), (parts) => {
      const read = readText(parts.join(''));
      assert.ok(['api', 'hcl', 'other'].includes(read.form));
    }),
    { numRuns: 300 },
  );
  const shape = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium' },
      fc.constantFrom<unknown>(null, 1, true, '', 'x', '${x', '%{ for', '${var.a}', '$${b}', 'a"b'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom(
          'job',
          'group',
          'task',
          'env',
          'dynamic',
          'content',
          'config',
          'TaskGroups',
          'Tasks',
          'Update',
          'a b',
          '//',
        ),
        tie('value'),
        { maxKeys: 4 },
      ),
    ),
  })).value;
  fc.assert(
    fc.property(shape, shape, (one, other) => {
      assert.notEqual(readText(JSON.stringify({ job: { a: one, b: other } })).form, 'other');
      assert.equal(
        readText(JSON.stringify({ Job: { ID: 'a', TaskGroups: [one], ...(typeof other === 'object' && other) } })).form,
        'api',
      );
    }),
    { numRuns: 300 },
  );
});
