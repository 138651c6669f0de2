/** A run in the ledger: before it begins, when it has ended, and the incident that a failed one opens. */
import { userInfo } from 'node:os';
import type { RunSession } from '../../cluster/run/carry-out.ts';
import { now } from '../../cluster/run/carry-out.ts';
import type { RunHeader } from '../../cluster/run/run-state.ts';
import type { NewArtifact } from '../../ledger/artifact.ts';
import type { LedgerEvent } from '../../ledger/event.ts';
import { findSigner } from '../../ledger/find-signer.ts';
import type { Evidence, Recorder } from '../../ledger/recorder.ts';
import { LedgerError } from '../../ledger/registry.ts';
import type { Terminal } from '../output.ts';
import { checkRecord, record } from './record-events.ts';
import type { RunOptions } from './run-session.ts';

/** The objective of a run. */
const MINUTES_AT_MOST = 60;

export interface RunRecords {
  /** Throws Exit 3 where the run could not be recorded, as after one that failed without a remediation. */
  check(header: RunHeader): Promise<void>;
  /** `ledgerRunId`: of this attempt. False: it is not in the ledger, and that was said. */
  started(header: RunHeader, ledgerRunId: string, evidence: string): Promise<boolean>;
  /** The id of the incident that was opened, where one was. */
  finished(end: RunEnd): Promise<string | undefined>;
}

export interface RunEnd {
  readonly header: RunHeader;
  readonly ledgerRunId: string;
  readonly startedAt: string;
  readonly status: 'success' | 'failed';
  readonly message: string;
  readonly log: string;
}

interface Parts {
  readonly terminal: Terminal;
  readonly session: RunSession;
  readonly options: RunOptions;
  /** Undefined: there is no ledger. */
  readonly recorder: Recorder | undefined;
}

export async function runRecords(parts: Parts): Promise<RunRecords> {
  const { recorder, options } = parts;
  const initiatedBy = recorder === undefined ? '' : await initiator(parts);
  const begun = ({ runId, kind, nodes, commit, startedAt }: RunHeader, id = runId): Started => ({
    type: 'run-started',
    data: {
      ...{ runId: id, triggerType: kind, nodes: [...nodes], startedAt, initiatedBy },
      ...(commit === undefined ? {} : { ansibleCommit: commit }),
      ...(options.incident === undefined ? {} : { incidentId: options.incident }),
    },
  });
  return {
    check: (header) => checkRecord(recorder, begun(header)),
    started(header, ledgerRunId, text) {
      const event = begun({ ...header, startedAt: now(parts.session) }, ledgerRunId);
      return put(parts, ledgerRunId, event, {
        artifacts: [artifact(header, 'check.diff', text)],
        event: ([stored]) => ({ ...event, data: { ...event.data, diffArtifactsPath: stored?.path } }),
      });
    },
    finished: (end) => finish(parts, end),
  };
}

type Started = Extract<LedgerEvent, { type: 'run-started' }>;

async function finish(
  parts: Parts,
  { header, ledgerRunId, startedAt, status, message, log }: RunEnd,
): Promise<string | undefined> {
  const completedAt = now(parts.session);
  const slow = Date.parse(completedAt) - Date.parse(startedAt) > MINUTES_AT_MOST * 60_000;
  const incidentId = status === 'failed' || slow ? `run-${ledgerRunId.slice(0, 8)}` : undefined;
  const event = {
    type: 'run-finished' as const,
    data: { runId: ledgerRunId, completedAt, status, ...(incidentId === undefined ? {} : { incidentId }) },
  };
  if (parts.recorder === undefined) return undefined;
  if (incidentId !== undefined) {
    const title =
      status === 'failed'
        ? `${header.kind} failed: ${firstLine(message)}`
        : `${header.kind} took more than ${MINUTES_AT_MOST} minutes`;
    const nodeIds = header.nodes.map(({ nodeId }) => nodeId);
    const data = {
      incidentId,
      title,
      severity: 'warning' as const,
      openedAt: completedAt,
      runIds: [ledgerRunId],
      nodeIds,
    };
    await put(parts, incidentId, { type: 'incident-opened', data });
  }
  const logged: Evidence = {
    artifacts: [artifact(header, 'ansible.log', log)],
    event: ([stored]) => ({ ...event, data: { ...event.data, logsPath: stored?.path } }),
  };
  await put(parts, `${ledgerRunId}-end`, event, log === '' ? undefined : logged);
  return incidentId;
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 300);
}

function artifact({ kind, runId }: RunHeader, name: string, text: string): NewArtifact {
  return { folder: `${kind}-${runId.slice(0, 8)}`, name, content: Buffer.from(text) };
}

function put({ terminal, recorder }: Parts, id: string, event: LedgerEvent, evidence?: Evidence): Promise<boolean> {
  return record(terminal, recorder, { id, event, ...(evidence === undefined ? {} : { evidence }) });
}

/** The operator of cluster.yaml who has the key that signs; else who is logged in. The record itself names the signer. */
/** Who begins it: the operator of cluster.yaml whose key signs, else the user of this machine. */
export async function initiator({
  session,
  terminal,
  options,
}: Pick<Parts, 'session' | 'terminal'> & { readonly options: Pick<RunOptions, 'ledgerKey'> }): Promise<string> {
  const key = options.ledgerKey === undefined ? {} : { key: options.ledgerKey };
  try {
    const { publicKey } = await findSigner({ env: terminal.env, repository: session.repository, ...key });
    const operator = session.spec.operators.find(({ sshKey }) => sshKey.split(' ').slice(0, 2).join(' ') === publicKey);
    return operator?.id ?? userInfo().username;
  } catch (cause) {
    if (cause instanceof LedgerError) return userInfo().username; // the recorder says best what is wrong with the key
    throw cause;
  }
}
