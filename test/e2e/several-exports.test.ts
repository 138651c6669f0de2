/** An operator with two exports, one of which is not there when it starts: what people ask of the other is answered. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually, type Run, runLarder } from './larder.ts';
import { addressOf } from './site.ts';
import { twoExports } from './two-exports.ts';

const NOT_ASKED = /^not looked at: export nas2:\/w .+: check the server and the mount \(LARDER_EXPORT_UNAVAILABLE\)$/m;

const listed = ({ stdout }: Run) => {
  const { entries, problems } = JSON.parse(stdout);
  return {
    claims: entries.map(({ claim }: { claim: string }) => claim).sort(),
    problems: problems.map(({ export: address, code }: Record<string, string>) => `${address} ${code}`),
    entryOf: (claim: string): string => entries.find((each: { claim: string }) => each.claim === claim).entry,
  };
};

test('an export that is gone takes neither the trash nor the audit of the other, and is named wherever all are asked', async (t) => {
  const { roots, start, remove } = await twoExports(t);
  const first = await start();
  await remove('films', 'near');
  await remove('books', 'far');
  first.kill('SIGTERM');
  await first.exited;
  renameSync(roots.far, `${roots.far}-away`);

  const operator = await start();
  const volumes = (...words: string[]) => runLarder(['volumes', ...words], addressOf(operator));
  mkdirSync(join(roots.near, 'stray'));
  const trash = await volumes('undelete');
  assert.match(trash.stdout, /^default\/films /m);
  assert.deepEqual([trash.code, NOT_ASKED.test(trash.stderr)], [2, true], trash.stderr);
  const json = listed(await volumes('undelete', '-o', 'json'));
  assert.deepEqual([json.claims, json.problems], [['default/films'], ['nas2:/w LARDER_EXPORT_UNAVAILABLE']]);

  const audit = await volumes('audit');
  assert.deepEqual([audit.code, audit.stderr], [1, '']);
  assert.match(audit.stdout, /^not-looked-at {2}\/w$/m);
  assert.match(audit.stdout, /^orphaned-directory {2}stray$/m);
  const clean = await volumes('clean', '--early', 'trash', '--dry-run');
  assert.match(clean.stdout, /^default\/films .* remove /m);
  assert.deepEqual([clean.code, NOT_ASKED.test(clean.stderr)], [2, true], clean.stderr);
  const adopt = await volumes('adopt', '--match', '*', '--class', 'near', '-n', 'default');
  assert.match(adopt.stderr, /^left out: \. was not looked at: export nas2:\/w /m);
  assert.match(adopt.stdout, /^# \/v\/stray$/m);

  const unsure = await volumes('undelete', 'default/films');
  assert.equal(unsure.code, 2);
  assert.match(unsure.stderr, /it may have a newer directory of default\/films/);
  const back = await volumes('undelete', 'default/films', '--entry', json.entryOf('default/films'));
  assert.equal(back.code, 0, back.stderr);
  assert.equal(readFileSync(join(roots.near, 'films', 'letter.txt'), 'utf8'), 'dear films');
  mkdirSync(join(roots.near, 'archived-old'));
  const archive = await volumes('restore', 'archived-old');
  assert.equal(archive.code, 2);
  assert.match(archive.stderr, /export nas2:\/w .*`larder volumes restore archived-old --export nas:\/v` brings back/);
  assert.equal((await volumes('restore', 'archived-old', '--export', 'nas:/v')).code, 0);
  rmSync(join(roots.near, 'old'), { recursive: true });

  const nothing = await volumes('undelete');
  assert.doesNotMatch(nothing.stderr, /empty/, 'what lies on the other is not known');
  renameSync(join(roots.near, 'stray'), join(roots.near, '.stray'));
  const unknown = await volumes('audit');
  assert.equal(unknown.code, 2, 'no finding, and not all was looked at');
  assert.doesNotMatch(unknown.stderr, /Nothing found/);

  renameSync(`${roots.far}-away`, roots.far);
  const whole = await eventually('the other export to answer', async () => {
    const run = await volumes('undelete', '-o', 'json');
    return run.code === 0 ? listed(run) : undefined;
  });
  assert.deepEqual([whole.claims, whole.problems], [['default/books'], []]);
});
