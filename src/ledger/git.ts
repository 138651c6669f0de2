/** git, run as a program in a repository: the records are files of it, and it keeps what was committed. */
import { spawn } from 'node:child_process';
import { collected } from './collected.ts';
import { LedgerError } from './registry.ts';

export interface GitResult {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/**
 * Runs git in `root`. A code other than 0 is a result; no git is a LedgerError LARDER_LEDGER_GIT. What a hook of git that
 * runs Larder has set (GIT_DIR, GIT_INDEX_FILE …) is left out: it would mean another repository or another index.
 */
export function git(root: string, args: readonly string[], input = ''): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['-C', root, ...args], {
      env: gitEnvironment(args[0]),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const output = collected(child.stdout);
    const errors = collected(child.stderr);
    child.stdin.on('error', () => undefined); // it ended before it read all: its exit code says so
    child.on('error', (cause) =>
      reject(new LedgerError('LARDER_LEDGER_GIT', `git cannot be run: ${cause.message}`, { cause })),
    );
    child.on('close', (code) => resolve({ code: code ?? -1, output: output(), errors: errors() }));
    child.stdin.end(input);
  });
}

/** What git runs with. */
export function gitEnvironment(command: string | undefined): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|COMMON_DIR|NAMESPACE)$/.test(name),
  );
  // Nobody is asked for a password or a message; what it says is compared with words.
  return {
    ...Object.fromEntries(own),
    GIT_TERMINAL_PROMPT: '0',
    GIT_EDITOR: 'true',
    LC_ALL: 'C',
    // check-ignore knows no magic to be switched off, and says so as an error.
    ...(command !== 'check-ignore' && { GIT_LITERAL_PATHSPECS: '1' }),
  };
}

/** Where git keeps what is of this working tree only: the lock and the witness live there. Throws LARDER_LEDGER_NOT_FOUND. */
export function gitFolder(root: string): Promise<string> {
  return placeIn(root, '--absolute-git-dir');
}

/** The root of the working tree that holds `folder`. Throws LARDER_LEDGER_NOT_FOUND. */
export function workingTree(folder: string): Promise<string> {
  return placeIn(folder, '--show-toplevel');
}

/** git says best why: there is none, it belongs to somebody else, it has no files. */
async function placeIn(folder: string, what: string): Promise<string> {
  const { code, output, errors } = await git(folder, ['rev-parse', what]);
  if (code === 0) return output.trimEnd();
  const why =
    errors
      .replace(/^fatal: /, '')
      .trim()
      .split('\n')[0] ?? '';
  // As git in English says it, which `gitEnvironment` asks for.
  const message = why.includes('dubious ownership')
    ? `the repository of ${folder} belongs to another user, and git reads it only when told to: git config --global --add safe.directory ${folder}`
    : `${folder} is in no git repository with files of its own: ${why}. Run git init there, or name another folder`;
  throw new LedgerError('LARDER_LEDGER_NOT_FOUND', message);
}
