/** What is counted for the metric names of other tools, and only where somebody asked for them. */
import type { GateName, Verdict } from '../decision.ts';
import type { FailureReason } from '../registry.ts';
import type { NodeScrape } from '../usage/source.ts';

/** What happened to one claim since this process began. */
export interface Tally {
  requested: number;
  completed: number;
  limitReached: number;
  storageReached: number;
  inodesReached: number;
  coolingDown: number;
  inProgress: number;
  /** By our reasons. */
  readonly failed: Map<FailureReason, number>;
  /** Decisions that ended before any growth: without a measurement, or by the gate that said no. */
  readonly held: Map<GateName, number>;
}

interface Totals {
  requested: number;
  refused: number;
  passes: number;
  passSeconds: number;
  /** Epoch seconds. */
  lastPassAt: number | undefined;
  lastPassWell: boolean;
  scraped: number;
  scrapesFailed: number;
}

/** Of a claim to which nothing happened yet. */
export const emptyTally = (): Tally => ({
  requested: 0,
  completed: 0,
  limitReached: 0,
  storageReached: 0,
  inodesReached: 0,
  coolingDown: 0,
  inProgress: 0,
  failed: new Map(),
  held: new Map(),
});

export class Ledger {
  readonly totals: Totals = {
    requested: 0,
    refused: 0,
    passes: 0,
    passSeconds: 0,
    lastPassAt: undefined,
    lastPassWell: false,
    scraped: 0,
    scrapesFailed: 0,
  };
  readonly #tallies = new Map<string, Tally>();

  /** Undefined: nothing happened to it. */
  look(key: string): Tally | undefined {
    return this.#tallies.get(key);
  }

  of(key: string): Tally {
    const known = this.#tallies.get(key);
    if (known) return known;
    const tally = emptyTally();
    this.#tallies.set(key, tally);
    return tally;
  }

  forget(key: string): void {
    this.#tallies.delete(key);
  }

  requested(key: string): void {
    this.of(key).requested += 1;
    this.totals.requested += 1;
  }

  failed(key: string, reason: FailureReason): void {
    const { failed } = this.of(key);
    failed.set(reason, (failed.get(reason) ?? 0) + 1);
    this.totals.refused += 1;
  }

  /** Other tools count at each look what keeps a claim from growing. */
  decided(key: string, verdict: Verdict): void {
    const why = heldBy(verdict);
    if (why === undefined) return;
    const tally = this.of(key);
    tally.held.set(why, (tally.held.get(why) ?? 0) + 1);
    if (verdict.kind === 'CoolingDown') tally.coolingDown += 1;
    if (verdict.kind === 'InProgress') tally.inProgress += 1;
  }

  /** `at`: epoch seconds. */
  passed(at: number, seconds: number): void {
    this.totals.passes += 1;
    this.totals.passSeconds += seconds;
    this.totals.lastPassAt = at;
    this.totals.lastPassWell = true;
  }

  /** A look over all volumes did not come to its end. `at`: epoch seconds. */
  passFailed(at: number): void {
    this.totals.lastPassAt = at;
    this.totals.lastPassWell = false;
  }

  scraped({ kind }: NodeScrape): void {
    if (kind === 'kept') return;
    this.totals.scraped += 1;
    if (kind === 'failed') this.totals.scrapesFailed += 1;
  }
}

/** The gate; undefined: it grows, or there is no reason to. */
function heldBy(verdict: Verdict): GateName | undefined {
  switch (verdict.kind) {
    case 'CoolingDown':
      return 'cooldown';
    case 'InProgress':
      return 'progress';
    case 'Blocked':
      return verdict.gate;
    case 'NoSample':
      return 'sample';
    case 'Invalid':
      return 'configuration';
    case 'AtMax':
      return 'size';
    case 'Expand':
    case 'WouldExpand':
    case 'Hold':
    case 'Stuck':
    case 'Ineffective':
    case 'Unmanaged':
      return undefined;
    default:
      return verdict satisfies never;
  }
}
