/**
 * A burst of claims, and a steady stream of them: on the embedded API in one process, and by `larder operator` on a real
 * control plane. With the argument `default-limits` kube-controller-manager keeps its own, and binding takes minutes.
 */
import { measureCluster } from './provision/cluster.ts';
import { measureEmbedded } from './provision/embedded.ts';
import type { BenchReport, BenchRow } from './report.ts';
import { withoutReal } from './server/server.ts';

export async function run(args: readonly string[] = []): Promise<BenchReport> {
  const cluster = await measureCluster(!args.includes('default-limits')); // first: its figures have the bars
  const embedded = await measureEmbedded();
  const named = (place: string, rows: readonly BenchRow[]): readonly BenchRow[] =>
    rows.map((row) => ({ ...row, what: `${place}: ${row.what}` }));
  const about =
    'Claims to their saved volumes, in a burst and as a steady stream, with real directories: by larder operator on a real control plane, and on the embedded API in memory and in one process.';
  if (typeof cluster === 'string') {
    return { about, notes: [withoutReal(cluster)], rows: named('embedded', embedded.rows) };
  }
  const compared: BenchRow = {
    what: 'embedded: volumes provisioned',
    unit: 'PV/s',
    median: embedded.perSecond,
    ratio: { to: 'a real control plane', value: embedded.perSecond / cluster.perSecond },
  };
  return {
    about,
    notes: cluster.notes,
    rows: [...named('real', cluster.rows), ...named('embedded', embedded.rows), compared],
  };
}
