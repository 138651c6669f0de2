/**
 * What the embedded API is known not to have (docs/reference/embedded.md), as lines of a transcript: each is the
 * difference of one command line, to the letter. Whatever else differs is a failure, and so is a cap that is not needed.
 */

export interface Cap {
  /** The name of the scene. */
  readonly scene: string;
  /** The command line, after `kubectl`. */
  readonly line: string;
  readonly reason: string;
  /** Lines of the answer that only a cluster gives. */
  readonly cluster: readonly string[];
  /** Lines of the answer that only the embedded API gives. */
  readonly embedded: readonly string[];
}

const scene = 'what the server is and has';
const nodes = 'pods and nodes are shown as they are';
const untainted = 'nobody would take the taint off again: no controller judges nodes';
const everyVerb = 'create,delete,deletecollection,get,list,patch,update,watch';

export const caps: readonly Cap[] = [
  {
    scene,
    line: 'version',
    reason: 'the version says whose server it is, as build metadata',
    cluster: ['Server Version: v1.36.3'],
    embedded: ['Server Version: v1.36.3+larder'],
  },
  {
    scene,
    line: 'api-versions',
    reason: 'API groups that no volume needs are not served',
    cluster: [
      'apiregistration.k8s.io/v1',
      'autoscaling/v1',
      'autoscaling/v2',
      'certificates.k8s.io/v1',
      'flowcontrol.apiserver.k8s.io/v1',
      'node.k8s.io/v1',
      'resource.k8s.io/v1',
    ],
    embedded: [],
  },
  {
    scene,
    line: 'api-resources --api-group= --namespaced=true --sort-by=name --no-headers -o wide',
    reason: 'kinds that Deployment and the subresource pods/binding have replaced are not served',
    cluster: [
      'bindings                          v1    true   Binding                 create                                                       ',
      `podtemplates                      v1    true   PodTemplate             ${everyVerb}   `,
      `replicationcontrollers   rc       v1    true   ReplicationController   ${everyVerb}   all`,
    ],
    embedded: [],
  },
  {
    scene,
    line: 'api-resources --categories=all -o name',
    reason: 'the same, and nothing scales by itself',
    cluster: ['replicationcontrollers', 'horizontalpodautoscalers.autoscaling'],
    embedded: [],
  },
  {
    scene: 'the three kinds of patch change what they name',
    line: `patch pod web -n patched -p '{"spec":{"restartPolicy":"Never"}}'`,
    reason: 'what may not be changed in a pod is refused, but the difference is not shown',
    cluster: [
      '@@ -72,7 +72,7 @@',
      '   }',
      '  ],',
      '  "EphemeralContainers": null,',
      '- "RestartPolicy": "Always",',
      '+ "RestartPolicy": "Never",',
      '  "TerminationGracePeriodSeconds": 30,',
      '  "ActiveDeadlineSeconds": null,',
      '  "DNSPolicy": "ClusterFirst",',
      '',
    ],
    embedded: [],
  },
  {
    scene: nodes,
    line: 'get node scene-node -o jsonpath={.spec.taints}',
    reason: untainted,
    cluster: [
      '[{"effect":"NoSchedule","key":"dedicated","value":"storage"},{"effect":"NoSchedule","key":"node.kubernetes.io/not-ready"}]',
    ],
    embedded: ['[{"effect":"NoSchedule","key":"dedicated","value":"storage"}]'],
  },
  {
    scene: nodes,
    line: 'describe node scene-node',
    reason: untainted,
    cluster: ['                    node.kubernetes.io/not-ready:NoSchedule'],
    embedded: [],
  },
];
