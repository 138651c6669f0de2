/** The VolumeSnapshots of one claim. */
import { parseTime } from '../history.ts';
import type { VolumeSnapshot } from './guard-kinds.ts';

/** Something that reads the volume now and should not see it change. */
export interface Underway {
  /** For example `VolumeSnapshot nightly`. */
  readonly what: string;
  /** Epoch ms; undefined: it does not say. */
  readonly since: number | undefined;
}

export interface Snapshots {
  /** The newest that can be restored from. */
  readonly newest: { readonly name: string /** Epoch ms. */; readonly at: number } | undefined;
  readonly underway: readonly Underway[];
}

export function snapshotsOf(snapshots: Iterable<VolumeSnapshot>): Snapshots {
  let newest: Snapshots['newest'];
  const underway: Underway[] = [];
  for (const { metadata, status } of snapshots) {
    const at = timeOf(status?.creationTime) ?? timeOf(metadata.creationTimestamp);
    if (status?.readyToUse === true) {
      if (at !== undefined && (!newest || at > newest.at)) newest = { name: metadata.name, at };
    } else if (!status?.error && metadata.deletionTimestamp === undefined) {
      underway.push({ what: `VolumeSnapshot ${metadata.name}`, since: timeOf(metadata.creationTimestamp) });
    }
  }
  return { newest, underway };
}

export function timeOf(text: string | undefined): number | undefined {
  const parsed = text === undefined ? undefined : parseTime(text);
  return parsed?.ok ? parsed.value : undefined;
}
