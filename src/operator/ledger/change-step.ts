/** What a change waits for, who can do it, and by which command. What the command itself looks at again stays its own. Pure. */
import type { ApplyEvent, ConfigurationChange, ManualApplyEvidence, Operator } from '../../ledger/entity.ts';
import type { ChangeStage, ChangeStep } from './ledger-api.ts';

export interface ChangeFacts {
  readonly operators: Iterable<Operator>;
  /** Why the files of its newest evidence cannot be relied on. */
  readonly wrongFiles: readonly string[];
  /** The words of a record for an object of which nobody knows what came of it. */
  readonly cutOff: string;
  /** As a shell reads it back. */
  readonly quote: (word: string) => string;
  /** Epoch ms. */
  readonly now: number;
}

export interface Standing {
  readonly stage: ChangeStage;
  readonly step?: ChangeStep;
  readonly trouble: readonly string[];
}

/** As `larder change apply` has it unless somebody says otherwise. */
const EVIDENCE_AGE_MS = 24 * 3_600_000;

export function changeStanding(change: ConfigurationChange, facts: ChangeFacts): Standing {
  const { status } = change;
  if (status === 'rolled-back') return { stage: 'rolled back', trouble: [] };
  const last = change.applies.at(-1);
  const hasFailed = last !== undefined && last.exitCode !== 0 && !isAfter(change.evidence.at(-1), last);
  if (hasFailed) return afterFailure(change, last, facts);
  if (status === 'applied') return { stage: 'applied', trouble: [] };
  return waiting(change, facts);
}

/** New evidence after an apply: somebody has looked again, and it waits like any other. */
function isAfter(evidence: ManualApplyEvidence | undefined, apply: ApplyEvent): boolean {
  return evidence !== undefined && evidence.evidenceId !== apply.evidenceId;
}

function afterFailure(change: ConfigurationChange, last: ApplyEvent, { cutOff, quote }: ChangeFacts): Standing {
  const undone = last.objects.filter(({ outcome }) => outcome === 'failed' || outcome === 'not-tried');
  const isCut = undone.some(({ message }) => message === cutOff);
  const trouble = undone.map(({ kind, namespace, name, outcome, message }) => {
    const where = namespace === undefined ? name : `${namespace}/${name}`;
    return `${kind} ${where}: ${outcome.replace('-', ' ')}${message === undefined ? '' : `: ${message}`}`;
  });
  const why = isCut
    ? 'the apply was cut off: a new diff shows what it did and what is left'
    : 'the apply failed half way: mend what it says, then a new diff shows what is left';
  return {
    stage: isCut ? 'interrupted' : 'failed',
    step: { who: `${change.author}, or any operator`, why, command: commandOf('diff', change, quote) },
    trouble,
  };
}

interface Wait {
  readonly stage: ChangeStage;
  readonly step: ChangeStep;
}

type Question = (change: ConfigurationChange, facts: ChangeFacts) => Wait | undefined;

/** The first that has something to say. */
const questions: readonly Question[] = [
  withoutEvidence,
  withoutRunbook,
  wrongEvidence,
  unknownEvidence,
  oldEvidence,
  unapproved,
];

function waiting(change: ConfigurationChange, facts: ChangeFacts): Standing {
  for (const question of questions) {
    const found = question(change, facts);
    if (found) return { ...found, trouble: facts.wrongFiles };
  }
  const why = 'its evidence is there; the apply looks once more, and refuses when the cluster has moved since';
  const step = { who: 'any operator', why, command: commandOf('apply', change, facts.quote) };
  return { stage: 'waits for apply', step, trouble: [] };
}

function evidenceNeeded(change: ConfigurationChange, { quote }: ChangeFacts, why: string): Wait {
  const step = { who: `${change.author}, or any operator`, why, command: commandOf('diff', change, quote) };
  return { stage: 'waits for evidence', step };
}

function withoutEvidence(change: ConfigurationChange, facts: ChangeFacts): Wait | undefined {
  if (change.evidence.length > 0) return undefined;
  return evidenceNeeded(change, facts, 'nobody has asked the cluster yet what it would do');
}

function withoutRunbook(change: ConfigurationChange, { quote }: ChangeFacts): Wait | undefined {
  if (change.runbookUpdates.some((path) => path.trim() !== '')) return undefined;
  const command = `${commandOf('update', change, quote)} --runbook docs/runbooks/FILE.md`;
  const why = 'it names no runbook, and is not applied without one';
  return { stage: 'waits for a runbook', step: { who: `${change.author}, or any operator`, why, command } };
}

function wrongEvidence(change: ConfigurationChange, facts: ChangeFacts): Wait | undefined {
  const [first] = facts.wrongFiles;
  return first === undefined ? undefined : evidenceNeeded(change, facts, `its evidence cannot be relied on: ${first}`);
}

function unknownEvidence(change: ConfigurationChange, facts: ChangeFacts): Wait | undefined {
  const unknown = (change.evidence.at(-1)?.objects ?? []).filter((each) => each.change === 'unknown');
  if (unknown.length === 0) return undefined;
  const names = unknown.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  return evidenceNeeded(change, facts, `the cluster could not tell what would become of ${names}: mend that first`);
}

function oldEvidence(change: ConfigurationChange, facts: ChangeFacts): Wait | undefined {
  const taken = Date.parse(change.evidence.at(-1)?.timestamp ?? '');
  if (facts.now - taken <= EVIDENCE_AGE_MS) return undefined;
  return evidenceNeeded(change, facts, 'its evidence is older than a day, and the cluster has gone on since');
}

function unapproved(change: ConfigurationChange, { operators, quote }: ChangeFacts): Wait | undefined {
  if (!change.critical) return undefined;
  const newest = change.evidence.at(-1);
  const authors = new Set([...change.authors, ...(newest?.authors ?? [])]);
  const isGiven = change.approvals.some(
    ({ evidenceId, operator }) => evidenceId === newest?.evidenceId && !authors.has(operator),
  );
  if (isGiven) return undefined;
  const able = [...operators].filter(
    ({ operatorId, role, removed }) => removed === undefined && role !== 'server' && !authors.has(operatorId),
  );
  const who =
    able.length === 0
      ? 'nobody yet: only its authors are in the ledger'
      : able.map(({ operatorId }) => operatorId).join(' or ');
  const why = `it is critical: somebody other than ${[...authors].join(' and ')} reads the diff, and signs with their own key`;
  return { stage: 'waits for approval', step: { who, why, command: commandOf('approve', change, quote) } };
}

function commandOf(verb: string, { changeId }: ConfigurationChange, quote: ChangeFacts['quote']): string {
  return `larder change ${verb} ${quote(changeId)}`;
}
