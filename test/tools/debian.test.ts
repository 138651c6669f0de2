import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { installDebian } from './debian.ts';

interface Fake {
  readonly env: NodeJS.ProcessEnv;
  readonly said: string[];
  /** The arguments of each apt-get, a line each. */
  asked(): string;
  install(): ReturnType<typeof installDebian>;
}

/** An apt that has `fuse3` as the pin says and `quota` newer, and whose packages each hold one file under `/lib`. */
function fake(t: TestContext, scripts: Readonly<Record<string, string>> = {}): Fake {
  const home = mkdtempSync(join(tmpdir(), 'larder-debian-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const record = join(home, 'asked');
  const programs = {
    'dpkg-query': 'exit 1',
    'apt-cache': `case "$*" in
      *fuse3) printf '%s:\\n  Candidate: 3.14.0-4\\n' fuse3;;
      *quota) printf '%s:\\n  Candidate: 9.9\\n' quota;;
      *) echo "  Candidate: (none)";; esac`,
    'apt-get': `echo "$@" >> ${record}
      case "$*" in
        *-s*) echo 'Inst libfuse3 (3.14 Debian [amd64])'; echo 'Inst fuse3 [3.1] (3.14.0-4 Debian [amd64])';;
        *download*) for each in libfuse3 fuse3; do : > $each.deb; done;; esac`,
    'dpkg-deb': `shift; mkdir -p tree/lib; echo of > tree/lib/$(basename $1); tar -C tree -c lib; rm -r tree`,
    ...scripts,
  };
  mkdirSync(join(home, 'bin'));
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(home, 'bin', name), 0o755);
  }
  const env = { HOME: home, XDG_CACHE_HOME: home, PATH: `${join(home, 'bin')}:/usr/bin:/bin` };
  const said: string[] = [];
  return {
    env,
    said,
    asked: () => readFileSync(record, 'utf8'),
    install: () => installDebian({ env, say: (line) => void said.push(line) }),
  };
}

test('packages come with what they need, at the pin or the candidate, and lie where a usual system has them', async (t) => {
  const apt = fake(t);
  const found = await apt.install();
  assert.ok(found.kind === 'ready' && found.how === 'built', JSON.stringify(found));
  assert.match(apt.asked(), /install fuse3=3\.14\.0-4 quota=9\.9$/m);
  assert.match(apt.asked(), /^download libfuse3=3\.14 fuse3=3\.14\.0-4$/m);
  assert.deepEqual(readdirSync(join(found.path, 'usr/lib')).sort(), ['fuse3.deb', 'libfuse3.deb'], '/lib is /usr/lib');
  assert.ok(apt.said.includes('Debian packages: quota 9.9 instead of 4.06-1+b2, which apt does not have'));
  assert.ok(apt.said.some((line) => line.includes('apt knows no xfsprogs')));
  const again = await apt.install();
  assert.deepEqual(again, { ...found, how: 'cached' });
});

test('what cannot be fetched is said, and what was fetched is kept for the next attempt', async (t) => {
  const apt = fake(t);
  const broken = join(apt.env['HOME'] ?? '', 'bin/dpkg-deb');
  const whole = readFileSync(broken, 'utf8');
  writeFileSync(broken, '#!/bin/sh\necho cut short; exit 2\n');
  const found = await apt.install();
  assert.ok(found.kind === 'unavailable' && /ended with 2/.test(found.reason), JSON.stringify(found));
  writeFileSync(broken, whole);
  assert.equal((await apt.install()).kind, 'ready');
  const cache = join(apt.env['HOME'] ?? '', 'larder/tools');
  assert.deepEqual(
    readdirSync(cache).filter((name) => !/^debian-[\w-]+$/.test(name)),
    [],
    'no rests',
  );
});

test('a system without apt says so', async (t) => {
  const apt = fake(t, { 'apt-cache': 'exit 127' });
  assert.deepEqual(await apt.install(), {
    kind: 'unavailable',
    reason: 'apt-cache policy debootstrap ended with 127: ',
  });
  assert.ok(!existsSync(join(apt.env['HOME'] ?? '', 'asked')), 'nothing was fetched');
});
