/** What the journal of a run says, folded. Pure. */
import { z } from 'zod';

const phase = z.object({
  id: z.string(),
  playbook: z.string(),
  hosts: z.array(z.string()),
  limit: z.array(z.string()).optional(),
  variables: z.record(z.string(), z.unknown()),
  stops: z.enum(['any', 'failed', 'none']),
});

const header = z.object({
  line: z.literal('run'),
  runId: z.string(),
  kind: z.enum(['bootstrap', 'rebuild', 'upgrade']),
  cluster: z.string(),
  nodes: z.array(z.object({ nodeId: z.string(), role: z.enum(['server-agent', 'worker']) })),
  phases: z.array(phase),
  /** SHA-256 of cluster.yaml. */
  specSha256: z.string(),
  /** Of the repository; absent: it is in no git, or has no commit yet. */
  commit: z.string().optional(),
  /** What every node shall run in the end; absent: what its channel gives. */
  version: z.string().optional(),
  fromVersion: z.string().optional(),
  startedAt: z.string(),
});

const hostOutcome = z.enum(['done', 'failed', 'unreachable', 'interrupted']);

const journalLine = z.discriminatedUnion('line', [
  header,
  /** Somebody goes on with it: again, or for the first time. `ledgerRunId`: its name in the ledger. */
  z.object({
    line: z.literal('attempt'),
    at: z.string(),
    ledgerRunId: z.string().optional(),
    specSha256: z.string().optional(),
  }),
  z.object({ line: z.literal('begun'), phase: z.string(), hosts: z.array(z.string()), at: z.string() }),
  z.object({
    line: z.literal('host'),
    phase: z.string(),
    host: z.string(),
    outcome: hostOutcome,
    message: z.string().optional(),
    at: z.string(),
  }),
  z.object({ line: z.literal('ended'), phase: z.string(), elapsedMs: z.number(), at: z.string() }),
  z.object({
    line: z.literal('over'),
    status: z.enum(['success', 'failed', 'abandoned']),
    message: z.string(),
    at: z.string(),
  }),
]);

export type RunHeader = z.infer<typeof header>;
export type JournalLine = z.infer<typeof journalLine>;
export type HostOutcome = z.infer<typeof hostOutcome>;

export interface RunState {
  readonly header: RunHeader;
  /** Hosts by the phases that they have completed. */
  readonly done: Map<string, ReadonlySet<string>>;
  /** The last thing that did not go well, per host, until it did. */
  readonly troubles: ReadonlyMap<
    string,
    { readonly phase: string; readonly outcome: HostOutcome; readonly message: string }
  >;
  readonly elapsedMs: ReadonlyMap<string, number>;
  /** In the ledger, of the last attempt that was recorded. */
  readonly ledgerRunId: string | undefined;
  /** Of the last attempt. */
  readonly specSha256: string;
  readonly over: Extract<JournalLine, { line: 'over' }> | undefined;
  readonly attempts: number;
}

/** Undefined for what is no line of a journal, as one that was cut off. */
export function parseJournalLine(text: string): JournalLine | undefined {
  try {
    const parsed = journalLine.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined; // the end of a write that was cut off
  }
}

/** Undefined: nothing was begun before the first line was whole. */
export function runState(lines: readonly JournalLine[]): RunState | undefined {
  const [first, ...rest] = lines;
  if (first?.line !== 'run') return undefined;
  const done = new Map<string, ReadonlySet<string>>();
  const troubles = new Map<string, { phase: string; outcome: HostOutcome; message: string }>();
  const elapsedMs = new Map<string, number>();
  let ledgerRunId: string | undefined;
  let { specSha256 } = first;
  let attempts = 0;
  let over: RunState['over'];
  for (const line of rest) {
    if (line.line === 'attempt') {
      ledgerRunId = line.ledgerRunId ?? ledgerRunId;
      specSha256 = line.specSha256 ?? specSha256;
      attempts += 1;
      over = undefined;
    }
    if (line.line === 'host' && line.outcome === 'done') {
      done.set(line.phase, new Set([...(done.get(line.phase) ?? []), line.host]));
      troubles.delete(line.host);
    } else if (line.line === 'host') {
      troubles.set(line.host, { phase: line.phase, outcome: line.outcome, message: line.message ?? '' });
    }
    if (line.line === 'ended') elapsedMs.set(line.phase, line.elapsedMs);
    if (line.line === 'over') over = line;
  }
  return { header: first, done, troubles, elapsedMs, over, ledgerRunId, specSha256, attempts };
}

/** Who still needs a phase. */
export function remaining(
  { done }: Pick<RunState, 'done'>,
  phase: { readonly id: string; readonly hosts: readonly string[] },
): readonly string[] {
  return phase.hosts.filter((host) => !done.get(phase.id)?.has(host));
}
