/** Who may use the HTTP API: bearer tokens with a name for the log. They let somebody in; they sign nothing. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { open } from 'node:fs/promises';
import { messageOf } from '../kube/error.ts';
import { LedgerError } from './registry.ts';

interface Caller {
  readonly name: string;
  readonly may: 'read' | 'write';
}

export interface Tokens {
  /** Whose token it is; undefined for one that nobody has. */
  find(bearer: string): Caller | undefined;
  readonly size: number;
}

/** 256 bits as a word. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

export function oneToken(token: string): Tokens {
  return tokensOf([{ name: 'token', may: 'write', digest: digestOf(token) }]);
}

/**
 * A file with a line for each token: a name, the token (32 characters or more), and `read` where it may only read. Empty
 * lines and those that begin with # say nothing.
 * @throws LedgerError LARDER_LEDGER_TOKENS, which never quotes a token.
 */
export async function tokensIn(path: string): Promise<Tokens> {
  const known: Known[] = [];
  for (const [index, line] of (await privateText(path)).split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const read = knownIn(line);
    if (typeof read === 'string') throw unusable(`line ${index + 1} of ${path} ${read}`);
    const twin = known.find(({ name, digest }) => name === read.name || digest.equals(read.digest));
    if (twin !== undefined)
      throw unusable(`line ${index + 1} of ${path} has the name or the token of ${twin.name} again`);
    known.push(read);
  }
  if (known.length === 0) throw unusable(`${path} holds no token: add a line with a name and a token`);
  return tokensOf(known);
}

interface Known extends Caller {
  readonly digest: Buffer;
}

const SHORTEST = 32;

/** Why a line is none, where it is none. */
function knownIn(line: string): Known | string {
  const [name = '', token = '', may = 'write', ...rest] = line.trim().split(/\s+/);
  if (rest.length > 0) return 'has more words than a name, a token and `read`';
  if (token.length < SHORTEST)
    return `has a token of fewer than ${SHORTEST} characters (openssl rand -hex 32 makes one)`;
  if (may !== 'read' && may !== 'write') return 'ends with a word that is neither read nor write';
  return { name, may, digest: digestOf(token) };
}

/** What others can read is no secret. */
async function privateText(path: string): Promise<string> {
  const file = await open(path).catch((cause: unknown) => {
    throw unusable(`${path} cannot be read: ${messageOf(cause)}`, cause);
  });
  try {
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0) throw unusable(`${path} can be read by others: chmod 600 ${path}`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function unusable(message: string, cause?: unknown): LedgerError {
  return new LedgerError('LARDER_LEDGER_TOKENS', message, { cause });
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** All are compared, and in a time that says nothing about which one it was or where it differs. */
function tokensOf(known: readonly Known[]): Tokens {
  return {
    size: known.length,
    find(bearer) {
      const digest = digestOf(bearer);
      const [found] = known.filter((each) => timingSafeEqual(each.digest, digest));
      return found && { name: found.name, may: found.may };
    },
  };
}
