/** All records together: which hang together, what they say when they are read one after the other, and what is wrong. */
import { chain } from './chain.ts';
import type { Finding } from './finding.ts';
import { fold, step } from './fold.ts';
import { type LedgerRecord, recordPath } from './record.ts';
import type { RecordFile } from './record-file.ts';
import type { Violation } from './rules.ts';
import type { SignatureCheck } from './ssh-signature.ts';
import type { State } from './state.ts';

/** A file with what its signature was found to be; none where there is no record to be signed. */
export interface CheckedFile {
  readonly file: RecordFile;
  readonly signature?: SignatureCheck;
}

export interface Survey {
  /** What hangs together, each after those that it follows. */
  readonly records: readonly LedgerRecord[];
  /** What nothing follows; the largest number first. */
  readonly ends: readonly LedgerRecord[];
  readonly state: State;
  readonly findings: readonly Finding[];
}

export function survey(files: readonly CheckedFile[]): Survey {
  const findings: Finding[] = [];
  const keys = new Map<string, string>();
  const sound: LedgerRecord[] = [];
  for (const { file, signature } of files) {
    if (file.kind === 'bad') findings.push(file.finding);
    else if (signature?.kind === 'valid') {
      keys.set(file.record.id, signature.publicKey);
      sound.push(file.record);
    } else findings.push(unsigned(file.record, signature?.why ?? 'was not checked'));
  }
  const { records, ends, findings: links } = chain(sound);
  const { state, violations } = fold(records, (id) => keys.get(id));
  const byId = new Map(records.map((record) => [record.id, record]));
  // Two ends break rules against each other until a merge has said which of them counts.
  const broken = ends.length > 1 ? [] : violations.flatMap((each) => ruleFinding(byId.get(each.id), each.violations));
  return { records, ends, state, findings: [...findings, ...links, ...broken] };
}

/** A survey without a finding with one record more at its end, which was decided on and signed by `key`. */
export function extended({ records, state }: Survey, record: LedgerRecord, key: string): Survey {
  return { records: [...records, record], ends: [record], state: step(state, record, key), findings: [] };
}

function unsigned(record: LedgerRecord, why: string): Finding {
  const path = recordPath(record);
  return { kind: 'signature', path, seq: record.seq, message: `the signature of ${path} ${why}` };
}

function ruleFinding(record: LedgerRecord | undefined, violations: readonly Violation[]): readonly Finding[] {
  const [first] = violations;
  if (record === undefined || first === undefined) return [];
  const path = recordPath(record);
  const what = violations.map(({ rule, message }) => `${message} (${rule})`).join('; ');
  const kind = first.rule.startsWith('signer-') ? 'signer' : 'rule';
  return [{ kind, path, seq: record.seq, message: `${path}: ${what}` }];
}
