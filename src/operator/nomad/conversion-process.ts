/** The process of one conversion as its parent holds it: bytes in, bytes out, and an end in any case. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Clock, Timer } from '../../telemetry/clock.ts';

export type ConversionOutcome =
  /** JSON, packed by gzip. */
  | { readonly kind: 'answer'; readonly packed: Buffer }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly message: string }
  /** It ended without either; `why` is for the log. */
  | { readonly kind: 'ended'; readonly why: string; readonly message: string };

/** Of processor time; a machine that is busy gives them later, and then the whole time counts. */
const PROCESSOR_SECONDS = 15;
const SECONDS_AT_MOST = 60;
const LOOK_SECONDS = 5;
/** With what the grammar takes beside it, a process has some 230 MB at most. */
const HEAP_MB = 128;
const PACKED_BYTES_AT_MOST = 32 << 20;
const REFUSED = 3;

const inSources = import.meta.url.endsWith('.ts');
const ENTRY = fileURLToPath(new URL(inSources ? './child.ts' : './nomad-child.mjs', import.meta.url));
/** All that it may read: the code, which lies beside it in a bundle. In a checkout the data of `npm start` lie beside it, too. */
const CODE = (inSources ? ['../../../src/', '../../../node_modules/', '../../../package.json'] : ['.']).map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
/** What whoever finds a way out of a job's text still cannot: read, write or start anything but what is named. */
export const confinement: readonly string[] = ['--permission', ...CODE.map((path) => `--allow-fs-read=${path}`)];
const FLAGS = [`--max-old-space-size=${HEAP_MB}`, '--max-semi-space-size=4', '--no-warnings'] as const;

const instead = 'convert fewer jobs at once, or use `larder nomad convert` on your own machine';

/** Never rejects. When `signal` aborts, the process is ended. */
export function runConversion(body: Buffer, clock: Clock, signal: AbortSignal): Promise<ConversionOutcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...confinement, ...FLAGS, ENTRY], {
      cwd: '/',
      // Nothing of the environment: it may hold secrets, and a job must not see them.
      env: { MALLOC_ARENA_MAX: '1' },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    let why = '';
    const end = (reason: string): void => {
      why ||= reason;
      child.kill('SIGKILL');
    };
    const watch = endInTime(child.pid, clock, () => end('time'));
    const onAbort = (): void => end('nobody waits for it');
    signal.addEventListener('abort', onAbort, { once: true });
    const pieces: Buffer[] = [];
    let length = 0;
    child.stdout.on('data', (piece: Buffer) => {
      length += piece.length;
      if (length > PACKED_BYTES_AT_MOST) end('size');
      else pieces.push(piece);
    });
    child.stdin.on('error', () => undefined); // it has ended, which `close` tells
    child.on('error', (cause) => end(cause.message));
    child.on('close', (code, killed) => {
      watch.cancel();
      signal.removeEventListener('abort', onAbort);
      resolve(outcomeOf({ code, killed, why, packed: Buffer.concat(pieces) }));
    });
    void preferAsVictim(child.pid);
    child.stdin.end(body);
    if (signal.aborted) onAbort();
  });
}

/** Calls `late` once its time is over. */
function endInTime(pid: number | undefined, clock: Clock, late: () => void): Timer {
  let seconds = PROCESSOR_SECONDS;
  const look = (): void => {
    if (seconds >= SECONDS_AT_MOST || processorSeconds(pid) >= PROCESSOR_SECONDS) late();
    else timer = clock.after(LOOK_SECONDS * 1_000, look);
    seconds += LOOK_SECONDS;
  };
  let timer = clock.after(seconds * 1_000, look);
  return { cancel: () => timer.cancel() };
}

/** proc_pid_stat(5): fields 14 and 15, in hundredths of a second. 0 once it has ended. */
function processorSeconds(pid: number | undefined): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return 0; // it has ended: `close` is on its way
  }
}

/** Where memory runs out, the kernel shall take this process and not the operator. */
async function preferAsVictim(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  await writeFile(`/proc/${pid}/oom_score_adj`, '1000').catch(() => undefined); // it has ended, or this is not allowed
}

interface End {
  readonly code: number | null;
  readonly killed: NodeJS.Signals | null;
  readonly why: string;
  readonly packed: Buffer;
}

const refusal = z.object({ kind: z.literal('refused'), status: z.number(), code: z.string(), message: z.string() });

function outcomeOf({ code, killed, why, packed }: End): ConversionOutcome {
  if (code === 0) return { kind: 'answer', packed };
  if (code === REFUSED) return refusal.parse(JSON.parse(gunzipSync(packed).toString('utf8')));
  if (why === 'time') return { kind: 'ended', why, message: `it took too long and was ended: ${instead}` };
  if (why === 'size') return { kind: 'ended', why, message: `what became of the jobs is too large: ${instead}` };
  // V8 ends a process by SIGABRT or SIGTRAP when its heap is full.
  const full = killed === 'SIGABRT' || killed === 'SIGTRAP' || code === 134;
  const message = full ? `it took more memory than one conversion gets: ${instead}` : `its process ended: ${instead}`;
  return { kind: 'ended', why: why || (killed ?? `exit code ${code}`), message };
}
