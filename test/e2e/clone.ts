/** A folder like a fresh clone, for tests of the bootstrap; with an npm that stands in for the real one where asked. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { TestContext } from 'node:test';

const repository = resolve(import.meta.dirname, '../..');

export interface Clone {
  readonly root: string;
  /** An empty home folder. */
  readonly home: string;
  /** How often the stand-in was called, and with which words. */
  calls(): readonly string[];
  start(command: string, args: readonly string[], options?: StartOptions): Started;
}

export interface StartOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | string; readonly stdout: string; readonly stderr: string }>;
}

/** What the stand-in does instead of installing, as shell; `install` links the Node that runs the test. */
export const standInNpm = {
  install: `rm -rf node_modules && mkdir -p node_modules/.bin && ln -s '${process.execPath}' node_modules/.bin/node`,
  /** Tells that it runs by the file `begun`, and goes on when the file `go` is there. */
  wait: ': > begun; while [ ! -e go ]; do [ -e begun ] || exit 1; sleep 0.02; done',
} as const;

/** `npm`: shell lines of the stand-in; undefined: the real npm. */
export function freshClone(t: TestContext, npm?: string): Clone {
  const folder = mkdtempSync(join(tmpdir(), 'larder-clone-'));
  const children: ChildProcess[] = [];
  t.after(() => {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  chmodSync(folder, 0o755);
  const root = join(folder, 'larder');
  const home = join(folder, 'home');
  const log = join(folder, 'npm-calls');
  for (const path of ['bin', 'package.json', 'package-lock.json']) {
    cpSync(join(repository, path), join(root, path), { recursive: true });
  }
  mkdirSync(home);
  // A main that tells where and with which words it was started.
  mkdirSync(join(root, 'src/cli'), { recursive: true });
  writeFileSync(
    join(root, 'src/cli/main.ts'),
    'export const main = () => console.log(JSON.stringify([process.cwd(), ...process.argv.slice(2)]));\n',
  );
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  if (npm !== undefined) {
    writeFileSync(join(bin, 'npm'), `#!/bin/sh\nset -e\necho "$*" >>'${log}'\n${npm}\n`, { mode: 0o755 });
  }
  const base = {
    PATH: [bin, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    HOME: home,
    NODE_ENV: 'production', // must not keep the development tools out
  };
  return {
    root,
    home,
    calls: () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').slice(0, -1) : []),
    start: (command, args, { cwd = root, env = {} } = {}) => {
      const started = start(command, args, cwd, { ...process.env, ...base, ...env });
      children.push(started.child);
      return started;
    },
  };
}

function start(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Started {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Awaited<Started['ended']>>((done, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => done({ code: code ?? signal ?? 'unknown', stdout, stderr }));
  });
  return { child, ended };
}
