/** Follows a guide: types its commands, one after the other, and looks whether it sees what the guide shows. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { eventually } from '../e2e/larder.ts';
import type { Desk } from './desk.ts';
import type { Command, Guide, Step } from './guide.ts';
import { isShown } from './shown.ts';

/** A person needs a while for the next command; a test that is faster may find the cluster busy with the last one. */
const PATIENCE_SECONDS = 3;
/** A command that never ends must not take the whole run with it. */
const LIMIT_MS = 2 * 60_000;
/** What only looks can be done again until it shows what it should. */
const looks =
  /^(\.\/bin\/)?(larder (explain|volumes (list|show|usage)|doctor|takeover$)|kubectl (get|describe))|--dry-run/;

interface Answer {
  readonly code: number | string;
  readonly output: string;
}

export interface Reader {
  readonly desk: Desk;
  /** What stands in a guide for something that every reader has of their own, and what it is here. */
  readonly own: Map<string, string>;
  /** Ends what goes on in other terminals. */
  readonly running: (() => Promise<void>)[];
}

/** Returns how many commands were run. */
export async function follow(t: TestContext, reader: Reader, guide: Guide): Promise<number> {
  const files = guide.steps.flatMap((step) => (step.kind === 'file' ? [step] : []));
  for (const { name, text } of files) {
    const path = join(reader.desk.home, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  let count = 0;
  for (const step of guide.steps) count += await takes(t, reader, step, `docs/guides/${guide.name}.md:${step.line}`);
  return count;
}

async function takes(t: TestContext, reader: Reader, step: Step, where: string): Promise<number> {
  switch (step.kind) {
    case 'object':
      await type(t, reader, applied(step), where);
      return 1;
    case 'command':
      await type(t, reader, step, where);
      return 1;
    case 'file': // there since the beginning
    case 'passed over':
      return 0;
    default:
      return step satisfies never;
  }
}

const applied = ({ line, text }: Pick<Command, 'line' | 'text'>): Command => ({
  kind: 'command',
  line,
  text: `kubectl apply -f - <<'END'\n${text}\nEND`,
  exit: 0,
  alone: false,
});

async function type(t: TestContext, reader: Reader, command: Command, where: string): Promise<void> {
  const { shows, exit, text, alone } = command;
  if (alone) for (const stop of reader.running.splice(0)) await stop();
  let last: Answer = { code: '', output: '' };
  let runs = 0;
  const fits = (): boolean => last.code === exit && (shows === undefined || isShown(shows, last.output));
  const again = async (): Promise<true | undefined> => {
    if (runs === 0 || last.code !== exit || looks.test(text)) {
      last = await run(t, reader, command);
      runs += 1;
    }
    return fits() ? true : undefined;
  };
  const seen = await eventually(text, again, PATIENCE_SECONDS).catch(() => false);
  if (runs > 1) t.diagnostic(`${where}: typed ${runs} times: ${text.split('\n')[0]}`);
  const wanted = shows === undefined ? '' : `\nwhich the guide shows as\n${shows}`;
  assert.ok(seen, `${where}\n${text}\nended with ${last.code} and printed\n${last.output}${wanted}`);
}

/** A process group of its own, which ends with the test at the latest. */
async function run(t: TestContext, reader: Reader, command: Command): Promise<Answer> {
  const { home, env } = reader.desk;
  const state = join(home, '.exported');
  const before = `exec 2>&1\n[ ! -e ${state} ] || . ${state}\ntrap 'export -p > ${state}' EXIT`;
  const child = spawn('bash', ['-euo', 'pipefail', '-c', `${before}\n${inOwnWords(reader, command.text)}`], {
    cwd: home,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const end = (signal: NodeJS.Signals): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, signal);
  };
  t.after(() => end('SIGKILL'));
  const pattern = command.until ?? command.stays;
  let output = '';
  const timer = setTimeout(() => end('SIGKILL'), LIMIT_MS);
  const closed = new Promise<void>((resolve) =>
    child.on('close', () => {
      clearTimeout(timer);
      resolve();
    }),
  );
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (pattern === undefined || !new RegExp(pattern, 'm').test(output)) return;
      if (command.stays === undefined) end('SIGINT');
      else {
        clearTimeout(timer);
        meets(reader, output);
        reader.running.push(() => {
          end('SIGINT');
          return closed;
        });
      }
      resolve({ code: 0, output });
    });
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ code: pattern === undefined ? (code ?? signal ?? '') : 'ended', output }),
    );
  });
}

/** An operator that the guide starts says where it is, and readers take that into their next commands. */
function meets(reader: Reader, output: string): void {
  const [, address] = /^Console +(\S+)/m.exec(output) ?? [];
  if (address === undefined) return;
  const { origin, searchParams } = new URL(address);
  reader.own.set('http://127.0.0.1:8080', origin);
  reader.own.set('LARDER_OPERATOR_TOKEN=…', `LARDER_OPERATOR_TOKEN=${searchParams.get('token')}`);
}

function inOwnWords({ own }: Reader, text: string): string {
  return [...own].reduce((words, [from, to]) => words.replaceAll(from, to), text);
}
