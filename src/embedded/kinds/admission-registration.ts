/** Who is asked before a write, and by which rules (pkg/printers, read in 1.36). */
import { at, listAt, textAt } from '../json.ts';
import type { Kind } from '../kind.ts';
import { bindingRegistration, policyRegistration } from '../policy/registration.ts';
import { type Cell, row } from '../row.ts';
import { mutatingRegistration, validatingRegistration } from '../webhook/registration.ts';

const GROUP = 'admissionregistration.k8s.io/v1';

const webhooks: Cell = (configuration) => listAt(configuration, 'webhooks').length;

const paramKind: Cell = (policy) => {
  const kind = at(policy, 'spec', 'paramKind');
  return kind === undefined ? '<unset>' : `${textAt(kind, 'apiVersion') ?? ''}/${textAt(kind, 'kind') ?? ''}`;
};

const paramRef: Cell = (binding) => {
  const name = textAt(binding, 'spec', 'paramRef', 'name') ?? '';
  const namespace = textAt(binding, 'spec', 'paramRef', 'namespace') || '*';
  return name === '' ? '<unset>' : `${namespace}/${name}`;
};

export const admissionRegistrationKinds: readonly Kind[] = [
  row(GROUP, 'mutatingwebhookconfigurations', {
    counted: true,
    putNeedsVersion: true,
    effect: 'is called before writes',
    rules: mutatingRegistration,
    cells: { Webhooks: webhooks },
  }),
  row(GROUP, 'validatingadmissionpolicies', {
    counted: true,
    effect: 'is asked before writes',
    rules: policyRegistration,
    putNeedsVersion: true,
    cells: { Validations: (policy) => listAt(policy, 'spec', 'validations').length, ParamKind: paramKind },
  }),
  row(GROUP, 'validatingadmissionpolicybindings', {
    counted: true,
    effect: 'says where a policy is asked',
    rules: bindingRegistration,
    putNeedsVersion: true,
    cells: { PolicyName: (binding) => textAt(binding, 'spec', 'policyName') ?? '', ParamRef: paramRef },
  }),
  row(GROUP, 'validatingwebhookconfigurations', {
    counted: true,
    putNeedsVersion: true,
    effect: 'is called before writes',
    rules: validatingRegistration,
    cells: { Webhooks: webhooks },
  }),
];
