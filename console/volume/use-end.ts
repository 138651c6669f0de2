import { useQuery } from '@tanstack/react-query';
import type { VolumeRow } from '../../src/operator/api.ts';
import type { EndAnswer, EndReading } from '../../src/operator/end-api.ts';
import { ask } from '../live/ask.ts';
import { useIsLive } from '../live/use-live.ts';

const AGAIN_MS = 5_000;

/** What becomes of it when its claim is deleted, as of now. `end`: undefined while there is no volume, or it is not known. */
export function useEnd({ namespace, claim, volume }: Pick<VolumeRow, 'namespace' | 'claim' | 'volume'>) {
  const live = useIsLive();
  const path = `/api/claims/${encodeURIComponent(namespace)}/${encodeURIComponent(claim)}/end`;
  const { data, error, refetch } = useQuery({
    queryKey: ['end', namespace, claim, volume],
    enabled: volume !== '',
    refetchInterval: live ? AGAIN_MS : false,
    queryFn: ({ signal }) => ask<EndReading>(path, undefined, signal),
  });
  const end: EndAnswer | undefined = data?.kind === 'end' ? data : undefined;
  return { end, error, refetch };
}
