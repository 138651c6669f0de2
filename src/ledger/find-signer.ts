/** Which key signs, where nobody names one: what git signs with, the agent, and the usual files of ssh. */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { agentKeys, agentSigner } from './agent-signer.ts';
import { ALLOWED_SIGNERS } from './allowed-signers.ts';
import { git, gitFolder } from './git.ts';
import { fileSigner, isThere } from './key-file.ts';
import { LedgerError } from './registry.ts';
import type { Signer } from './signer.ts';
import { readPublicKeyLine } from './ssh-public-key.ts';

type Env = Readonly<Record<string, string | undefined>>;

export interface SignerSearch {
  readonly env: Env;
  /** A folder in the operators' repository. */
  readonly repository: string;
  /** What `--key` says: a file. */
  readonly key?: string;
}

/** A key that Larder made for this clone, below the folder of git. */
export const OWN_KEY = 'larder/id_ed25519';

const USUAL_FILES = ['id_ed25519', 'id_ecdsa', 'id_rsa', 'id_ed25519_sk', 'id_ecdsa_sk'];

/**
 * In this order: `key`, git's user.signingkey (where gpg.format is ssh), the agent, ~/.ssh, the clone's own key. Of several
 * the one that the ledger knows and that is good the longest, else the first. Throws LARDER_LEDGER_NO_KEY, which names all that was looked at.
 */
export async function findSigner(search: SignerSearch): Promise<Signer> {
  if (search.key !== undefined) return fileSigner(resolve(search.key), search.env);
  const looked: string[] = [];
  const found: Signer[] = [];
  for (const place of [ofGit, ofAgent, ofHome, ofClone]) {
    const { at, signers } = await place(search);
    looked.push(at);
    found.push(...signers);
  }
  const known = await knownKeys(search.repository);
  const endOf = ({ publicKey }: Signer): string => known.get(publicKey) ?? '';
  const [first] = found.toSorted((a, b) => Number(endOf(a) < endOf(b)) - Number(endOf(a) > endOf(b)));
  if (first) return first;
  throw new LedgerError(
    'LARDER_LEDGER_NO_KEY',
    `No key to sign with: ${looked.join('; ')}. Name one with --key FILE, or make one: ssh-keygen -t ed25519`,
  );
}

interface Place {
  /** What was looked at, and what was there. */
  readonly at: string;
  readonly signers: readonly Signer[];
}

async function ofGit({ repository, env }: SignerSearch): Promise<Place> {
  const format = await configured(repository, ['gpg.format']);
  if (format !== 'ssh') return { at: 'git signs with no ssh key (gpg.format)', signers: [] };
  const key = await configured(repository, ['user.signingkey']);
  if (key === '') return { at: 'git names no user.signingkey', signers: [] };
  const literal = readPublicKeyLine(key.replace(/^key::/, ''));
  if (literal.kind === 'key') {
    const signer = await agentSigner(literal.text, env);
    return { at: 'user.signingkey of git is a key that the agent does not hold', signers: signer ? [signer] : [] };
  }
  const path = await configured(repository, ['--type=path', 'user.signingkey']);
  return tried(`user.signingkey of git, ${path}`, [resolve(repository, path)], env);
}

async function configured(repository: string, args: readonly string[]): Promise<string> {
  const { code, output } = await git(repository, ['config', ...args.slice(0, -1), '--get', ...args.slice(-1)]);
  return code === 0 ? output.trimEnd() : '';
}

async function ofAgent({ env }: SignerSearch): Promise<Place> {
  const keys = await agentKeys(env);
  if (keys === undefined) return { at: 'no ssh agent answers (SSH_AUTH_SOCK)', signers: [] };
  const signers = await Promise.all(keys.map(({ publicKey }) => agentSigner(publicKey, env)));
  return { at: 'the ssh agent holds no key', signers: signers.flatMap((signer) => signer ?? []) };
}

async function ofHome({ env }: SignerSearch): Promise<Place> {
  const folder = join(env['HOME'] ?? homedir(), '.ssh');
  return tried(
    `${folder} (${USUAL_FILES.join(', ')})`,
    USUAL_FILES.map((name) => join(folder, name)),
    env,
  );
}

/** Whoever writes into a ledger that is served may stand anywhere. */
function outside(cause: unknown): undefined {
  if (cause instanceof LedgerError && cause.code === 'LARDER_LEDGER_NOT_FOUND') return undefined;
  throw cause;
}

async function ofClone({ repository, env }: SignerSearch): Promise<Place> {
  const folder = await gitFolder(repository).catch(outside);
  if (folder === undefined) return { at: 'this folder is in no git repository', signers: [] };
  const path = join(folder, OWN_KEY);
  return tried(path, [path], env);
}

/** The files of these that are there; why one of them is no key stays in the list of what was looked at. */
async function tried(at: string, paths: readonly string[], env: Env): Promise<Place> {
  const signers: Signer[] = [];
  const problems: string[] = [];
  for (const path of paths) {
    if (!(await isThere(path))) continue;
    try {
      signers.push(await fileSigner(path, env));
    } catch (failure) {
      if (!(failure instanceof LedgerError)) throw failure;
      problems.push(failure.message);
    }
  }
  return { at: `${at}: ${problems.length === 0 ? 'not there' : problems.join(' ')}`, signers };
}

/**
 * Keys of operators with the end that the file tells, as it says it; the last in the order of text for those without one. It
 * only helps to choose: whether a key may sign, the rules say.
 */
async function knownKeys(repository: string): Promise<ReadonlyMap<string, string>> {
  const { output } = await git(repository, ['rev-parse', '--show-toplevel']);
  const text = await readFile(join(output.trimEnd(), ALLOWED_SIGNERS), 'utf8').catch(() => '');
  const known = new Map<string, string>();
  for (const [line, key = ''] of text.matchAll(/^.* ((?:ssh|ecdsa|sk)-\S+ [A-Za-z0-9+/]+=*)$/gm)) {
    const end = /valid-before="(\d+Z)"/.exec(line)?.[1] ?? 'never';
    if (end > (known.get(key) ?? '')) known.set(key, end);
  }
  return known;
}
