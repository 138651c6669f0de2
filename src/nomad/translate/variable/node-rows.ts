import { fieldRef, manual, type VariableRow } from './variable.ts';

const credentials =
  /^(NOMAD_TOKEN|NOMAD_UNIX_ADDR|NOMAD_CPU_CORES|NOMAD_PARENT_CGROUP|VAULT_TOKEN|VAULT_NAMESPACE|CONSUL_)/;

/** What belongs to Nomad and its clients rather than to a pod. */
export const nodeRows: readonly VariableRow[] = [
  {
    id: 'interpolation.left-behind',
    nomad: '`${NOMAD_TOKEN}`, `${NOMAD_UNIX_ADDR}`, `${VAULT_TOKEN}`, `${CONSUL_*}` and the like',
    kubernetes: 'nothing: the text stays',
    class: 'manual',
    why: 'Credentials and addresses of what stays behind.',
    resolve: (name) =>
      credentials.test(name)
        ? manual(`${name} does not exist outside Nomad`, `Give the application what it needs instead of ${name}.`)
        : undefined,
  },
  {
    id: 'interpolation.node-name',
    nomad: '${node.unique.name}, ${attr.unique.hostname}',
    kubernetes: 'fieldRef spec.nodeName; in the source of a bind subPathExpr',
    class: 'approximate',
    why: 'Names of nodes are lower case in Kubernetes.',
    resolve: (name) =>
      name === 'node.unique.name' || name === 'attr.unique.hostname'
        ? fieldRef('NODE_NAME', 'spec.nodeName', 'the name of the node, which Kubernetes writes in lower case')
        : undefined,
  },
  {
    id: 'interpolation.node-address',
    nomad: '${attr.unique.network.ip-address}',
    kubernetes: 'fieldRef status.hostIP',
    class: 'approximate',
    why: 'The first address of the node, which need not be the interface that Nomad’s client was told to use.',
    resolve: (name) =>
      name === 'attr.unique.network.ip-address'
        ? fieldRef('HOST_IP', 'status.hostIP', 'the address of the node')
        : undefined,
  },
  {
    id: 'interpolation.node',
    nomad: '`${attr.*}`, `${node.*}`, `${meta.*}`, `${device.*}` in a text',
    kubernetes: 'nothing: the text stays',
    class: 'manual',
    why: 'A pod does not know the labels of its node. In constraints they are labels of nodes: see placement.',
    resolve: (name) =>
      /^(node|attr|meta|device)\./.test(name)
        ? manual(`${name} of a Nomad client is not known in a pod`, `Set what \${${name}} was for.`)
        : undefined,
  },
];
