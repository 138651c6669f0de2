/**
 * The requirement draws the status of a PVCGroup inside its spec. Such an object is accepted, and whoever writes it is
 * told at once: by a policy of the API server (Kubernetes 1.30 and newer), which works also while Larder is away.
 */

import type { Definition } from './definition.ts';
import { pvcGroups } from './pvc-group.ts';

const MISPLACED_STATUS =
  'spec.status has no effect: the status of a group stands beside its spec, and Larder writes it; leave it out';

const NAME = `misplaced-status.${pvcGroups.group}`;
const API = 'admissionregistration.k8s.io/v1';

/** Warns and never refuses. */
export const misplacedStatus: readonly Definition[] = [
  {
    apiVersion: API,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: NAME },
    spec: {
      failurePolicy: 'Ignore',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [pvcGroups.group],
            apiVersions: [pvcGroups.version],
            operations: ['CREATE', 'UPDATE'],
            resources: [pvcGroups.plural],
          },
        ],
      },
      validations: [{ expression: '!has(object.spec.status)', message: MISPLACED_STATUS }],
    },
  },
  {
    apiVersion: API,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: NAME },
    spec: { policyName: NAME, validationActions: ['Warn'] },
  },
];
