/**
 * Claims of a PVCGroup through time, together: each is decided upon as by itself, and with the size that its group wants for
 * it at that moment, by the very functions that the controller asks. Whom nobody looks at in between is looked at again as
 * soon as a member has grown.
 */
import type { PersistentVolumeClaim } from '../../kube/kinds.ts';
import { keyOf } from '../../kube/object.ts';
import type { PVCGroup } from '../api/pvc-group.ts';
import type { Floor } from '../floor.ts';
import { type Belonging, leads } from '../group/belonging.ts';
import { groupFloor } from '../group/group.ts';
import { type Peer, peerOf } from '../group/shared-size.ts';
import { rulesOf } from '../settings/configuration.ts';
import { type Situation, situationOf } from '../situation.ts';
import type { Curve } from './curve.ts';
import { type Played, type Script, viewOf } from './play.ts';
import { Run, type Stage } from './run.ts';
import type { Rest } from './simulate.ts';

export interface Company {
  /** Undefined: there is none, and each goes by itself. */
  readonly group: PVCGroup | undefined;
  /** Settings of any group that a claim is in count; only the members of `group` follow each other. */
  belonging(claim: PersistentVolumeClaim): Belonging;
}

/** In the order of the casts, one course each. Throws as `play`, and what `rest` throws. */
export async function playGroup(
  script: Script,
  company: Company,
  rest: Rest = () => undefined,
): Promise<readonly Played[]> {
  const { configuration, objects, providers } = script;
  const stage: Stage = { ...script.stage, rules: rulesOf(configuration) };
  const roster = { belonging: company.belonging, peers: () => [] };
  const around = { configuration, providers, view: viewOf(objects), roster };
  const actors: Actor[] = [];
  for (const { object, takes, attributes } of script.cast) {
    const situation = await situationOf(object, { ...around, attributes: () => attributes });
    for (const { curve } of takes) actors.push(actorOf({ situation, curve }, company, stage));
  }
  await perform({ actors, group: company.group, stage }, rest);
  return actors.map(({ run, curve, situation }) => ({ course: run.course(), curve, situation }));
}

interface Actor {
  readonly situation: Situation;
  readonly curve: Curve;
  readonly run: Run;
  readonly isMember: boolean;
  readonly isLeading: boolean;
  /** When the answer can be another one by itself; infinite: never. */
  due: number;
}

function actorOf(
  { situation, curve }: Pick<Actor, 'situation' | 'curve'>,
  { group, belonging }: Company,
  stage: Stage,
): Actor {
  const { object } = situation;
  const own = belonging(object).group;
  const isMember = group !== undefined && own !== undefined && keyOf(own.metadata) === keyOf(group.metadata);
  const run = new Run({ ...situation, curve }, stage);
  return { situation, curve, run, isMember, isLeading: isMember && leads(object, group), due: stage.from };
}

interface Performance {
  readonly actors: readonly Actor[];
  readonly group: PVCGroup | undefined;
  readonly stage: Stage;
}

async function perform({ actors, group, stage }: Performance, rest: Rest): Promise<void> {
  /** Moments at which members may have another size, or another size of their own, than before. */
  const stirs = new Set<number>([stage.from]);
  let peers: readonly Peer[] = [];
  const next = (): number => Math.min(...actors.map(({ due }) => due), ...stirs);
  for (let now = next(); now <= stage.to; now = next()) {
    const isStirred = stirs.delete(now);
    // What all of them have is found before anybody acts, so that their order says nothing.
    if (group && (isStirred || stage.everyMeasurement)) peers = peersAt(actors, now);
    for (const actor of actors) {
      if (actor.due !== now && !isStirred) continue;
      const floor = group && actor.isMember ? floorOf(group, peers, actor, now) : undefined;
      const isCalled = isFree(actor, now) && (floor?.bytes ?? 0n) > actor.run.requestBytes;
      if (actor.due !== now && !isCalled) continue;
      await rest();
      const had = actor.run.settledAt;
      actor.due = actor.run.look(now, floor) ?? Number.POSITIVE_INFINITY;
      if (!actor.isLeading || actor.run.settledAt === had) continue;
      for (const at of [now, actor.run.settledAt ?? now]) stirs.add(nextLook(at, stage));
    }
  }
}

function peersAt(actors: readonly Actor[], now: number): readonly Peer[] {
  return actors.flatMap(({ run, isLeading }) => {
    const { claim, history } = run.seenAt(now);
    return isLeading ? (peerOf(claim, history) ?? []) : [];
  });
}

function floorOf(group: PVCGroup, peers: readonly Peer[], { run }: Actor, now: number): Floor | undefined {
  return groupFloor(group, { peers: () => peers }, run.seenAt(now));
}

/** A growth under way is over first, and looks at the others by itself then. */
function isFree({ run }: Actor, now: number): boolean {
  return (run.settledAt ?? now) <= now;
}

/** The first measurement after it. */
function nextLook(at: number, { from, everyMs }: Stage): number {
  return from + (Math.floor((at - from) / everyMs) + 1) * everyMs;
}
