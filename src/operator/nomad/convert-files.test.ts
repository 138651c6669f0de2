import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import type { ConversionAnswer } from './conversion-api.ts';
import { conversionLimits } from './conversion-limits.ts';
import { convertFiles } from './convert-files.ts';

const guide = resolve(import.meta.dirname, '../../../console/nomad/example/modules');
const guideFiles = readdirSync(guide, { recursive: true, encoding: 'utf8' })
  .filter((path) => statSync(join(guide, path)).isFile())
  .map((path) => ({ path, text: readFileSync(join(guide, path), 'utf8') }));

const job = (name: string, image = 'nginx:1.27'): string => `job "${name}" {
  group "web" {
    task "web" {
      driver = "docker"
      config {
        image = ${JSON.stringify(image)}
      }
    }
  }
}
`;

async function converted(request: unknown): Promise<ConversionAnswer> {
  const outcome = await convertFiles(JSON.stringify(request));
  assert.equal(outcome.kind, 'converted', JSON.stringify(outcome));
  if (outcome.kind !== 'converted') throw new Error('unreachable');
  return outcome.answer;
}

async function refused(request: unknown): Promise<string> {
  const outcome = await convertFiles(typeof request === 'string' ? request : JSON.stringify(request));
  assert.equal(outcome.kind, 'refused');
  if (outcome.kind !== 'refused') throw new Error('unreachable');
  return `${outcome.status} ${outcome.code} ${outcome.message}`;
}

const textOf = ({ files }: ConversionAnswer, path: string): string =>
  files.find((each) => each.path === path)?.text ?? '';

test('the jobs of the guide become a tree whose checks find nothing wrong, with the rows that are named', async () => {
  const answer = await converted({ files: guideFiles, folder: 'modules', check: true });
  const report = JSON.parse(textOf(answer, 'migration-report.json'));
  assert.equal(report.input, 'modules');
  assert.equal(report.modules.length, 6);
  for (const { row } of report.accounts) assert.equal(answer.rows[row]?.id, row);
  assert.deepEqual(
    answer.findings?.map(({ severity, object }) => `${severity} ${object}`),
    ['skipped terraform'],
  );
  const marker = JSON.parse(textOf(answer, '.larder-nomad.json'));
  assert.deepEqual(Object.keys(marker.files).length, answer.files.length - 1);
});

test('an answer changes what is written; one that does not fit, or that nothing asks, is told and does not count', async () => {
  const id = 'backup.volume.backups.size';
  const size = async (answers: Record<string, string>) => {
    const answer = await converted({ files: guideFiles, answers });
    const claim = answer.files.find(({ path }) => /backup\/manifests\/.*(pvc|claim)/.test(path))?.text ?? '';
    return { size: /storage: (\S+)/.exec(claim)?.[1], problems: answer.problems };
  };
  assert.deepEqual(await size({}), { size: '1Gi', problems: [] });
  assert.deepEqual(await size({ [id]: '50Gi' }), { size: '50Gi', problems: [] });
  const wrong = await size({ [id]: 'huge', nobody: 'x' });
  assert.equal(wrong.size, '1Gi');
  assert.deepEqual(
    wrong.problems.map((each) => each.id),
    [id, 'nobody'],
  );
  assert.match(wrong.problems[0]?.message ?? '', /"huge" is not a quantity/);
});

test('policy and variables count as their files do', async () => {
  const text = `variable "tag" {\n  type = string\n}\n${job('web', 'nginx:${var.tag}')}`;
  const files = [{ path: 'web.nomad.hcl', text }];
  const answer = await converted({ files, policy: 'namespace: shop', variables: 'tag = "1.28"' });
  const deployment = answer.files.find(({ path }) => path.endsWith('deployment.yaml'))?.text ?? '';
  assert.match(deployment, /namespace: shop/);
  assert.match(deployment, /nginx:1\.28/);
  assert.match(await refused({ files, policy: 'mesh: rope' }), /^422 LARDER_NOMAD_POLICY the policy: .*mesh/s);
  assert.match(await refused({ files, policy: 'a: [' }), /^422 LARDER_NOMAD_POLICY the policy: /);
});

test('a secret of a job is in no answer', async () => {
  const word = ['hunter', '2', 'horse'].join('-');
  const text = job('web').replace('driver =', `env {\n        DB_PASSWORD = "${word}"\n      }\n      driver =`);
  const answer = await converted({ files: [{ path: 'web.nomad.hcl', text }], check: true });
  assert.doesNotMatch(JSON.stringify(answer), new RegExp(word));
});

test('what is no request is refused, and says where', async () => {
  assert.match(await refused('{'), /^400 .*not JSON/);
  assert.match(await refused({}), /^400 .*files/s);
  assert.match(await refused({ files: [], more: 1 }), /^400 .*more/s);
  const twice = [
    { path: 'a.hcl', text: '' },
    { path: 'a.hcl', text: '' },
  ];
  assert.match(await refused({ files: twice }), /each file once/);
  const many = Array.from({ length: conversionLimits.files + 1 }, (_, index) => ({ path: `${index}.hcl`, text: '' }));
  assert.match(await refused({ files: many }), /at most 500 files/);
});

for (const path of [
  '../a.hcl',
  '/a.hcl',
  'a//b.hcl',
  'a/../b.hcl',
  './a.hcl',
  'a\\..\\b.hcl',
  'a\0.hcl',
  'x'.repeat(600),
  '',
])
  test(`a path that is not below a folder is refused: ${JSON.stringify(path.slice(0, 20))}`, async () => {
    assert.match(await refused({ files: [{ path, text: '' }] }), /^400 LARDER_HTTP_BAD_REQUEST .*below the folder/s);
    assert.match(await refused({ files: [], folder: path }), /^400/);
  });

test('too much is refused before anything is read of it', async () => {
  const large = 'x'.repeat(conversionLimits.jobBytes + 1);
  assert.match(await refused({ files: [{ path: 'a.hcl', text: large }] }), /^413 .*a\.hcl has more than 256 KiB/);
  const files = Array.from({ length: 13 }, (_, index) => ({ path: `${index}.txt`, text: large }));
  assert.match(await refused({ files }), /^413 .*more than 3 MiB/);
});

test('a job can read only what was handed over', async () => {
  const text = job('web').replace(
    'group "web"',
    'meta {\n    a = file("/etc/hostname")\n    b = file("../../../../etc/hostname")\n  }\n  group "web"',
  );
  const report = JSON.parse(
    textOf(await converted({ files: [{ path: 'w/web.nomad.hcl', text }] }), 'migration-report.json'),
  );
  const told = report.diagnostics.map(({ code, message }: { code: string; message: string }) => `${code} ${message}`);
  assert.equal(told.length, 2);
  for (const each of told) assert.match(each, /^LARDER_NOMAD_FILE .*is outside of what was handed over/);
});

test('what grows without end is told as a mistake of its file, and the others go on', async () => {
  let rows = '1';
  for (const index of [1, 2, 3, 4]) rows = `[for x${index} in range(0, 1000) : ${rows}]`;
  const endless = `locals {\n  a = ${rows}\n}\n${job('endless').replace('group "web"', 'meta {\n    x = jsonencode(local.a)\n  }\n  group "web"')}`;
  const files = [
    { path: 'endless.nomad.hcl', text: endless },
    { path: 'web.nomad.hcl', text: job('web') },
  ];
  const report = JSON.parse(textOf(await converted({ files }), 'migration-report.json'));
  assert.deepEqual(
    report.modules.map(({ name }: { name: string }) => name),
    ['web'],
  );
  assert.match(report.diagnostics[0].message, /too many steps/);
});

test('bytes that are no text are read by who asks for them', async () => {
  const text = job('web').replace('group "web"', 'meta {\n    a = filebase64("logo.png")\n  }\n  group "web"');
  const files = [
    { path: 'web.nomad.hcl', text },
    { path: 'logo.png', base64: Buffer.from([0xff, 0xfe, 0]).toString('base64') },
  ];
  const answer = await converted({ files });
  assert.match(answer.files.map((each) => each.text).join(''), /\/\/4A/);
});
