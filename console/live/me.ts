/** Who looks at this page, and what they may do. Asked once for all that is shown together, and again now and then. */
import { useQueries, useQuery } from '@tanstack/react-query';
import type { MayAnswer, MeAnswer } from '../../src/operator/access/me-api.ts';
import { keyOfNeed, type Need } from '../../src/operator/access/need.ts';
import { ask } from './ask.ts';

const AGAIN_MS = 60_000;

/** Undefined: not known yet. */
export function useMe(): MeAnswer | undefined {
  return useQuery({ queryKey: ['me'], staleTime: AGAIN_MS, queryFn: () => ask<MeAnswer>('/api/me') }).data;
}

/** False also while it is not known: what would be refused is not shown. */
export function useMay(need: Need): boolean {
  return usePermission(need) === true;
}

/** Undefined: not known yet, or nobody could say. */
export function usePermission(need: Need): boolean | undefined {
  return usePermissions([need])[0];
}

/** In the order of the needs. */
export function usePermissions(needs: readonly Need[]): readonly (boolean | undefined)[] {
  const me = useMe();
  const answers = useQueries({
    queries: needs.map((need) => ({
      queryKey: ['may', keyOfNeed(need)],
      enabled: me?.kind === 'account',
      staleTime: AGAIN_MS,
      refetchInterval: AGAIN_MS,
      queryFn: () => askTogether(need),
    })),
  });
  return answers.map(({ data }) => (me?.kind === 'owner' ? true : data));
}

interface Waiting {
  readonly need: Need;
  readonly resolve: (may: boolean) => void;
  readonly reject: (cause: unknown) => void;
}

/** The server takes a hundred at once. */
const TOGETHER_AT_MOST = 100;
let waiting: Waiting[] = [];

function askTogether(need: Need): Promise<boolean> {
  return new Promise((resolve, reject) => {
    if (waiting.length === 0) queueMicrotask(send);
    waiting.push({ need, resolve, reject });
    if (waiting.length === TOGETHER_AT_MOST) send();
  });
}

function send(): void {
  const asked = waiting;
  waiting = [];
  if (asked.length === 0) return;
  ask<MayAnswer>('/api/may', { needs: asked.map(({ need }) => need) }).then(
    (answers) => {
      for (const [index, { resolve }] of asked.entries()) resolve(answers[index] === true);
    },
    (cause: unknown) => {
      for (const { reject } of asked) reject(cause);
    },
  );
}
