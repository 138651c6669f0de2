/**
 * Whether git ignores a path, asked again and again. A process of its own for each question costs a large program more
 * than the answer does (it is copied to begin one), so that the questions go through a shell that is small and stays.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { gitEnvironment } from './git.ts';

/** Each line is a question: a folder and paths below it, with a TAB between. The answer is the exit code. */
const LOOP = `set -f; IFS='\t'
while IFS= read -r line; do IFS='\t'; set -- $line; root=$1; shift; git -C "$root" check-ignore -- "$@" >/dev/null 2>&1; echo $?; done`;

/** What a shell leaves as it is, and what no line or TAB is in. */
const PLAIN = /^[\w@%+=,./ -]+$/;
/** What git says of paths of which none is ignored. */
const NONE = '1';

export interface IgnoreQuestion {
  /** Undefined: one may be, or it was not understood; the question is then one for git itself. */
  noneOf(paths: readonly string[]): Promise<true | undefined>;
}

/** The shell begins with the second question and ends with this process. */
export function ignoreQuestion(root: string): IgnoreQuestion {
  let asked = 0;
  let shell: Shell | undefined;
  return {
    async noneOf(paths) {
      asked += 1;
      if (asked === 1 || paths.length === 0 || ![root, ...paths].every((path) => PLAIN.test(path))) return undefined;
      const environment = gitEnvironment('check-ignore');
      const key = JSON.stringify(environment);
      if (shell?.key !== key || shell.child.exitCode !== null) {
        shell?.child.stdin?.destroy();
        shell = begun(environment, key);
      }
      return (await answered(shell, [root, ...paths].join('\t'))) === NONE ? true : undefined;
    },
  };
}

interface Shell {
  readonly child: ChildProcess;
  /** Of its environment, which git takes its settings from. */
  readonly key: string;
  /** Whoever waits for an answer, in the order of the questions. */
  readonly waiting: ((answer: string) => void)[];
}

function begun(env: NodeJS.ProcessEnv, key: string): Shell {
  const child = spawn('sh', ['-c', LOOP], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const shell: Shell = { child, key, waiting: [] };
  let text = '';
  child.stdout.on('data', (part: Buffer) => {
    const lines = `${text}${part}`.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) shell.waiting.shift()?.(line);
  });
  const gone = (): void => {
    for (const tell of shell.waiting.splice(0)) tell('');
  };
  child.on('error', gone);
  child.on('close', gone);
  child.stdin.on('error', gone);
  hold(shell, false);
  return shell;
}

async function answered(shell: Shell, question: string): Promise<string> {
  hold(shell, true);
  const answer = await new Promise<string>((resolve) => {
    shell.waiting.push(resolve);
    shell.child.stdin?.write(`${question}\n`);
  });
  if (shell.waiting.length === 0) hold(shell, false);
  return answer;
}

/** Only who waits for an answer keeps the process from ending. */
function hold({ child }: Shell, isHeld: boolean): void {
  for (const pipe of [child.stdin, child.stdout]) {
    if (pipe instanceof Socket) isHeld ? pipe.ref() : pipe.unref();
  }
  isHeld ? child.ref() : child.unref();
}
