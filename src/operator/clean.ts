import type { ResolvedConfiguration } from '../expand/settings/configuration.ts';
import { parseIncrease } from '../expand/settings/settings.ts';
import { HttpError } from '../http/registry.ts';
import type { Cleaner, CleanPlan as Planned, CleanRequest as Wanted } from '../provision/trash/clean.ts';
import type { Room } from '../provision/trash/cleaning.ts';
import type { CleanPlan, CleanPlans, CleanRequest, CleanStep, CleanStepRequest } from './clean-api.ts';

/** What the console port answers when room is to be made. */
export interface Cleaning {
  /** Reads the exports and changes nothing. */
  cleanPlan(request: CleanRequest, signal: AbortSignal): Promise<CleanPlans>;
  /** Removes, for ever, a portion of what may go. */
  clean(request: CleanStepRequest, signal: AbortSignal): Promise<CleanStep>;
}

export function cleaningOn(cleaner: Cleaner, { values }: Pick<ResolvedConfiguration, 'values'>): Cleaning {
  const wanted = ({ belowFree, early }: CleanRequest): Wanted => ({
    early: early ?? values.cleanEarly,
    room: belowFree === undefined ? values.cleanBelowFree : roomOf(belowFree),
  });
  return {
    async cleanPlan(request, signal) {
      const { plans, problems } = await cleaner.plan(wanted(request), signal);
      return { plans: plans.map(planOf), problems: [...problems] };
    },
    async clean(request, signal) {
      const { entries, exports } = request;
      const step = await cleaner.step({ ...wanted(request), entries, exports }, signal);
      if (step.kind === 'nothing') return { entry: '', export: '', claim: '', remaining: false };
      return { entry: step.entry.entry, export: step.export, claim: step.entry.claim, remaining: step.remaining };
    },
  };
}

function roomOf(text: string): Room | undefined {
  if (text === '') return undefined;
  const parsed = parseIncrease(text);
  if (parsed.ok && (parsed.value.kind === 'quantity' || parsed.value.ratio < 1)) return parsed.value;
  const message = `belowFree is ${JSON.stringify(text)}, accepted is a size such as "10Gi" or a share such as "5%"`;
  throw new HttpError('LARDER_HTTP_BAD_REQUEST', 400, message);
}

function planOf({ export: address, freeBytes, neededBytes, judged }: Planned): CleanPlan {
  return {
    export: address,
    freeBytes: freeBytes.toString(),
    neededBytes: neededBytes?.toString() ?? '',
    rows: judged.map(({ candidate: { entry, bytes }, verdict }) => ({
      entry: entry.entry,
      kind: entry.kind,
      claim: entry.claim,
      path: entry.path.join('/'),
      trashedAt: entry.trashedAt,
      ...(entry.expiresAt === undefined ? {} : { expiresAt: entry.expiresAt }),
      bytes: bytes?.toString() ?? '',
      verdict: verdict.kind,
      reason: verdict.reason,
    })),
  };
}
