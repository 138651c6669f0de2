/** A first cluster.yaml from what somebody answers: a name, and what each node is called and where it is. */

export interface Answers {
  readonly name: string;
  readonly nodes: readonly AnsweredNode[];
  readonly user: string;
}

export interface AnsweredNode {
  readonly name: string;
  readonly address: string;
  readonly role: Role;
}

type Role = 'server-agent' | 'worker';

export type ReadNodes =
  | { readonly kind: 'nodes'; readonly nodes: readonly AnsweredNode[] }
  | { readonly kind: 'malformed'; readonly problems: readonly string[] };

const ROLES: Readonly<Record<string, Role>> = {
  server: 'server-agent',
  'server-agent': 'server-agent',
  worker: 'worker',
};

/** `pi-1=192.168.1.11` or `pi-4=192.168.1.14=worker`. Without a role the first three of three or more are servers, else the first. */
export function readNodes(words: readonly string[]): ReadNodes {
  const problems: string[] = [];
  const servers = words.length < 3 ? 1 : 3;
  const nodes = words.flatMap((word, index): readonly AnsweredNode[] => {
    const [name = '', address = '', written, ...rest] = word.split('=');
    const role = written === undefined ? (index < servers ? 'server-agent' : 'worker') : ROLES[written];
    if (name !== '' && address !== '' && role !== undefined && rest.length === 0) return [{ name, address, role }];
    problems.push(`${word} is not NAME=ADDRESS or NAME=ADDRESS=ROLE, with server or worker as role`);
    return [];
  });
  return problems.length === 0 ? { kind: 'nodes', nodes } : { kind: 'malformed', problems };
}

/** Whether its values are accepted is for the reader of cluster.yaml to say. */
export function specText({ name, nodes, user }: Answers): string {
  return [
    '# yaml-language-server: $schema=cluster.schema.json',
    '# What this cluster is. `larder cluster validate` says what is wrong with it, line by line.',
    `name: ${quoted(name)}`,
    '',
    'k3s:',
    '  # Finds a release for the first installation; write that release into `version` afterwards, so that a rebuild gets the same.',
    '  channel: stable',
    '',
    'nodes:',
    ...nodes.flatMap((node) => [
      `  - name: ${quoted(node.name)}`,
      `    address: ${quoted(node.address)}`,
      `    role: ${node.role}`,
      '    # amd64 where it is a PC',
      '    arch: arm64',
      '    # sd, ssd, nvme or hdd: etcd wants more than an SD card',
      '    storage: ssd',
      '    ssh:',
      `      user: ${quoted(user)}`,
    ]),
    '',
    'os:',
    '  release: bookworm',
    '  timeZone: Etc/UTC',
    '  # allowed: nodes may be rebooted where a change of the kernel needs it',
    '  reboot: ask',
    '',
    '# Who looks after it: id, the public half of an ssh key, admin or operator. Admins get into blank nodes.',
    'operators: []',
    '',
    ALERTS,
    RUNBOOKS,
  ].join('\n');
}

function quoted(text: string): string {
  return /^[a-z0-9][a-z0-9.-]*$/.test(text) && !/^[\d.]+$/.test(text) ? text : JSON.stringify(text);
}

/** What must reach somebody; the addresses are in an encrypted file. */
const ALERTS = `alerts:
  routes:
    - id: node-offline
      alert: NodeOffline
      severity: critical
      channel: pager
      target: sops:secrets/alerting.sops.yaml#pager
    - id: control-plane
      alert: ControlPlaneDegraded
      severity: critical
      channel: pager
      target: sops:secrets/alerting.sops.yaml#pager
    - id: drift
      alert: ConfigurationDrift
      severity: critical
      channel: pager
      target: sops:secrets/alerting.sops.yaml#pager
`;

const RUNBOOKS = `runbooks:
  bootstrap: docs/runbooks/bootstrap.md
  ha-failover: docs/runbooks/ha-failover.md
  rebuild: docs/runbooks/rebuild.md
  manual-apply: docs/runbooks/manual-apply.md
  secrets-rotation: docs/runbooks/secrets-rotation.md
  observability: docs/runbooks/observability.md
  upgrade: docs/runbooks/upgrade.md
  incident: docs/runbooks/incident.md
  quorum-loss: docs/runbooks/quorum-loss.md
`;
