/**
 * The shape of cluster.yaml: everything that is known about a cluster before it exists. All that the automation needs is
 * made from it. What a rule must look at two places for is in `rules.ts`.
 */
import { z } from 'zod';
import { operatorId } from '../../ledger/operator-id.ts';
import { RELEASE } from '../upgrade/release.ts';

/** RFC 1123: what a host name is made of. */
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const LABEL_KEY = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^$|^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

const hostName = z
  .string()
  .regex(HOST_NAME, 'is not a host name: lower-case letters, digits, - and ., as pi-cluster-1.local');
const labelKey = z.string().regex(LABEL_KEY, 'is not the key of a label, as example.org/disk');
const labelValue = z.string().regex(LABEL_VALUE, 'is not the value of a label: at most 63 letters, digits, -, _ and .');
const address = z.union([z.ipv4(), z.ipv6()], 'is not an IPv4 or IPv6 address');
const cidr = z.union([z.cidrv4(), z.cidrv6()], 'is not a range of addresses, as 10.42.0.0/16');
const relativePath = z
  .string()
  .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$)).+$/, 'is not a path inside the repository: relative, without ..');
/** A secret is named, never written: the encrypted file and the key in it. */
const secretReference = z
  .string()
  .regex(
    /^sops:[A-Za-z0-9_./-]+#[A-Za-z0-9_.-]+$/,
    'is not a reference to a secret, as sops:secrets/k3s.sops.yaml#token',
  )
  .refine((value) => !/(^sops:|\/)\.\.(\/|$)/.test(value), 'leads out of the repository');
const hour = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day, as 02:00');

const taint = z.strictObject({
  key: labelKey,
  value: labelValue.optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']),
});

const maintenance = z.strictObject({
  days: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])).min(1),
  from: hour,
  /** Earlier than `from`: the next day. */
  to: hour,
});

const ssh = z.strictObject({
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'is not the name of a Linux user')
    .default('larder'),
  port: z.int().min(1).max(65_535).default(22),
  /** `type base64` of the node's own key. Without it the first contact is refused until somebody compares it. */
  hostKey: z
    .string()
    .regex(
      /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa) [A-Za-z0-9+/=]+$/,
      'is not a public host key: type and base64',
    )
    .optional(),
});

const node = z.strictObject({
  name: hostName,
  aliases: z.array(hostName).default([]),
  address,
  mac: z
    .string()
    .regex(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i, 'is not a MAC address, as dc:a6:32:00:00:01')
    .transform((value) => value.toLowerCase())
    .optional(),
  role: z.enum(['server-agent', 'worker']),
  /** What it is, in words: rpi4-8gb. */
  hardware: z.string().min(1).optional(),
  arch: z.enum(['arm64', 'amd64']).default('arm64'),
  storage: z.enum(['sd', 'ssd', 'nvme', 'hdd']).default('sd'),
  /** Of a server: where the other members reach its etcd. */
  etcdPeer: address.optional(),
  labels: z.record(labelKey, labelValue).default({}),
  taints: z.array(taint).default([]),
  /** When it may be taken out of work, in `os.timeZone`. Outside of it an upgrade, a rebuild or a reboot must be agreed to. */
  maintenance: maintenance.optional(),
  ssh: ssh.prefault({}),
  /** k3s stands beside a Nomad that goes on running. */
  coexist: z.enum(['nomad']).optional(),
});

const artifacts = z.strictObject({
  /** Where the k3s binary, the images and the install script are, for machines that cannot fetch them. */
  folder: relativePath,
  /** sha256 of each, as `sha256sum` prints them. */
  lock: relativePath,
});

const secrets = z.strictObject({
  /** What members of the cluster show each other. */
  token: secretReference,
  /** age public keys that can read the encrypted files. */
  recipients: z
    .array(z.string().regex(/^age1[02-9ac-hj-np-z]{58}$/, 'is not an age recipient, as age1…'))
    .min(1, 'is empty: without a recipient nobody can read the encrypted files'),
  /**
   * Of Grafana's admin: kept out of everything that is printed or recorded, and due for rotation as the others. The Secret of
   * the cluster is made from it by hand, as the runbook on observability has it.
   */
  grafanaPassword: secretReference.optional(),
  /** For the agents of Nomad beside which k3s stands, where they have ACLs: it may read nodes. */
  nomadToken: secretReference.optional(),
});

const alertRoute = z.strictObject({
  id: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'is not the id of a route: letters, digits, ., _ and -, at most 63'),
  alert: z.string().min(1),
  severity: z.enum(['critical', 'warning', 'info']),
  channel: z.enum(['pager', 'matrix', 'email']),
  /** The address or the webhook, which is a secret. */
  target: secretReference,
});

const smtp = z.strictObject({
  smarthost: z
    .string()
    .regex(/^[A-Za-z0-9.-]+:\d{1,5}$/, 'is not a mail server with its port, as mail.example.org:587'),
  from: z.email('is not an e-mail address'),
  username: z.string().min(1).optional(),
  password: secretReference.optional(),
});

const operator = z.strictObject({
  id: operatorId,
  sshKey: z
    .string()
    .regex(
      /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa|sk-[a-z0-9@.-]+) [A-Za-z0-9+/=]+( .*)?$/,
      'is not an OpenSSH public key',
    ),
  role: z.enum(['admin', 'operator']).default('operator'),
});

const days = z.int().min(1).max(90);

const rotation = z.strictObject({
  /** At most 90 days, as the requirement has it. */
  ageKeyDays: days.default(90),
  tokenDays: days.default(90),
  alertTestDays: z.int().min(1).max(30).default(30),
});

const os = z.strictObject({
  release: z.enum(['bookworm', 'trixie', 'jammy', 'noble']).default('bookworm'),
  timeZone: z
    .string()
    .regex(/^[A-Za-z0-9_+-]+(\/[A-Za-z0-9_+-]+)*$/, 'is not a time zone, as Europe/Berlin')
    .default('Etc/UTC'),
  ntpServers: z.array(z.union([hostName, address])).default([]),
  sysctl: z
    .record(
      z.string().regex(/^[a-z0-9_]+(\.[A-Za-z0-9_/*-]+)+$/, 'is not the name of a kernel parameter'),
      z.union([z.string(), z.int()]),
    )
    .default({}),
  /**
   * What happens where a reboot is needed. `ask`: the run asks before it begins; without a yes the node is prepared, and the
   * run stops there until it was rebooted. `never` leaves the node as it is and says what waits for it.
   */
  reboot: z.enum(['ask', 'allowed', 'never']).default('ask'),
});

/** Names of the runbooks that alerts, runs and changes refer to. */
const runbookNames = [
  'bootstrap',
  'ha-failover',
  'rebuild',
  'manual-apply',
  'secrets-rotation',
  'observability',
  'upgrade',
  'incident',
  'quorum-loss',
] as const;

const deviation = z.strictObject({
  /** The rule that is not kept; `larder cluster validate` names it. */
  rule: z.string().min(1),
  reason: z.string().min(1),
  /** The day from which it no longer counts. */
  until: z.iso.date().optional(),
});

export const clusterSpec = z.strictObject({
  $schema: z.string().optional(),
  name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'is not a name: lower-case letters, digits and -'),
  k3s: z
    .strictObject({
      channel: z
        .string()
        .regex(/^(stable|latest|testing|v\d+\.\d+)$/, 'is not a channel: stable, latest, testing or v1.34')
        .default('stable'),
      /** Wins over the channel, and makes a rebuild give what was there. */
      version: z.string().regex(RELEASE, 'is not a release of k3s, as v1.34.2+k3s1').optional(),
      /** Whether Secrets are encrypted in the database of etcd. Only a cluster that begins can be given that. */
      secretsEncryption: z.boolean().default(true),
    })
    .prefault({}),
  cni: z.enum(['flannel', 'cilium']).default('flannel'),
  /** Default: traefik; none where the cluster stands beside Nomad, whose services have the ports. */
  ingress: z.enum(['traefik', 'none']).optional(),
  /** Default: servicelb; none where the cluster stands beside Nomad. */
  loadBalancer: z.enum(['servicelb', 'kube-vip', 'metallb', 'none']).optional(),
  /** Addresses that metallb or kube-vip hand out to services. */
  loadBalancerRange: cidr.optional(),
  /** Where clients and joining nodes reach the API; without a `vip`, the servers' own addresses. */
  api: z
    .strictObject({
      vip: address.optional(),
      names: z.array(hostName).default([]),
      port: z.int().min(1).max(65_535).default(6443),
    })
    .prefault({}),
  cidrs: z.strictObject({ pods: cidr.default('10.42.0.0/16'), services: cidr.default('10.43.0.0/16') }).prefault({}),
  /** For every node; a node may say it for itself. */
  coexist: z.enum(['nomad']).optional(),
  nodes: z.array(node).min(1, 'a cluster has at least one node'),
  os: os.prefault({}),
  artifacts: artifacts.optional(),
  secrets: secrets.optional(),
  /** `smtp`: what routes by e-mail are sent through. */
  alerts: z.strictObject({ routes: z.array(alertRoute).default([]), smtp: smtp.optional() }).prefault({}),
  operators: z.array(operator).default([]),
  rotation: rotation.prefault({}),
  runbooks: z.partialRecord(z.enum(runbookNames), relativePath).default({}),
  deviations: z.array(deviation).default([]),
});

/** As it is written, with the defaults of the schema. */
export type WrittenSpec = z.infer<typeof clusterSpec>;
/** With the defaults that hang on something else, too. */
export type ClusterSpec = WrittenSpec & Required<Pick<WrittenSpec, 'ingress' | 'loadBalancer'>>;
export type NodeSpec = ClusterSpec['nodes'][number];
