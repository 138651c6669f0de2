import type { Check } from '../../jobspec/job.ts';
import type { ContainerDraft } from '../draft.ts';
import type { Checked } from './checked.ts';

/** What a container's checks are used for: it has one readiness probe and one liveness probe. */
export interface Choice {
  readonly container: ContainerDraft;
  readonly readiness: Checked;
  readonly liveness?: { readonly checked: Checked; readonly restart: Restart };
  readonly left: readonly Checked[];
}

/** `asked`: the job restarts on failure (check_restart). `patient`: the policy wants it. */
export type Restart =
  | { readonly kind: 'asked'; readonly limit: number; readonly graceMs: number }
  | { readonly kind: 'patient' };

/**
 * In Nomad every check gates discovery. Of several the one that calls itself readiness is the readiness probe, else the
 * first that asks the application something; one that says it is about being alive, or is ignored in a rollout, the
 * liveness probe. The rest is left, and told.
 */
export function choose(checks: readonly Checked[], patient: (container: ContainerDraft) => boolean): readonly Choice[] {
  const probes = checks.flatMap((each) =>
    each.outcome.kind === 'probe' ? [{ each, container: each.outcome.container }] : [],
  );
  const groups = Map.groupBy(probes, ({ container }) => container);
  return [...groups].flatMap(([container, members]): readonly Choice[] => {
    const own = members.map(({ each }) => each);
    const [readiness] = own.toSorted((left, right) => rank(right) - rank(left));
    if (!readiness) return [];
    const liveness = livenessOf(own, readiness, patient(container));
    const left = own.filter((each) => each !== readiness && each !== liveness?.checked);
    return [{ container, readiness, ...(liveness ? { liveness } : {}), left }];
  });
}

function words({ name, path }: Check): string {
  return `${name?.value ?? ''} ${path?.value ?? ''}`;
}

function rank({ check }: Checked): number {
  const ready = /ready|readiness/i.test(words(check)) ? 4 : 0;
  const asks = check.type?.value.toLowerCase() === 'tcp' ? 0 : 1;
  return ready + asks - (check.on_update?.value === 'ignore' ? 2 : 0);
}

function livenessOf(own: readonly Checked[], readiness: Checked, patient: boolean): Choice['liveness'] {
  const asked = own.map((each) => ({ checked: each, restart: restartOf(each) })).find(({ restart }) => restart);
  if (asked?.restart) return { checked: asked.checked, restart: asked.restart };
  if (!patient) return undefined;
  const others = own.filter((each) => each !== readiness);
  const alive = others.find(
    ({ check }) => /alive|live|liveness/i.test(words(check)) || check.on_update?.value === 'ignore',
  );
  return { checked: alive ?? readiness, restart: { kind: 'patient' } };
}

/** The check's own values before the service's (Nomad merges them); a limit of 0 is none. */
function restartOf({ check, block }: Checked): Extract<Restart, { kind: 'asked' }> | undefined {
  const [own, outer] = [check.check_restart, block.service.check_restart];
  const limit = own?.limit.written ? own.limit.value : (outer?.limit.value ?? own?.limit.value ?? 0);
  const graceMs = own?.grace.written ? own.grace.value : (outer?.grace.value ?? own?.grace.value ?? 1000);
  return limit > 0 ? { kind: 'asked', limit, graceMs } : undefined;
}
