import { useQuery } from '@tanstack/react-query';
import type { Need } from '../../src/operator/access/need.ts';
import { ask } from '../live/ask.ts';
import { usePermission } from '../live/me.ts';
import { useIsLive } from '../live/use-live.ts';

interface Asking {
  readonly path: 'nodes' | 'certificates' | 'records' | 'alerts';
  readonly need: Need;
  readonly everyMs: number;
}

export interface Asked<T> {
  readonly data: T | undefined;
  readonly error: unknown;
  /** False also while it is not known. */
  readonly may: boolean;
  /** Known, and the answer is no. */
  readonly mayNot: boolean;
  readonly again: () => void;
}

/** A part of what is known of the cluster; not asked for by somebody who would be refused. */
export function useCluster<T>({ path, need, everyMs }: Asking): Asked<T> {
  const live = useIsLive();
  const permission = usePermission(need);
  const { data, error, refetch } = useQuery({
    queryKey: ['cluster', path],
    enabled: permission === true,
    refetchInterval: live ? everyMs : false,
    queryFn: ({ signal }) => ask<T>(`/api/cluster/${path}`, undefined, signal),
  });
  return { data, error, may: permission === true, mayNot: permission === false, again: () => void refetch() };
}
