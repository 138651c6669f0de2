/** What a run would do, and a run that somebody stops: with the real Ansible and small playbooks on this machine. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { eventually } from '../e2e/larder.ts';
import { type Stage, stage } from './stage.ts';

const START = resolve(import.meta.dirname, '../../bin/start.js');

test('a plan shows each phase and every host, for a bootstrap, a rebuild and an upgrade, and changes nothing', async (t) => {
  const made = await stage(t);
  if (typeof made === 'string') return t.skip(made);
  const { site, place } = made;
  const plan = async (
    words: readonly string[],
    exit: number,
  ): Promise<{ readonly out: string; readonly err: string }> => {
    const { code, stdout, stderr } = await made.unsigned('plan', ...words);
    assert.equal(code, exit, `${stdout}${stderr}`);
    assert.deepEqual(readdirSync(place), [], 'a playbook was played');
    assert.equal(existsSync(join(site.root, '.larder/runs')), false, 'a run was begun');
    return { out: stdout, err: stderr };
  };
  const records = site.records().length;
  const bootstrap = await plan([], 0);
  assert.match(bootstrap.out, /# base-os: s\.local, w\.local[\s\S]*\+made/);
  assert.match(
    bootstrap.out,
    /^a: k3s of the channel stable on 2 nodes, 1 of them servers\n {2}s\.local: \d+ tasks would change/m,
  );
  assert.match(bootstrap.out, /^phases: base-os, k3s-first-server, k3s-agents, post-bootstrap$/m);
  assert.match(bootstrap.err, /nothing was changed\n$/);

  const rebuild = await plan(['--rebuild', 'w.local'], 0);
  assert.match(rebuild.out, /^phases: rebuild-remove, rebuild-wipe, base-os, k3s-agents, post-bootstrap$/m);
  assert.match(rebuild.out, /volumes of local-path stay on its disk/);
  const only = await plan(['--rebuild', 's.local'], 3);
  assert.match(only.err, /s\.local is the only server.*\(LARDER_RUN_REFUSED\)/);

  const upgrade = await plan(['--upgrade', '--to', 'v1.35.6+k3s1'], 0);
  assert.match(
    upgrade.out,
    /^s\.local: v1\.35\.1\+k3s1 to v1\.35\.6\+k3s1\nw\.local: v1\.35\.1\+k3s1 to v1\.35\.6\+k3s1$/m,
  );
  const back = await plan(['--upgrade', '--to', 'v1.34.9+k3s1'], 3);
  assert.match(back.err, /Downgrade.*\(LARDER_RUN_REFUSED\)/s);
  const there = await plan(['--upgrade', '--to', 'v1.35.1+k3s1'], 0);
  assert.match(there.err, /nothing to do: every host is as cluster\.yaml says\n$/);
  const strange = await plan(['--to', 'v1.35.6+k3s1'], 2);
  assert.match(strange.err, /--to and --via belong to --upgrade/);
  assert.equal(site.records().length, records, 'a plan was recorded');
});

test('Ctrl-C leaves a journal and the way on, a second run meanwhile is told who works, and a resume repeats nothing', async (t) => {
  const made = await stage(t);
  if (typeof made === 'string') return t.skip(made);
  const { site, place, larder } = made;
  writeFileSync(join(place, 'slow'), '');
  const first = begin(t, made);
  await eventually(
    'the slow phase began',
    async () => existsSync(join(place, 'k3s-first-server-s.local')) || undefined,
    300,
  );

  const second = await larder('bootstrap', '--yes');
  assert.equal(second.code, 3, second.stderr);
  assert.match(second.stderr, /another run works on .*: process \d+ on .* nothing was begun \(LARDER_RUN_LOCKED\)/);

  first.kill('SIGINT');
  const { code, stderr } = await first.ended;
  assert.equal(code, 1, stderr);
  assert.match(stderr, /^stopping: Ansible is told to end$/m);
  const [, run = ''] = /Continue with: larder cluster resume (\S+)/.exec(stderr) ?? [];
  assert.match(stderr, /the run was stopped \(LARDER_RUN_INTERRUPTED\)\nNext: /);
  const journal = readFileSync(join(site.root, '.larder/runs', `${run}.jsonl`), 'utf8');
  assert.doesNotMatch(journal, /"line":"over"/, 'it was given an end');
  assert.equal(existsSync(join(place, 'k3s-agents-w.local')), false, 'a later phase began');
  const left = await larder('bootstrap', '--yes');
  assert.deepEqual([left.code, /LARDER_RUN_UNFINISHED/.test(left.stderr)], [3, true], left.stderr);

  rmSync(join(place, 'slow'));
  const resumed = await larder('resume', '--yes');
  assert.match(resumed.stderr, /\] k3s-first-server: s\.local$/m);
  assert.doesNotMatch(resumed.stderr, /\] base-os/, 'a phase was repeated');
  assert.ok(existsSync(join(place, 'post-bootstrap-w.local')), 'the rest was not played');
  // The cluster itself is not there, which the API tells.
  assert.deepEqual([resumed.code, /LARDER_RUN_VERIFY/.test(resumed.stderr)], [1, true], resumed.stderr);
});

interface Begun {
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** `larder cluster bootstrap --yes` as a process, which signals reach. */
function begin(t: TestContext, { site, ana, env }: Stage): Begun {
  const words = ['--disable-warning=ExperimentalWarning', START, 'cluster', 'bootstrap', '--yes'];
  const child = spawn(
    process.execPath,
    [...words, '--file', join(site.root, 'cluster.yaml'), '--ledger-key', ana.key],
    {
      env: { ...process.env, HOME: site.folder, SSH_AUTH_SOCK: '', ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  t.after(() => child.kill('SIGKILL'));
  const said = text(child.stderr);
  const closed = new Promise<number | null>((done) => child.on('close', done));
  return {
    kill: (signal) => void child.kill(signal),
    ended: Promise.all([closed, said]).then(([code, stderr]) => ({ code, stderr })),
  };
}
