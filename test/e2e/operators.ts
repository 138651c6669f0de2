/** A repository of operators with a ledger, and the people who work in it; commands of the product run in this process. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { run } from '../../src/cli/main.ts';
import type { Client } from '../../src/kube/index.ts';
import { createKeyFile } from '../../src/ledger/key-file.ts';
import { clientOf } from './claims.ts';
import { type Run, temporaryFolder } from './larder.ts';

export interface Operators {
  readonly root: string;
  readonly client: Client;
  readonly kubeconfig: string;
  /** Runs a command line as `ana`, who began the ledger. Paths in it are from the root of the repository. */
  larder(...args: readonly string[]): Promise<Run>;
  /** The same as `ben`, who is no admin. */
  asBen(...args: readonly string[]): Promise<Run>;
  /** By path from the root; an object is written as JSON, which is YAML. */
  write(path: string, content: string | object | readonly object[]): void;
  git(...args: readonly string[]): string;
  commit(message: string): void;
  /** For processes: what ana has in the environment, and the file of her key. */
  readonly env: Readonly<Record<string, string>>;
  readonly keyOfAna: string;
}

interface Reached {
  readonly kubeconfig: string;
}

/** Words that are paths of the repository: what stands behind these options. */
const PATHS = new Set(['--manifests', '--runbook', '--values', '--helm']);

export async function operatorsFor(t: TestContext, { kubeconfig }: Reached): Promise<Operators> {
  const folder = temporaryFolder((remove) => t.after(remove), 'larder-operators-');
  const root = join(folder, 'repository');
  mkdirSync(root);
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.email', 'ana@example.com');
  git('config', 'user.name', 'Ana');
  git('config', 'commit.gpgsign', 'false');
  const keys = { ana: await keyIn(folder, 'ana'), ben: await keyIn(folder, 'ben') };
  const env = { HOME: folder, KUBECONFIG: kubeconfig, LARDER_LEDGER: root, PATH: process.env['PATH'] ?? '' };
  const as =
    (key: string) =>
    (...args: readonly string[]) =>
      runHere(args.map(pathsIn(root)), { ...env, key });
  const write = (path: string, content: string | object): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), textOf(content));
  };
  const commit = (message: string): void => {
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message', message);
  };
  write('docs/runbooks/web.md', '# When web is down\n');
  commit('begin');
  const larder = as(keys.ana);
  await succeed(larder('ledger', 'init', '--operator', 'ana'));
  await succeed(larder('ledger', 'operator', 'add', 'ben', '--public-key', `${keys.ben}.pub`));
  return {
    root,
    client: await clientOf({ kubeconfig }),
    kubeconfig,
    larder,
    asBen: as(keys.ben),
    write,
    git,
    commit,
    env,
    keyOfAna: keys.ana,
  };
}

/** Throws with what it said when it ends otherwise than with 0. */
export async function succeed(run: Promise<Run>): Promise<Run> {
  const result = await run;
  if (result.code !== 0) throw new Error(`ended with ${result.code}: ${result.stderr}${result.stdout}`);
  return result;
}

async function keyIn(folder: string, name: string): Promise<string> {
  const path = join(folder, name);
  await createKeyFile(path, name);
  return path;
}

function textOf(content: string | object): string {
  if (typeof content === 'string') return content;
  const documents = Array.isArray(content) ? content : [content];
  return documents.map((each) => `${JSON.stringify(each, undefined, 2)}\n`).join('---\n');
}

const pathsIn =
  (root: string) =>
  (word: string, index: number, words: readonly string[]): string =>
    PATHS.has(words[index - 1] ?? '') ? join(root, word) : word;

/** In this process: a command takes a tenth of the time of a process of its own. */
async function runHere(
  args: readonly string[],
  { key, ...env }: Readonly<Record<string, string>> & { readonly key: string },
): Promise<Run> {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal = {
    out: (text: string) => void out.push(text),
    err: (text: string) => void err.push(text),
    interactive: false,
    columns: 120,
    env,
  };
  const signing = signs(args) ? [args[0] === 'cluster' ? '--ledger-key' : '--key', key] : [];
  const code = await run([...args, ...signing], terminal);
  return { code, stdout: out.join(''), stderr: err.join('') };
}

const READS = new Set(['list', 'show', 'verify', 'report', 'export']);
/** Their verb is the word behind them. */
const GROUPS = new Set(['operator', 'alerts']);

function signs([, verb = '', next = '']: readonly string[]): boolean {
  return !READS.has(verb) && !(GROUPS.has(verb) && READS.has(next));
}
