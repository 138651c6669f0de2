/** All names that a text may refer to, in the order in which they are asked: the first row that knows a name answers. */
import type { Row } from '../account.ts';
import { upstreamVariable } from '../connect/upstream.ts';
import { secretVariable } from '../secret/secret-variable.ts';
import { allocationRows } from './allocation-rows.ts';
import { nodeRows } from './node-rows.ts';
import { portRows } from './port-rows.ts';
import type { Resolver, VariableRow } from './variable.ts';

/** The task's own variables, also those that a template sets. */
const ownVariable: Resolver = (name, { task, container }) => {
  const key = name.startsWith('env.') ? name.slice(4) : name;
  const own =
    task.env.some((pair) => pair.key === key) ||
    container.env.some((each) => each.name === key && !key.startsWith('NOMAD_'));
  return own ? { kind: 'runtime', text: `$(${key})`, env: [] } : undefined;
};

export const variableRows: readonly VariableRow[] = [
  {
    id: 'interpolation.secret',
    nomad: '${secret.NAME.KEY} of a secret block',
    kubernetes: 'secretKeyRef of a variable, which the text names',
    class: 'direct',
    why: 'The value is in no manifest: External Secrets brings it.',
    resolve: secretVariable,
  },
  {
    id: 'interpolation.own',
    nomad: '${env.NAME}, ${NAME} of the task’s own env',
    kubernetes: '$(NAME), which stands earlier in the list',
    class: 'direct',
    why: 'Kubernetes looks back only, so variables are put in the order in which they need each other.',
    resolve: ownVariable,
  },
  {
    id: 'interpolation.upstream',
    nomad: '${NOMAD_UPSTREAM_ADDR_name}, _IP_name, _PORT_name',
    kubernetes: 'the DNS name and the port of the Service',
    class: 'direct',
    why: 'Nothing listens on localhost any more. A dash of the name may be written as _.',
    resolve: upstreamVariable,
  },
  ...allocationRows,
  ...portRows,
  ...nodeRows,
];

/** What is no name of a variable that a pod could have: rows that are told of without a resolver. */
export const textRows = {
  unknown: {
    id: 'interpolation.unknown',
    nomad: '${FOO} that nobody sets',
    kubernetes: 'the text as it is',
    class: 'direct',
    why: 'Nomad leaves what it does not know as it was written, and so does Kubernetes.',
  },
  mesh: {
    id: 'interpolation.mesh-name',
    nomad: '<service>.virtual.consul, .connect.consul, .ingress.consul in a text',
    kubernetes: 'the DNS name of the Service, with its real port',
    class: 'direct',
    why: 'Under the mesh’s proxy any port worked: a scheme whose usual port the Service has not gets the real one.',
  },
  catalog: {
    id: 'interpolation.catalog-name',
    nomad: '<service>.service.consul, <tag>.<service>.service.consul, _name._tcp.service.consul in a text',
    kubernetes: 'the DNS name of the Service, if its job is among those that are converted',
    class: 'direct',
    why: 'A name that no converted job stands behind stays, and is for a person. A tag chooses nothing any more.',
  },
} as const satisfies Readonly<Record<string, Row>>;
