/** What an expression in a webhook's matchConditions can speak of (k8s.io/apiserver/pkg/admission/plugin/cel, read in 0.36). */
import type { CelType } from '../cel.ts';

const dyn: CelType = { kind: 'dyn' };
const string: CelType = { kind: 'string' };
const strings: CelType = { kind: 'list', items: string };

const kind: CelType = {
  kind: 'object',
  verbatim: true,
  name: 'kubernetes.GroupVersionKind',
  fields: { group: string, version: string, kind: string },
};
const resource: CelType = {
  kind: 'object',
  verbatim: true,
  name: 'kubernetes.GroupVersionResource',
  fields: { group: string, version: string, resource: string },
};
const userInfo: CelType = {
  kind: 'object',
  verbatim: true,
  name: 'kubernetes.UserInfo',
  fields: { username: string, uid: string, groups: strings, extra: { kind: 'map', values: strings } },
};

export const conditionVariables: Readonly<Record<string, CelType>> = {
  object: dyn,
  oldObject: dyn,
  request: {
    kind: 'object',
    verbatim: true,
    name: 'kubernetes.AdmissionRequest',
    fields: {
      kind,
      resource,
      subResource: string,
      requestKind: kind,
      requestResource: resource,
      requestSubResource: string,
      name: string,
      namespace: string,
      operation: string,
      userInfo,
      dryRun: { kind: 'bool' },
      options: dyn,
    },
  },
};
