import assert from 'node:assert/strict';
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { NomadError } from '../../nomad/registry.ts';
import { MARKER } from '../../nomad/source/input-name.ts';
import { earlierModules, type Output } from './output-files.ts';
import { finishEarlier, writeOutput } from './write-output.ts';

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'larder-nomad-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function refuse(message: string): never {
  throw new NomadError('LARDER_NOMAD_OUTPUT', message);
}

/** Empty for a descriptor that is closed by now. */
function linkAt(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // the one that the folder was read with
  }
}

const modules = ['modules-k8s/web', 'modules-k8s/db'];

/** Two modules, each of whose files says which run wrote it. */
function treeOf(run: string): ReadonlyMap<string, string> {
  const files = ['main.tf', 'manifests/deployment.yaml', `manifests/only-${run}.yaml`];
  return new Map([
    ...modules.flatMap((module) => files.map((file) => [`${module}/${file}`, `${file} of ${run}\n`] as const)),
    ['kubernetes.tf', `root of ${run}\n`],
  ]);
}

async function write(out: string, files: ReadonlyMap<string, string>, step?: (what: string) => void): Promise<void> {
  finishEarlier(out);
  await writeOutput(out, outputOf(files), step);
}

function outputOf(texts: ReadonlyMap<string, string>, folders: readonly string[] = modules): Output {
  return {
    files: [...texts].map(([path, text]) => ({ path, pieces: () => [text.slice(0, 3), text.slice(3)] })),
    folders,
  };
}

/** What a person and Terraform see. */
function seen(out: string, below = ''): ReadonlyMap<string, string> {
  const paths = globSync('**/*', { cwd: join(out, below) })
    .filter((path) => statSync(join(out, below, path)).isFile())
    .sort();
  return new Map(paths.map((path) => [path, readFileSync(join(out, below, path), 'utf8')]));
}

const sorted = (files: ReadonlyMap<string, string>): ReadonlyMap<string, string> => new Map([...files].sort());

test('what is written again replaces what was written, and takes away what is of no use', async (t) => {
  const out = folderOf(t);
  await write(out, treeOf('one'));
  assert.deepEqual(sorted(seen(out)), sorted(treeOf('one')));
  const marker = readFileSync(join(out, MARKER), 'utf8');
  await write(out, treeOf('one'));
  assert.equal(readFileSync(join(out, MARKER), 'utf8'), marker, 'two runs leave the same bytes');
  await write(out, treeOf('two'));
  assert.deepEqual(sorted(seen(out)), sorted(treeOf('two')));
});

test('a file of somebody else, and one that was edited, stay; what would be there stands beside them', async (t) => {
  const out = folderOf(t);
  writeFileSync(join(out, 'kubernetes.tf'), 'mine\n');
  writeFileSync(join(out, 'notes.txt'), 'mine\n');
  await write(out, treeOf('one'));
  const edited = join(out, 'modules-k8s/web/manifests/deployment.yaml');
  writeFileSync(edited, 'edited\n');
  const plan = await writeOutput(out, outputOf(treeOf('two')));
  assert.deepEqual(
    plan.kept.map(({ path, beside }) => [path, beside]),
    [
      ['modules-k8s/web/manifests/deployment.yaml', 'modules-k8s/web/manifests/deployment.yaml.new'],
      ['kubernetes.tf', 'kubernetes.tf.new'],
    ],
  );
  assert.equal(readFileSync(edited, 'utf8'), 'edited\n');
  assert.equal(readFileSync(`${edited}.new`, 'utf8'), 'manifests/deployment.yaml of two\n');
  assert.equal(readFileSync(join(out, 'notes.txt'), 'utf8'), 'mine\n');
  await write(out, treeOf('three'));
  assert.equal(readFileSync(`${edited}.new`, 'utf8'), 'manifests/deployment.yaml of three\n', 'ours, so it follows');
  writeFileSync(`${edited}.new`, 'edited too\n');
  await assert.rejects(() => write(out, treeOf('four')), /were both edited.*Nothing was written/);
});

test('an edited file that is of no use any more stays', async (t) => {
  const out = folderOf(t);
  await write(out, treeOf('one'));
  const path = 'modules-k8s/web/manifests/only-one.yaml';
  writeFileSync(join(out, path), 'edited\n');
  await write(out, treeOf('two'));
  assert.equal(readFileSync(join(out, path), 'utf8'), 'edited\n');
});

test('modules that a run says nothing about stay, and the root file can go on naming them', async (t) => {
  const out = folderOf(t);
  await write(out, treeOf('one'));
  const web = new Map([...treeOf('two')].filter(([path]) => !path.startsWith('modules-k8s/db/')));
  await writeOutput(out, outputOf(web, ['modules-k8s/web']));
  assert.deepEqual(earlierModules(out).toSorted(), ['db', 'web']);
  assert.equal(seen(out).get('modules-k8s/db/main.tf'), 'main.tf of one\n');
});

test('a large output is there whole: the files that are synced while others are made, and those after', async (t) => {
  const out = folderOf(t);
  const many = new Map(
    Array.from({ length: 100 }, (_, index) => [`modules-k8s/web/${index}.tf`, `text of ${index}\n`] as const),
  );
  await write(out, many);
  assert.deepEqual(sorted(seen(out)), sorted(many));
  const open = readdirSync('/proc/self/fd').filter((name) => linkAt(`/proc/self/fd/${name}`).startsWith(out));
  assert.deepEqual(open, [], 'no file stays open');
});

test('a run that is refused while files are being synced leaves nothing behind', async (t) => {
  const out = folderOf(t);
  const texts = new Map([...treeOf('one'), ['late.tf', '']]);
  const files = outputOf(texts).files;
  const failing = [...files].map((file) =>
    file.path === 'late.tf' ? { ...file, pieces: () => refuse('no text can be made of it') } : file,
  );
  await assert.rejects(writeOutput(out, { files: failing, folders: modules }), /no text can be made of it/);
  assert.deepEqual(readdirSync(out), []);
});

test('a link where a file or folder belongs is refused', async (t) => {
  const out = folderOf(t);
  const elsewhere = folderOf(t);
  symlinkSync(elsewhere, join(out, 'modules-k8s'));
  await assert.rejects(() => write(out, treeOf('one')), /modules-k8s is a link where a folder belongs/);
  assert.equal(seen(elsewhere).size, 0);
});

/** Ends the run at each of its steps in turn; the last round has none left. */
async function* endings(run: (step: (what: string) => void) => Promise<void>): AsyncGenerator<string> {
  for (let at = 0; ; at += 1) {
    let count = 0;
    let ended: string | undefined;
    try {
      await run((what) => {
        if (count === at) {
          ended = what;
          throw new Error('ended');
        }
        count += 1;
      });
    } catch (cause) {
      if (ended === undefined) throw cause;
    }
    if (ended === undefined) return;
    yield ended;
  }
}

test('a file where the folder of the output belongs is refused, and stays', async (t) => {
  const file = join(folderOf(t), 'file');
  writeFileSync(file, 'mine');
  for (const out of [file, join(file, 'below')])
    await assert.rejects(write(out, treeOf('one')), /no folder, and none can be made there/);
  assert.equal(readFileSync(file, 'utf8'), 'mine');
});

test('ended at any step, a module that was not there is whole or absent; the next run has everything', async (t) => {
  let out = '';
  let rounds = 0;
  const run = async (step: (what: string) => void): Promise<void> => {
    out = folderOf(t);
    await write(out, treeOf('one'), step);
  };
  for await (const step of endings(run)) {
    rounds += 1;
    for (const module of modules) {
      const whole = [...treeOf('one')].filter(([path]) => path.startsWith(`${module}/`));
      const there = [...seen(out, module)].map(([path, text]) => [`${module}/${path}`, text]);
      if (there.length > 0) assert.deepEqual(there.sort(), whole.sort(), step);
    }
    await write(out, treeOf('two'));
    assert.deepEqual(sorted(seen(out)), sorted(treeOf('two')), step);
  }
  assert.ok(rounds > 10, `${rounds} steps`);
});

test('ended at any step of a second run, the next start leaves all of the first or all of the second', async (t) => {
  let out = '';
  let rounds = 0;
  const run = async (step: (what: string) => void): Promise<void> => {
    out = folderOf(t);
    await write(out, treeOf('one'));
    await write(out, treeOf('two'), step);
  };
  for await (const step of endings(run)) {
    rounds += 1;
    finishEarlier(out);
    const now = sorted(seen(out));
    const first = now.get('kubernetes.tf') === 'root of one\n';
    assert.deepEqual(now, sorted(treeOf(first ? 'one' : 'two')), step);
    await write(out, treeOf('two'));
    assert.deepEqual(sorted(seen(out)), sorted(treeOf('two')), step);
  }
  assert.ok(rounds > 15, `${rounds} steps`);
});

test('what is edited between an ended run and the next stays', async (t) => {
  const out = folderOf(t);
  await write(out, treeOf('one'));
  await assert.rejects(() =>
    write(out, treeOf('two'), (what) => {
      if (what.startsWith('move')) throw new Error('ended');
    }),
  );
  const path = join(out, 'modules-k8s/web/main.tf');
  writeFileSync(path, 'edited\n');
  finishEarlier(out);
  assert.equal(readFileSync(path, 'utf8'), 'edited\n');
  assert.equal(readFileSync(`${path}.new`, 'utf8'), 'main.tf of two\n');
});

test('a run that lives is not disturbed', async (t) => {
  const out = folderOf(t);
  const stage = join(out, '.larder-nomad.next');
  mkdirSync(stage);
  writeFileSync(join(stage, 'pid'), String(process.ppid));
  await assert.rejects(() => write(out, treeOf('one')), /another run writes into this folder/);
  assert.deepEqual([...seen(dirname(stage))], []);
});
