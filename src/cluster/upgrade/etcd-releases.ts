/**
 * Which etcd a release of k3s packages, as far as somebody wrote it down; read 2026-11-22. Pure.
 *
 * NOTES: the table of each minor at docs.k3s.io/release-notes (k3s-io/docs, docs/release-notes/v1.N.X.md) · TAG: the notes of
 * the release itself at github.com/k3s-io/k3s/releases · others: the number of an issue, a pull request or a discussion of
 * k3s-io/k3s, where the version is what the program said at its start.
 */
import { compareReleases, parseRelease, type Release } from './release.ts';

export interface PackagedEtcd {
  /** A release of k3s. */
  readonly release: string;
  /** As 3.5.26. */
  readonly etcd: string;
  readonly source: string;
}

const NOTES = 'docs.k3s.io/release-notes';
const TAG = 'github.com/k3s-io/k3s/releases';

/** Oldest first. A release between two rows with one etcd has that; between two with different ones nobody here knows. */
export const etcdReleases: readonly PackagedEtcd[] = [
  { release: 'v1.30.6+k3s1', etcd: '3.5.13', source: NOTES },
  { release: 'v1.30.7+k3s1', etcd: '3.5.16', source: NOTES },
  { release: 'v1.30.9+k3s1', etcd: '3.5.16', source: NOTES },
  { release: 'v1.30.10+k3s1', etcd: '3.5.18', source: NOTES },
  { release: 'v1.30.11+k3s1', etcd: '3.5.19', source: NOTES },
  { release: 'v1.30.12+k3s1', etcd: '3.5.21', source: NOTES },
  { release: 'v1.30.14+k3s2', etcd: '3.5.21', source: NOTES },
  { release: 'v1.32.0+k3s1', etcd: '3.5.16', source: NOTES },
  { release: 'v1.32.1+k3s1', etcd: '3.5.16', source: NOTES },
  { release: 'v1.32.2+k3s1', etcd: '3.5.18', source: NOTES },
  { release: 'v1.32.3+k3s1', etcd: '3.5.19', source: NOTES },
  { release: 'v1.32.4+k3s1', etcd: '3.5.21', source: NOTES },
  { release: 'v1.32.10+k3s1', etcd: '3.5.21', source: NOTES },
  { release: 'v1.33.0+k3s1', etcd: '3.5.21', source: NOTES },
  { release: 'v1.33.6+k3s1', etcd: '3.5.21', source: NOTES },
  { release: 'v1.33.7+k3s1', etcd: '3.5.25', source: NOTES },
  { release: 'v1.33.7+k3s3', etcd: '3.5.26', source: '#13493, discussion #14908' },
  { release: 'v1.33.13+k3s1', etcd: '3.6.12', source: '#14183' },
  { release: 'v1.34.1+k3s1', etcd: '3.6.4', source: NOTES },
  { release: 'v1.34.2+k3s1', etcd: '3.6.5', source: NOTES },
  { release: 'v1.34.3+k3s1', etcd: '3.6.6', source: '#13485' },
  { release: 'v1.34.9+k3s1', etcd: '3.6.12', source: TAG },
  { release: 'v1.35.5+k3s1', etcd: '3.6.7', source: TAG },
  { release: 'v1.35.6+k3s1', etcd: '3.6.12', source: TAG },
  { release: 'v1.36.1+k3s1', etcd: '3.6.7', source: TAG },
  { release: 'v1.36.2+k3s1', etcd: '3.6.12', source: TAG },
];

interface Row extends PackagedEtcd {
  readonly parsed: Release;
}

const rows: readonly Row[] = etcdReleases
  .flatMap((row) => {
    const parsed = parseRelease(row.release);
    return parsed === undefined ? [] : [{ ...row, parsed }];
  })
  .toSorted((a, b) => compareReleases(a.parsed, b.parsed));

/** Undefined: no row says it, also not the two around it. */
export function packagedEtcd(release: Release): string | undefined {
  const before = rows.findLast(({ parsed }) => compareReleases(parsed, release) <= 0);
  const after = rows.find(({ parsed }) => compareReleases(parsed, release) >= 0);
  const same = before !== undefined && before.etcd === after?.etcd;
  return same && before.parsed.minor === after.parsed.minor ? before.etcd : undefined;
}

/** Whether a release may bring etcd 3.6 or newer. What no row says is taken for yes from the last row with 3.5 on: that asks first. */
export function mayBringEtcd36(release: Release): boolean {
  const etcd = packagedEtcd(release);
  if (etcd !== undefined) return !etcd.startsWith('3.5.');
  const last35 = rows.findLast((row) => row.etcd.startsWith('3.5.'));
  return last35 === undefined || compareReleases(release, last35.parsed) > 0;
}

/** Whether a release surely has etcd 3.6 or newer: k3s never went back. */
export function hasEtcd36(release: Release): boolean {
  const first36 = rows.find((row) => !row.etcd.startsWith('3.5.'));
  return first36 !== undefined && compareReleases(release, first36.parsed) >= 0;
}

/** The newest release that is known for an etcd 3.5 of at least that patch: the last stop before 3.6. */
export function lastStop(leastPatch: number): string | undefined {
  return rows.findLast(({ etcd }) => etcd.startsWith('3.5.') && Number(etcd.slice('3.5.'.length)) >= leastPatch)
    ?.release;
}
