import { bytesOf } from '../kube/quantity.ts';
import { announce, levelsOf, say, type Voice, wasStuck } from './announce.ts';
import type { Rules } from './facts.ts';
import { type GrowOptions, growthName, type Intent, requested } from './grow.ts';
import { blame } from './guard/blame.ts';
import { wholeSeconds } from './history.ts';
import { foreignNotice } from './notices.ts';
import { outlineOf } from './outline.ts';
import { readableBytes } from './readable.ts';
import type { ClusterView } from './situation.ts';

export interface ReportOptions extends GrowOptions {
  readonly view: ClusterView;
  readonly rules: Rules;
}

/** A claim without a measurement for this many passes is unhealthy. */
const UNMEASURED_PASSES = 10;

/** Tells the world what a decision means: gauges, levels that were entered, growths that were granted. */
export function report(options: ReportOptions, intent: Intent): void {
  const { clock, recorder, metrics, notebook } = options;
  const { entry, situation, decision, history } = intent;
  const growth = history.growths.at(-1);
  entry.outline = outlineOf(decision);
  entry.metrics.decided(decision.verdict);
  if (entry.readAtMono !== undefined) {
    metrics.observe('pvc_chonker_decision_duration_seconds', {}, (clock.monotonic() - entry.readAtMono) / 1_000);
    entry.readAtMono = undefined;
  }
  // The write whose answer was lost is on the claim after all.
  const { doubt } = entry;
  if (doubt && growth?.toBytes === doubt.toBytes && growth.at === wholeSeconds(doubt.at))
    requested(options, intent, doubt);
  const voice: Voice = { recorder, metrics: entry.metrics, subject: situation.object };
  const stuckBefore = wasStuck(entry.track.announced);
  const levels = levelsOf({
    decision,
    unmeasuredForLong: unmeasuredForLong(options, intent),
    abnormal: entry.track.samples.at(-1)?.abnormal === true,
    other: foreignNotice(situation.claim, growth),
  });
  const announced = announce(levels, entry.track.announced, voice, decision);
  if (!stuckBefore && wasStuck(announced)) {
    const { verdict, failure } = decision;
    const detail = verdict.kind === 'Stuck' ? verdict.reason : '';
    intent.log.warn({ growth: growth && growthName(growth), reason: failure, detail }, 'expansion stuck');
  }
  if (announced !== entry.track.announced) notebook.setTrack(entry, { ...entry.track, announced });
  blame(options.restraints.circuits, situation, { decision, history });
  followGrowth(options, intent, stuckBefore ? 'ExpansionRecovered' : 'Expanded');
}

function unmeasuredForLong({ clock, rules }: ReportOptions, { entry, decision }: Intent): boolean {
  if (decision.verdict.kind !== 'NoSample') {
    entry.unmeasuredSinceMono = undefined;
    return false;
  }
  entry.unmeasuredSinceMono ??= clock.monotonic();
  return clock.monotonic() - entry.unmeasuredSinceMono > UNMEASURED_PASSES * rules.watchInterval.value;
}

/** Notices the stages of a growth: asked for, volume grown, filesystem grown. */
function followGrowth(options: ReportOptions, intent: Intent, event: 'Expanded' | 'ExpansionRecovered'): void {
  const { entry, situation, decision, history } = intent;
  const { claim, constraints, object } = situation;
  const { notebook, recorder, metrics, clock } = options;
  const asked = history.growths.at(-1)?.toBytes;
  const underway = decision.gates.some(({ name, outcome }) => name === 'progress' && outcome === 'fail');
  let awaited = entry.track.awaitedBytes;
  // After a restart the claim itself tells that a growth of ours is under way.
  if (awaited === undefined && underway && asked !== undefined && asked === claim.requestBytes) {
    awaited = asked;
    notebook.setTrack(entry, { ...entry.track, awaitedBytes: awaited });
  }
  if (awaited === undefined) return;
  if (asked === awaited && claim.requestBytes < awaited) {
    notebook.setTrack(entry, { ...entry.track, awaitedBytes: undefined }); // lowered by somebody else: nothing to wait for
    return;
  }
  observeVolume(options, entry, { awaited, volumeBytes: volumeBytes(options, claim.volumeName) });
  if (claim.capacityBytes < awaited || underway) return;
  notebook.setTrack(entry, { ...entry.track, awaitedBytes: undefined });
  if (entry.stage) {
    const seconds = (clock.monotonic() - entry.stage.startMono) / 1_000;
    metrics.observe('pvc_chonker_expansion_stage_seconds', { stage: 'filesystem' }, seconds);
    entry.stage = undefined;
  }
  const driver = constraints.guards?.circuit?.driver;
  if (driver !== undefined) options.restraints.circuits.succeed(driver, claim.key);
  entry.metrics.expanded(constraints.provider);
  say(
    { recorder, metrics: entry.metrics, subject: object },
    event,
    `the volume has grown to ${readableBytes(claim.capacityBytes)}`,
  );
  const name = history.growths.at(-1);
  intent.log.info({ growth: name && growthName(name), toBytes: String(claim.capacityBytes) }, 'expansion completed');
}

function volumeBytes({ view }: ReportOptions, name: string): bigint {
  return bytesOf(view.volume(name)?.spec.capacity['storage']) ?? 0n;
}

function observeVolume(
  { clock, metrics }: ReportOptions,
  { stage }: Intent['entry'],
  { awaited, volumeBytes: bytes }: { readonly awaited: bigint; readonly volumeBytes: bigint },
): void {
  if (!stage || stage.volumeDone || bytes < awaited) return;
  stage.volumeDone = true;
  const seconds = (clock.monotonic() - stage.startMono) / 1_000;
  metrics.observe('pvc_chonker_expansion_stage_seconds', { stage: 'controller' }, seconds);
}
