/** What the filesystem has counted for a directory with a limit: all of them by one question, none by walking it. */
import type { DirectoryPath, ExportDescription, StorageProblem } from '../storage.ts';
import type { QuotaReport } from './quota.ts';
import type { QuotaEntry } from './report.ts';

export type Reading =
  | {
      readonly kind: 'metered';
      readonly usedBytes: bigint;
      readonly limitBytes: bigint;
      /** Undefined where files are not counted (GlusterFS). */
      readonly inodes: bigint | undefined;
      /** Epoch ms. */
      readonly at: number;
    }
  /** The directory has no limit, or the report is too old. Measure it in another way. */
  | { readonly kind: 'unknown' };

export interface Meter {
  /** `project`: what the volume carries, 0 where directories are counted by their path. Never waits. */
  read(directory: Metered, maxAgeMs: number, now: number): Reading;
}

export interface Metered {
  readonly description: ExportDescription;
  readonly path: DirectoryPath;
  readonly project: number;
}

interface Page {
  readonly report: QuotaReport;
  readonly at: number;
}

const UNKNOWN: Reading = { kind: 'unknown' };

/** Invariant: one page for each folder, the last report that was read of it; none after a report that failed. */
export class MeterBook implements Meter {
  readonly #pages = new Map<string, Page>();

  enter({ root }: ExportDescription, report: QuotaReport | StorageProblem, at: number): void {
    if (report.kind === 'problem') this.#pages.delete(root);
    else this.#pages.set(root, { report, at });
  }

  read(directory: Metered, maxAgeMs: number, now: number): Reading {
    const page = this.#pages.get(directory.description.root);
    if (!page || now - page.at > maxAgeMs) return UNKNOWN;
    const entry = entryFor(page.report, directory);
    if (!entry || entry.limitBytes === 0n) return UNKNOWN;
    const { usedBytes, limitBytes, inodes } = entry;
    return { kind: 'metered', usedBytes, limitBytes, inodes, at: page.at };
  }
}

export function entryFor({ entries, backend }: QuotaReport, { path, project }: Omit<Metered, 'description'>) {
  const found = backend === 'glusterfs' ? byPath(entries) : byProject(entries);
  return backend === 'glusterfs' ? found.get(path.join('/')) : project > 0 ? found.get(`${project}`) : undefined;
}

const byPath = indexed(({ path }: QuotaEntry) => path);
const byProject = indexed(({ id }: QuotaEntry) => `${id}`);

/** Made once for each report: it is asked for thousands of directories. */
function indexed(keyOf: (entry: QuotaEntry) => string) {
  const made = new WeakMap<readonly QuotaEntry[], ReadonlyMap<string, QuotaEntry>>();
  return (entries: readonly QuotaEntry[]): ReadonlyMap<string, QuotaEntry> => {
    const known = made.get(entries);
    if (known) return known;
    const index = new Map(entries.map((entry) => [keyOf(entry), entry]));
    made.set(entries, index);
    return index;
  };
}
