/** What happened to a volume: what was told of it, and the growths that the claim itself remembers. Pure. */
import type { VolumeRow } from '../../src/operator/api.ts';
import type { Happening } from '../../src/operator/console/feed.ts';
import { newestHappenings } from '../../src/operator/console/happening.ts';
import { sizeText } from '../words/size.ts';
import type { Explained } from './explained.ts';

const SHOWN = 200;

/** Newest first; what comes from two places is told once. */
export function lifeOf(
  { namespace, claim, volume }: Pick<VolumeRow, 'namespace' | 'claim' | 'volume'>,
  happenings: readonly Happening[],
  decision: Pick<Explained, 'growths'> | undefined,
): readonly Happening[] {
  const told = happenings.filter(
    (each) =>
      (each.kind === 'PersistentVolumeClaim' && each.namespace === namespace && each.name === claim) ||
      (each.kind === 'PersistentVolume' && each.name === volume && volume !== ''),
  );
  const grown = (decision?.growths ?? []).map(
    ({ at, fromBytes, toBytes, trigger }): Happening => ({
      id: `growth ${at}`,
      at,
      count: 1,
      type: 'Normal',
      kind: 'PersistentVolumeClaim',
      namespace,
      name: claim,
      reason: 'Grown',
      message: `from ${sizeText(fromBytes)} to ${sizeText(toBytes)}, for ${trigger}`,
    }),
  );
  return newestHappenings([...told, ...grown], SHOWN);
}
