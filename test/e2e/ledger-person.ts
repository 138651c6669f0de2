/** People with ssh keys and a repository, who use `larder ledger` as it is installed. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { run } from '../../src/cli/main.ts';
import type { Terminal } from '../../src/cli/output.ts';
import { git } from '../../src/ledger/git.ts';
import { createKeyFile } from '../../src/ledger/key-file.ts';
import type { Run } from './larder.ts';

export interface Person {
  readonly name: string;
  /** The file of the private key. */
  readonly key: string;
  readonly publicKey: string;
}

export interface Site {
  readonly folder: string;
  readonly root: string;
  person(name: string): Promise<Person>;
  /** Runs `larder ledger …` in the repository; `by` signs. Without a home or an agent of anybody. */
  ledger(words: readonly string[], by?: Person, env?: Record<string, string>): Promise<Run>;
  /** The same for any verb. */
  larder(
    words: readonly string[],
    by?: Person,
    env?: Record<string, string>,
    terminal?: Partial<Terminal>,
  ): Promise<Run>;
  git(...words: readonly string[]): Promise<string>;
  /** Paths of the files of records, from the root, oldest first. */
  records(): readonly string[];
}

/** A repository with nothing in it, in a folder that goes with the test. */
export async function ledgerSite(t: Pick<TestContext, 'after'>): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'larder-ledger-e2e-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, 'home-cluster');
  mkdirSync(root);
  const site = siteAt(folder, root);
  await site.git('init', '-q', '-b', 'main');
  await named(site, 'ana');
  return site;
}

/** Another working tree of the same people. */
export async function cloneOf(site: Site, name: string): Promise<Site> {
  const root = join(site.folder, name);
  await site.git('clone', '-q', site.root, root);
  const clone = siteAt(site.folder, root);
  await named(clone, name);
  return clone;
}

async function named(site: Site, name: string): Promise<void> {
  await site.git('config', 'user.name', name);
  await site.git('config', 'user.email', `${name}@example.org`);
}

function siteAt(folder: string, root: string): Site {
  const nobody = { HOME: folder, SSH_AUTH_SOCK: '', KUBECONFIG: join(folder, 'none'), LARDER_LEDGER: root };
  const larder: Site['larder'] = (words, by, env = {}, terminal = {}) =>
    ran([...words, ...(by === undefined ? [] : ['--key', by.key])], { ...nobody, ...env }, terminal);
  return {
    folder,
    root,
    larder,
    async person(name) {
      const key = join(folder, 'keys', name);
      const { publicKey } = await createKeyFile(key, name);
      return { name, key, publicKey };
    },
    ledger: (words, by, env) => larder(['ledger', ...words], by, env),
    async git(...words) {
      const { code, output, errors } = await git(root, words);
      if (code !== 0) throw new Error(`git ${words.join(' ')}: ${errors}`);
      return output;
    },
    records() {
      const ledger = join(root, 'docs/governance/ledger');
      return readdirSync(ledger, { recursive: true, encoding: 'utf8' })
        .filter((path) => path.endsWith('.json'))
        .sort()
        .map((path) => join('docs/governance/ledger', path));
    },
  };
}

/** In this process: a hundred processes would take half a minute. */
async function ran(words: readonly string[], env: Record<string, string>, terminal: Partial<Terminal>): Promise<Run> {
  let [stdout, stderr] = ['', ''];
  const code = await run(words, {
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
    interactive: false,
    columns: 80,
    env: { PATH: process.env['PATH'], ...env },
    ...terminal,
  });
  return { code, stdout, stderr };
}

export function readJson(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8'));
}
