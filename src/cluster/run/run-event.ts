/** What a play tells while it runs: a line of JSON each, written by the callback plugin `larder_events` of deploy/ansible. */
import { z } from 'zod';

const task = { task: z.string(), path: z.string().default(''), role: z.string().optional() };

const counts = z
  .object({
    ok: z.number().default(0),
    changed: z.number().default(0),
    failures: z.number().default(0),
    unreachable: z.number().default(0),
    skipped: z.number().default(0),
    rescued: z.number().default(0),
    ignored: z.number().default(0),
  })
  .transform(({ failures, ...rest }) => ({ ...rest, failed: failures }));

const taskResult = z.object({
  event: z.literal('result'),
  host: z.string(),
  ...task,
  /** `ignored`: it failed, and the play says that this is no failure. */
  outcome: z.enum(['ok', 'changed', 'skipped', 'failed', 'ignored', 'unreachable']),
  elapsedMs: z.number().default(0),
  message: z.string().optional(),
  /** With --diff; never of a task that is not to be logged. */
  diff: z.string().optional(),
  noLog: z.boolean().optional(),
  /** `larder_facts` of a task that has them in its result. */
  facts: z.record(z.string(), z.unknown()).optional(),
});

const runEvent = z.discriminatedUnion('event', [
  z.object({ event: z.literal('play'), name: z.string() }),
  z.object({ event: z.literal('task'), ...task }),
  z.object({ event: z.literal('begin'), host: z.string(), ...task }),
  z.object({ event: z.literal('retry'), host: z.string(), ...task }),
  taskResult,
  z.object({ event: z.literal('recap'), hosts: z.record(z.string(), counts) }),
]);

export type RunEvent = z.infer<typeof runEvent>;
export type TaskResult = z.infer<typeof taskResult>;
/** What Ansible says of a host at the end of a play. */
export type Recap = z.infer<typeof counts>;

/** Undefined for what is no event: a line that was cut off, or words of somebody else. */
export function parseRunEvent(line: string): RunEvent | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const parsed = runEvent.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined; // cut off: the play was ended in the middle of a line
  }
}

/** Pieces of a stream as they come, in; whole lines out. What is left at the end was cut off. */
export function lineReader(each: (line: string) => void): (piece: string) => void {
  let rest = '';
  return (piece) => {
    const lines = `${rest}${piece}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) each(line);
  };
}
