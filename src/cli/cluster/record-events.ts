/** Records of the verbs of `larder cluster`: into the ledger that is named, else into that of the repository. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { LedgerEvent } from '../../ledger/event.ts';
import { isBreak } from '../../ledger/finding.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type Evidence, openRecorder, type Recorder } from '../../ledger/recorder.ts';
import { LedgerError } from '../../ledger/registry.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import type { RecordingOptions } from '../changes.ts';
import { Exit, exitCodes } from '../exit.ts';
import { openLedger } from '../ledger/place.ts';
import { paint, type Terminal } from '../output.ts';

const LEDGER_FOLDER = 'docs/governance/ledger';

/** A folder or an address; undefined: nothing is to be recorded. `repository` is the folder of cluster.yaml. */
export function ledgerOf({ ledger }: RecordingOptions, repository: string): string | undefined {
  if (ledger !== undefined && ledger !== '') return ledger;
  return existsSync(join(repository, LEDGER_FOLDER)) ? repository : undefined;
}

/** Records of a verb go into the repository's own ledger where none is named. Before the verb begins. */
export function intoOwnLedger(command: Command, repository: string): void {
  const ledger = ledgerOf(command.opts(), repository);
  if (ledger !== undefined) command.setOptionValue('ledger', ledger);
}

/** What the records say. */
export type ReadLedger =
  | { readonly kind: 'open'; readonly state: Ledger['state'] }
  | { readonly kind: 'none'; readonly why: string }
  | { readonly kind: 'unusable'; readonly why: string };

/** Needs no key. Of a ledger that is served the clone beside cluster.yaml is read, where there is one. */
export async function readLedgerOf(options: RecordingOptions, repository: string): Promise<ReadLedger> {
  const named = ledgerOf(options, repository);
  const isServed = /^https?:\/\//.test(named ?? '');
  const root = isServed ? ledgerOf({}, repository) : named;
  if (root === undefined && isServed)
    return { kind: 'unusable', why: `${named} is served: pull a clone of it beside cluster.yaml` };
  if (root === undefined) return { kind: 'none', why: 'there is no ledger (--ledger, or docs/governance/ledger)' };
  try {
    const ledger = await openLedger({ root });
    const broken = ledger.findings.find(isBreak);
    if (broken === undefined) return { kind: 'open', state: ledger.state };
    return { kind: 'unusable', why: `the ledger in ${root} is broken: ${broken.message}; run larder ledger verify` };
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    return { kind: 'unusable', why: cause.message };
  }
}

/** Undefined: there is no ledger, which is said once. Throws Exit 3 where there is one and it cannot be written. */
export async function recorderOf(
  terminal: Terminal,
  options: RecordingOptions & { readonly knownSecrets?: readonly string[] },
  repository: string,
): Promise<Recorder | undefined> {
  const target = ledgerOf(options, repository);
  if (target === undefined) {
    terminal.err('nothing is recorded: there is no ledger (--ledger, or docs/governance/ledger)\n');
    return undefined;
  }
  const { ledgerKey: key, knownSecrets = [] } = options;
  try {
    return await openRecorder({
      ...{ target, env: terminal.env, clock: systemClock, random: systemRandom, knownSecrets, commit: true },
      ...(key === undefined ? {} : { key }),
    });
  } catch (cause) {
    throw refused(cause);
  }
}

/** Before something is done: whether it could be recorded. Throws Exit 3. */
export async function checkRecord(recorder: Recorder | undefined, event: LedgerEvent): Promise<void> {
  try {
    await recorder?.check(event);
  } catch (cause) {
    throw refused(cause);
  }
}

function refused(cause: unknown): unknown {
  if (!(cause instanceof LedgerError)) return cause;
  return new Exit(exitCodes.approval, `${cause.message} (${cause.code})`, { cause });
}

/** Whether it is in the ledger now. What could not be recorded is kept, and it is said where. */
export async function record(
  terminal: Terminal,
  recorder: Recorder | undefined,
  { id, event, evidence }: { readonly id: string; readonly event: LedgerEvent; readonly evidence?: Evidence },
): Promise<boolean> {
  if (recorder === undefined) return true;
  const file = recorder.keep(id, event);
  const outcome = await recorder.record(id, event, evidence);
  if (outcome.kind === 'recorded') {
    terminal.err(`recorded: ${outcome.what}\n${outcome.notes.map((note) => `${note}\n`).join('')}`);
    return true;
  }
  const head = paint(terminal, 'red', 'larder: this is NOT in the ledger:');
  terminal.err(`${head} ${outcome.why}\nAppend it when that is mended:\n  larder ledger append ${file}\n`);
  return false;
}
