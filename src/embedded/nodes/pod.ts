import { defineResource } from '../../kube/define-resource.ts';
import { type KubeObject, keyOf } from '../../kube/object.ts';
import { listOf, object, repeated, required, text } from '../../kube/reader.ts';
import type { Resource } from '../../kube/resource.ts';

/** As much of a pod as placing and mounting it takes. */
export interface NodePod extends KubeObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly { readonly name: string; readonly image?: string }[];
    readonly volumes?: readonly {
      readonly name: string;
      readonly persistentVolumeClaim?: { readonly claimName: string };
    }[];
  };
  readonly status?: { readonly phase?: string; readonly startTime?: string };
}

type Spec = NodePod['spec'];
type Volume = NonNullable<Spec['volumes']>[number];

export const nodePods: Resource<NodePod> = defineResource<NodePod>(
  { group: '', version: 'v1', plural: 'pods', kind: 'Pod', namespaced: true },
  object<Omit<NodePod, keyof KubeObject>>({
    spec: required(
      object<Spec>({
        nodeName: repeated,
        containers: required(listOf(object<Spec['containers'][number]>({ name: required(text), image: repeated })), []),
        volumes: listOf(
          object<Volume>({
            name: required(text),
            persistentVolumeClaim: object<NonNullable<Volume['persistentVolumeClaim']>>({ claimName: required(text) }),
          }),
        ),
      }),
    ),
    status: object<NonNullable<NodePod['status']>>({ phase: repeated, startTime: text }),
  }),
);

export function hasEnded({ status }: NodePod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** The keys of the claims that a pod uses, in its order. */
export function claimKeysOf({ metadata, spec }: NodePod): readonly string[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim: used }) => {
    return used ? [keyOf({ namespace: metadata.namespace ?? '', name: used.claimName })] : [];
  });
}
