import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convertedTexts } from './converted.ts';
import { loaded, translated } from './translated.ts';

const wrap = (inner: string): string =>
  `job "web" {\n  group "g" {\n    task "t" {\n      driver = "docker"\n${inner}\n    }\n  }\n}\n`;

test('blocks may be written as attributes, and lists of maps as blocks', () => {
  const spellings = [
    'env {\n A = 1\n B = true\n}\n artifact {\n source = "https://a.example/x"\n}',
    'env = {\n A = 1\n B = true\n}\n artifact = [{ source = "https://a.example/x" }]',
    'env = { "A" = "1", B = true }\n artifact = { source = "https://a.example/x" }',
  ];
  for (const text of spellings) {
    const [task] = loaded(wrap(text)).job.group[0]?.task ?? [];
    assert.deepEqual(
      task?.env.map(({ key, value }) => [key, value]),
      [
        ['A', '1'],
        ['B', 'true'],
      ],
      text,
    );
    assert.deepEqual(
      task?.artifact.map(({ source }) => source?.value),
      ['https://a.example/x'],
      text,
    );
  }
});

test('every line is an item, with its own path and place', () => {
  const text =
    'kill_timeout = "30s"\n env {\n A = 1\n}\n vault {}\n template {\n data = "a"\n}\n template {\n data = "b"\n}';
  const { items } = loaded(wrap(text));
  const task = 'job.web.group.g.task.t';
  assert.deepEqual(
    items.map(({ path, at }) => ({ line: at.line, path })).toSorted((left, right) => left.line - right.line),
    [
      { line: 1, path: 'job.web' },
      { line: 2, path: 'job.web.group.g' },
      { line: 3, path: task },
      { line: 4, path: `${task}.driver` },
      { line: 5, path: `${task}.kill_timeout` },
      { line: 7, path: `${task}.env.A` },
      { line: 9, path: `${task}.vault` },
      { line: 11, path: `${task}.template.data` },
      { line: 14, path: `${task}.template[1].data` },
    ],
  );
});

test('what Nomad does not know is told, kept and reported', () => {
  const outcome = translated(wrap('colour = "red"\n paint {\n coats = 2\n}'));
  const told = outcome.diagnostics.filter(({ severity }) => severity === 'warning').map(({ message }) => message);
  assert.equal(told.length, 2);
  assert.match(told[0] ?? '', /knows no attribute colour here.*Known: driver, user/);
  assert.match(told[1] ?? '', /knows no block paint here/);
  const left = outcome.accounts.filter(({ row }) => row === 'unknown').map(({ item, class: of }) => [item.path, of]);
  assert.ok(left.some(([path, of]) => path === 'job.web.group.g.task.t.colour' && of === 'manual'));
});

test('null is as if it were not there, and is accounted for', () => {
  const outcome = translated(wrap('kill_signal = null'));
  const [account] = outcome.accounts.filter(({ item }) => item.path.endsWith('.kill_signal'));
  assert.equal(account?.class, 'dropped');
});

test('a value of a wrong type is an error that says what is accepted', () => {
  const { diagnostics } = loaded(wrap('leader = "maybe"\n kill_timeout = "soon"\n vault {\n policies = "one"\n}'));
  assert.deepEqual(
    diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ message }) => message)
      .toSorted(),
    [
      'kill_timeout is "soon"; it takes a duration such as "30s", or whole nanoseconds',
      'leader is "maybe"; it takes true or false',
      'policies is "one"; it takes a list of text',
    ],
  );
});

test('a task below the job is a group of its own', () => {
  const { job } = loaded('job "one" {\n  task "alone" {\n    driver = "docker"\n  }\n}\n');
  assert.deepEqual(
    job.group.map(({ label, task }) => [label.text, task.map((each) => each.label.text)]),
    [['alone', ['alone']]],
  );
});

test('a file that is named as a job and holds none is told, also beside jobs', () => {
  const misspelt = wrap('').replace('job', 'ob');
  const { report } = convertedTexts(new Map(Object.entries({ 'a.nomad.hcl': misspelt, 'other.hcl': 'x = 1\n' })));
  assert.deepEqual(
    report.diagnostics.map(({ code, file, line }) => ({ code, file, line })),
    [{ code: 'LARDER_NOMAD_JOBSPEC', file: 'a.nomad.hcl', line: 1 }],
  );
});
