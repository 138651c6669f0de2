/** What the Nomad screen makes of files and of a report, before anything is drawn. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose } from '../../console/nomad/choose.ts';
import { answersText, convertCommand } from '../../console/nomad/command.ts';
import { jobLines, linesWith, nextLine, outputLines } from '../../console/nomad/link.ts';
import { servicesLike, servicesOf } from '../../console/nomad/service.ts';
import type { Report, ReportAccount, ReportModule } from '../../src/nomad/report/report.ts';
import { conversionLimits } from '../../src/operator/nomad/conversion-limits.ts';

const listed = (...paths: readonly string[]) => paths.map((path) => ({ path, bytes: 10 }));
const pathsOf = ({ taken }: ReturnType<typeof choose>): readonly string[] => taken.map(({ path }) => path);

test('the one folder that all lie in is no part of the paths', () => {
  const chosen = choose(listed('modules/web/job.nomad', 'modules/db/job.nomad', 'modules/db/my.cnf'));
  assert.equal(chosen.folder, 'modules');
  assert.deepEqual(pathsOf(chosen), ['db/job.nomad', 'db/my.cnf', 'web/job.nomad']);
  const two = choose(listed('one/a.nomad', 'two/b.nomad'));
  assert.deepEqual([two.folder, ...pathsOf(two)], [undefined, 'one/a.nomad', 'two/b.nomad']);
  const loose = choose(listed('a.nomad', 'b.nomad'));
  assert.deepEqual([loose.folder, ...pathsOf(loose)], [undefined, 'a.nomad', 'b.nomad']);
});

test('what no job needs is left out, with the reason where somebody may miss it', () => {
  const chosen = choose(
    listed(
      'r/.git/config',
      'r/node_modules/x/a.json',
      'r/modules-k8s/web/main.tf',
      'r/.env',
      'r/terraform.tfstate',
      'r/terraform.tfstate.backup',
      'r/web.nomad',
    ),
  );
  assert.deepEqual(pathsOf(chosen), ['web.nomad']);
  assert.deepEqual(
    chosen.left.map(({ path }) => path),
    ['.env', 'terraform.tfstate', 'terraform.tfstate.backup'],
  );
});

test('what an earlier conversion wrote is no input', () => {
  const chosen = choose(
    listed(
      'r/.larder-nomad.json',
      'r/kubernetes.tf',
      'r/migration-report.json',
      'r/jobs/web.nomad',
      'r/jobs/kubernetes.tf',
    ),
  );
  assert.deepEqual(pathsOf(chosen), ['jobs/kubernetes.tf', 'jobs/web.nomad']);
});

test('a path that leads out is left out, whatever the browser says', () => {
  const chosen = choose(listed('r/../../etc/passwd', 'r/a\\..\\b.nomad', 'r/web.nomad'));
  assert.deepEqual(pathsOf(chosen), ['web.nomad']);
  assert.equal(chosen.left.length, 2);
});

test('too many or too much is refused whole, a single large file alone', () => {
  const many = Array.from({ length: conversionLimits.files + 1 }, (_, index) => `r/${index}.nomad`);
  assert.match(choose(listed(...many)).refused ?? '', /501 files; 500 are taken/);
  const large = { path: 'r/dump.sql', bytes: conversionLimits.jobBytes + 1 };
  const chosen = choose([large, { path: 'r/web.nomad', bytes: 10 }]);
  assert.deepEqual([pathsOf(chosen), chosen.left.length, chosen.refused], [['web.nomad'], 1, undefined]);
  const heavy = Array.from({ length: 13 }, (_, index) => ({
    path: `r/${index}.txt`,
    bytes: conversionLimits.jobBytes,
  }));
  assert.match(choose(heavy).refused ?? '', /more than 3 MiB/);
});

const account = (line: number, more: Partial<ReportAccount> = {}): ReportAccount => {
  return {
    file: 'a.nomad',
    line,
    end: line,
    path: `p${line}`,
    row: 'r',
    class: 'direct',
    text: '',
    outputs: [],
    ...more,
  };
};

test('a text of several lines belongs to its first, a block to nothing but its first', () => {
  const block = account(1, { end: 6 });
  const text = account(2, { end: 4, class: 'manual' });
  const lines = jobLines('a {\n  b = <<E\n  x\n  E\n  c = 1\n}\n', [block, text, account(5)]);
  assert.equal(lines.length, 6);
  assert.deepEqual(
    lines.map(({ accounts }) => accounts.map(({ path }) => path).join()),
    ['p1', 'p2', 'p2', 'p2', 'p5', ''],
  );
  assert.deepEqual([...linesWith(lines, [text])], [2, 3, 4]);
});

test('lines of a block of text in a manifest belong to its key', () => {
  const at = (line: number) => ({ file: 'm.yaml', line, pointer: `/${line}` });
  const one = account(1, { outputs: [at(2), { file: 'other.yaml', line: 1, pointer: '' }] });
  const two = account(2, { outputs: [at(5), at(5)] });
  const lines = outputLines('m.yaml', 'data:\n  a: |\n    x\n\n  b: 1\nkind: C\n', [one, two]);
  assert.deepEqual(
    lines.map(({ accounts }) => accounts.map(({ path }) => path).join()),
    ['', 'p1', 'p1', 'p1', 'p2', ''],
  );
});

test('the next line of a class comes around, and is none where there is none', () => {
  const lines = jobLines('a\nb\nc\nd', [account(1), account(2, { class: 'manual' }), account(4, { class: 'manual' })]);
  const manual = new Set(['manual'] as const);
  assert.deepEqual(
    [0, 2, 4].map((from) => nextLine(lines, from, { step: 1, classes: manual })),
    [2, 4, 2],
  );
  assert.deepEqual(
    [4, 2].map((from) => nextLine(lines, from, { step: -1, classes: manual })),
    [2, 4],
  );
  assert.equal(nextLine(lines, 1, { step: 1, classes: new Set(['dropped']) }), undefined);
});

const counts = { direct: 1, approximate: 0, manual: 0, dropped: 0 };
const module = (name: string, verdict: ReportModule['verdict'], todos = 0): ReportModule => {
  const list = Array.from({ length: todos }, () => ({ file: `${name}.nomad`, line: 1, path: 'p', text: 't' }));
  const rest = { reasons: [], counts, manifests: [], todos: list, calls: [], shares: [] };
  return { name, job: name, file: `${name}.nomad`, namespace: 'default', verdict, ...rest };
};

test('ready services come first, then those with the least to decide, refused ones last', () => {
  const report: Report = {
    version: 1,
    counts: { ...counts, files: 4, modules: 3, refused: 1 },
    modules: [module('no', 'refused'), module('much', 'decide', 3), module('less', 'decide', 1), module('yes', 'go')],
    order: [['much'], ['yes', 'less']],
    accounts: [],
    questions: [],
    diagnostics: [],
  };
  const services = servicesOf(report);
  assert.deepEqual(
    services.map(({ module: { name }, step }) => [name, step]),
    [
      ['yes', 2],
      ['less', 2],
      ['much', 1],
      ['no', undefined],
    ],
  );
  const names = (text: string) => servicesLike(services, text).map((each) => each.module.name);
  assert.deepEqual(
    [names('decide'), names('decide less'), names('READY'), names('x')],
    [['less', 'much'], ['less'], ['yes'], []],
  );
});

test('the command names the files that were given, and a hostile folder stays a word', () => {
  const jobs = { set: 1, revision: 1, who: '', files: [], left: [], policy: '', variables: '', answers: {} };
  assert.equal(convertCommand({ ...jobs, folder: 'jobs' }), 'larder nomad convert jobs --out . --yes');
  assert.equal(
    convertCommand({ ...jobs, folder: '$(reboot)', policy: 'a: 1', variables: 'a = 1', answers: { q: 'x' } }),
    "larder nomad convert '$(reboot)' --out . --policy policy.yaml --var-file variables.hcl --answers answers.yaml --yes",
  );
  assert.equal(answersText({ 'a.b-c': '10Gi', 'x: y': 'a"b' }), 'a.b-c: "10Gi"\n"x: y": "a\\"b"\n');
});
