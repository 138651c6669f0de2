/** Looks again until what is asserted holds; where it never does, the last failure is the one that is told. */
import { eventually } from '../e2e/larder.ts';

export async function settles(what: string, check: () => Promise<void>, seconds = 60): Promise<void> {
  let last: unknown;
  const holds = (): Promise<true | undefined> =>
    check().then(
      () => true,
      (failure: unknown) => {
        last = failure;
        return undefined;
      },
    );
  await eventually(what, holds, seconds).catch((cause: unknown) => {
    throw new Error(`${String(cause)}; the last look: ${String(last)}`, { cause: last });
  });
}
