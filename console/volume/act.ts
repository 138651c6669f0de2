import type { VolumeRow } from '../../src/operator/api.ts';
import type { ClaimAction, ClaimActionAnswer } from '../../src/operator/claim-api.ts';
import { ask } from '../live/ask.ts';
import type { Outcome } from '../parts/action-dialog.tsx';
import { sizeText } from '../words/size.ts';

interface Asked {
  readonly row: VolumeRow;
  readonly action: ClaimAction;
  readonly size?: string | undefined;
  readonly dryRun: boolean;
}

/** Something done to one claim, or what would be. Throws Failure. */
export function act({ row, action, size, dryRun }: Asked, signal?: AbortSignal): Promise<Outcome> {
  const body = { namespace: row.namespace, name: row.claim, action, dryRun, ...(size === undefined ? {} : { size }) };
  return ask<ClaimActionAnswer>('/api/claims/act', body, signal).then(({ changes, message, size: reached }) => ({
    ...{ changes, message },
    ...(reached === undefined ? {} : { verb: `Grow to ${sizeText(reached)}` }),
  }));
}
