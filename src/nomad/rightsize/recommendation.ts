import { defineResource } from '../../kube/define-resource.ts';
import type { KubeObject } from '../../kube/object.ts';
import { listOf, object, required, type StringMap, stringMap, text } from '../../kube/reader.ts';
import type { Resource } from '../../kube/resource.ts';

/** A VerticalPodAutoscaler, as far as its recommendation goes. */
export interface VerticalPodAutoscaler extends KubeObject {
  readonly spec: { readonly targetRef: { readonly kind: string; readonly name: string } };
  /** Empty until the recommender has seen the pods for a while. */
  readonly recommendations: readonly ContainerRecommendation[];
}

export interface ContainerRecommendation {
  readonly containerName: string;
  /** cpu and memory. */
  readonly target: StringMap;
}

const status = object<{ recommendation?: { containerRecommendations: readonly ContainerRecommendation[] } }>({
  recommendation: object({
    containerRecommendations: required(
      listOf(object<ContainerRecommendation>({ containerName: required(text), target: required(stringMap(text), {}) })),
      [],
    ),
  }),
});

const body = object<{ spec: VerticalPodAutoscaler['spec']; status?: ReturnType<typeof status> }>({
  spec: required(object({ targetRef: required(object({ kind: required(text), name: required(text) })) })),
  status,
});

export const verticalPodAutoscalers: Resource<VerticalPodAutoscaler> = defineResource<VerticalPodAutoscaler>(
  {
    group: 'autoscaling.k8s.io',
    version: 'v1',
    plural: 'verticalpodautoscalers',
    kind: 'VerticalPodAutoscaler',
    namespaced: true,
  },
  (raw) => {
    const read = body(raw);
    return { spec: read.spec, recommendations: read.status?.recommendation?.containerRecommendations ?? [] };
  },
);
