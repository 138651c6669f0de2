import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { manifestPatch } from './manifest-patch.ts';

function folderFor(t: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'larder-patch-')));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const git = (folder: string, args: readonly string[], input = ''): string =>
  execFileSync('git', args, {
    cwd: folder,
    input,
    encoding: 'utf8',
    env: { ...process.env, GIT_CEILING_DIRECTORIES: tmpdir() },
  });

const lines = (count: number, size: string, end = '\n'): string =>
  Array.from({ length: count }, (_, index) =>
    index % 10 === 4 ? `  storage: ${size} # no. ${index}` : `line ${index}`,
  ).join(end);

/** Odd names, line ends, a last line without one, and only one line. */
const texts: Readonly<Record<string, (size: string) => string>> = {
  'db.yaml': (size) => `${lines(40, size)}\n`,
  'deep/er/with a space.yaml': (size) => lines(6, size),
  'umläut "quoted" \\.yaml': (size) => `${lines(12, size, '\r\n')}\r\n`,
  'tab\there.json': (size) => `{"storage": "${size}"}`,
};

function written(folder: string) {
  return Object.entries(texts).map(([name, text]) => {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text('1Gi'));
    return { file, before: text('1Gi'), after: text('2Gi') };
  });
}

const areWritten = (changes: ReturnType<typeof written>): void => {
  for (const { file, after } of changes) assert.equal(readFileSync(file, 'utf8'), after, file);
};

test('git apply takes the patch, in the repository and in a folder of it', (t) => {
  const folder = folderFor(t);
  git(folder, ['init', '-q']);
  const changes = written(join(folder, 'manifests'));
  const patch = manifestPatch(changes, tmpdir());
  assert.equal(patch.folder, folder);
  git(folder, ['apply', '--whitespace=nowarn'], patch.text);
  areWritten(changes);
  git(folder, ['apply', '--whitespace=nowarn', '-R'], patch.text);
  git(join(folder, 'manifests'), ['apply', '--whitespace=nowarn'], patch.text);
  areWritten(changes);
});

test('without a repository it is for the working folder', (t) => {
  const folder = folderFor(t);
  const changes = written(folder);
  const patch = manifestPatch(changes, folder);
  assert.equal(patch.folder, folder);
  git(folder, ['apply', '--whitespace=nowarn'], patch.text);
  areWritten(changes);
});

test('of a link the file behind it is patched', (t) => {
  const folder = folderFor(t);
  git(folder, ['init', '-q']);
  const [change] = written(join(folder, 'real'));
  assert.ok(change);
  symlinkSync(change.file, join(folder, 'link.yaml'));
  const patch = manifestPatch([{ ...change, file: join(folder, 'link.yaml') }], folder);
  assert.match(patch.text, /^diff --git a\/real\/db\.yaml b\/real\/db\.yaml\n--- a\/real\/db\.yaml\n/);
});

test('what no patch can reach is refused', (t) => {
  const [one, other] = [folderFor(t), folderFor(t)];
  const [near] = written(one);
  const [far] = written(other);
  assert.ok(near && far);
  assert.throws(() => manifestPatch([near, far], one), /db\.yaml is not below .*Name the files of one repository/);
  git(one, ['init', '-q']);
  git(other, ['init', '-q']);
  assert.throws(() => manifestPatch([near, far], one), /no patch can be applied there/);
});
