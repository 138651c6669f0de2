/** Objects by which a drill sees whether data is there: ConfigMaps in kube-system, with the drill's id in their name. */
import type { NodeSpec } from '../spec/cluster-spec.ts';
import { type Hands, order } from './cluster-hands.ts';
import type { Step, StepEnd } from './course.ts';

/** A write may need another try while a leader is elected. */
const LIMIT_MS = 60_000;

/** `drillId`: a UUID, so that it is the name of an object and no word of a shell. */
export function marker(drillId: string, when: string): string {
  return `larder-drill-${drillId.slice(0, 8)}-${when}`;
}

function kubectl(hands: Hands, node: NodeSpec, words: string): Promise<string> {
  return order(hands, node, `k3s kubectl --request-timeout=20s -n kube-system ${words}`, LIMIT_MS);
}

export function setMarker(hands: Hands, node: NodeSpec, name: string): Step {
  return {
    name: `${name} is written`,
    changes: true,
    run: async () => {
      await kubectl(hands, node, `create configmap ${name}`);
      return { kind: 'done' };
    },
  };
}

export function markerThere(hands: Hands, node: NodeSpec, name: string): Step {
  return {
    name: `${name} is still there`,
    run: async (): Promise<StepEnd> =>
      (await found(hands, node, name)) ? { kind: 'done' } : { kind: 'failed', why: `${name} is lost` },
  };
}

export function markerGone(hands: Hands, node: NodeSpec, name: string): Step {
  return {
    name: `${name} is not there`,
    run: async (): Promise<StepEnd> =>
      (await found(hands, node, name)) ? { kind: 'failed', why: `${name} is there` } : { kind: 'done' },
  };
}

async function found(hands: Hands, node: NodeSpec, name: string): Promise<boolean> {
  return (await kubectl(hands, node, `get configmap ${name} --ignore-not-found -o name`)).trim() !== '';
}

export function removeMarker(hands: Hands, node: NodeSpec, name: string): Step {
  return {
    name: `${name} is removed`,
    run: async () => {
      await kubectl(hands, node, `delete configmap ${name} --ignore-not-found`);
      return { kind: 'done' };
    },
  };
}
