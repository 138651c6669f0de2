/**
 * `larder nomad convert` as a process: ended by SIGKILL at random moments of its writing, and asked on a real terminal.
 * `node test/e2e/nomad-writing.real.test.ts 50` kills as often as one likes; each run has other moments.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { temporaryFolder } from './larder.ts';

const root = resolve(import.meta.dirname, '../..');
const larder = [join(root, 'bin/start.js'), 'nomad', 'convert'];
const STAGE = '.larder-nomad.next';
const MOMENTS = Number(process.argv[2] ?? 4);
const LONGEST_MS = 120;
const python = spawnSync('python3', ['-c', 'import pty']).status === 0;

function writeJobs(folder: string, count: number): string {
  for (let index = 0; index < count; index += 1) {
    mkdirSync(join(folder, `job-${index}`), { recursive: true });
    writeFileSync(join(folder, `job-${index}`, 'jobspec.nomad.hcl'), job(`job-${index}`));
  }
  return folder;
}

const job = (name: string): string => `job "${name}" {
  group "web" {
    volume "data" {
      type        = "csi"
      source      = "shop_${name}"
      access_mode = "single-node-writer"
    }
    task "web" {
      driver = "docker"
      config {
        image = "registry.example.org/shop/web:1.4.2"
      }
      volume_mount {
        volume      = "data"
        destination = "/data"
      }
      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}
`;

/** Path → text of all files. */
function filesOf(folder: string): ReadonlyMap<string, string> {
  const paths = globSync(['**/*', '**/.*'], { cwd: folder }).filter((path) => statSync(join(folder, path)).isFile());
  return new Map(paths.toSorted().map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

function convertAll(jobs: string, out: string): void {
  const { status, stderr } = spawnSync(process.execPath, [...larder, jobs, '--out', out, '--yes'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
}

/** Kills a run some time after it began to write; whether there was anything left to kill. */
async function killed(jobs: string, out: string, afterMs: number): Promise<boolean> {
  const child = spawn(process.execPath, [...larder, jobs, '--out', out, '--yes'], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  while (child.exitCode === null && !existsSync(join(out, STAGE))) await setTimeout(1);
  await setTimeout(afterMs);
  child.kill('SIGKILL');
  const [, signal] = await ended;
  return signal === 'SIGKILL';
}

test('killed at any moment of its writing every module is whole or absent, and the next run finishes', async (t) => {
  const home = temporaryFolder((remove) => t.after(remove));
  const jobs = writeJobs(join(home, 'jobs'), 60);
  convertAll(jobs, join(home, 'whole'));
  const whole = filesOf(join(home, 'whole'));
  const out = join(home, 'out');
  let reached = 0;
  for (let round = 0; round < MOMENTS; round += 1) {
    rmSync(out, { recursive: true, force: true });
    if (await killed(jobs, out, Math.random() * LONGEST_MS)) reached += 1;
    const modules = existsSync(join(out, 'modules-k8s')) ? readdirSync(join(out, 'modules-k8s')) : [];
    for (const module of modules) {
      const part = `modules-k8s/${module}/`;
      const expected = [...whole].filter(([path]) => path.startsWith(part));
      const found = [...filesOf(join(out, part))].map(([path, text]) => [`${part}${path}`, text]);
      assert.deepEqual(found, expected, `round ${round}`);
    }
    convertAll(jobs, out);
    assert.deepEqual(filesOf(out), whole, `round ${round}`);
  }
  t.diagnostic(`${reached} of ${MOMENTS} runs were killed before their end`);
  assert.ok(reached > 0, 'every run was over before it was killed');
});

/** Types a word at each question, and then takes defaults, on a terminal of 80 columns; says what was shown and how it ended. */
const ON_TERMINAL = `
import fcntl, json, os, pty, re, struct, sys, termios
command, words = sys.argv[2:], json.loads(sys.argv[1])
pid, fd = pty.fork()
if pid == 0:
    # before the program looks: a terminal that changes its size later makes it draw the question again
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
    os.execv(command[0], command)
shown = b''
typed = None
while True:
    try:
        part = os.read(fd, 65536)
    except OSError:
        break
    if not part:
        break
    shown += part
    text = re.sub(rb'\\x1b\\[[0-9;?]*[A-Za-z]', b'', shown)
    if text.endswith(b'] ') and (typed is None or b'\\n' in text[typed:]):
        typed = len(text)
        os.write(fd, words.pop(0).encode() if words else b'\\r')
_, status = os.waitpid(pid, 0)
print(json.dumps({'shown': shown.decode(), 'code': os.waitstatus_to_exitcode(status)}))
`;

function onTerminal(
  args: readonly string[],
  words: readonly string[],
): { readonly shown: string; readonly code: number } {
  const command = ['-c', ON_TERMINAL, JSON.stringify(words), process.execPath, ...larder, ...args];
  const { stdout, stderr } = spawnSync('python3', command, { encoding: 'utf8', timeout: 60_000 });
  assert.ok(stdout !== '', stderr);
  return JSON.parse(stdout);
}

test('asked on a terminal: a wrong answer is asked again, and the right one is taken', {
  skip: !python && 'no python3',
}, (t) => {
  const home = temporaryFolder((remove) => t.after(remove));
  const jobs = writeJobs(join(home, 'jobs'), 1);
  const out = join(home, 'out');
  const { shown, code } = onTerminal([jobs, '--out', out], ['very large\r', '7Gi\r']);
  assert.equal(code, 0, shown);
  assert.match(shown, /That is not a quantity such as 10Gi/);
  assert.match(readFileSync(join(out, 'migration-report.json'), 'utf8'), /"value": "7Gi",\s+"answered": true/);
});

test('Ctrl-C at a question leaves nothing written', { skip: !python && 'no python3' }, (t) => {
  const home = temporaryFolder((remove) => t.after(remove));
  const jobs = writeJobs(join(home, 'jobs'), 1);
  const out = join(home, 'out');
  const { shown, code } = onTerminal([jobs, '--out', out], ['\x03']);
  assert.equal(code, 1, shown);
  assert.match(shown, /interrupted; nothing was written/);
  assert.ok(!existsSync(out));
});
