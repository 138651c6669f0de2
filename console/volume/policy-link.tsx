import type { ReactNode } from 'react';
import { needOf } from '../../src/operator/access/need.ts';
import type { VolumeRow } from '../../src/operator/api.ts';
import { Link } from '../frame/link.tsx';
import { useMay } from '../live/me.ts';
import type { Explained } from './explained.ts';

interface Properties {
  readonly row: VolumeRow;
  readonly decision: Explained | undefined;
}

/** What one claim says itself can be for many. */
export function PolicyLink({ row: { namespace, claim }, decision }: Properties): ReactNode {
  const mayMake = useMay(needOf('make policies', namespace));
  const isOwn = Object.values(decision?.settings ?? {}).some(({ source }) => source === 'annotation');
  if (!mayMake || !isOwn) return null;
  const query = new URLSearchParams({ namespace, claim });
  return (
    <p>
      <Link to={`/policies/new?${query}`}>Make a policy of its own settings</Link>
    </p>
  );
}
