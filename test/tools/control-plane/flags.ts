/** The programs of a control plane, and the flags with which each runs on the loopback interface of one machine. */
import { join } from 'node:path';

export const programs = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

export type Program = (typeof programs)[number];

export interface Place {
  readonly folder: string;
  readonly ports: Readonly<Record<Program | 'peer', number>>;
  /** Empty without one. */
  readonly auditLog: string;
}

export const AUDIT_POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules: [{ level: Metadata }]
`;

export const flagsOf: Readonly<Record<Program, (place: Place) => readonly string[]>> = {
  etcd({ folder, ports }) {
    const peer = `http://127.0.0.1:${ports.peer}`;
    const url = urlsOf(ports).etcd;
    return [
      `--data-dir=${join(folder, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--unsafe-no-fsync', // its data does not outlive the test
      '--log-level=warn',
    ];
  },
  'kube-apiserver': ({ folder, ports, auditLog }) => [
    `--etcd-servers=${urlsOf(ports).etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${ports['kube-apiserver']}`,
    `--tls-cert-file=${join(folder, 'pki', 'server.crt')}`,
    `--tls-private-key-file=${join(folder, 'pki', 'server.key')}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    `--service-account-key-file=${join(folder, 'service-account.pub')}`,
    `--service-account-signing-key-file=${join(folder, 'service-account.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--endpoint-reconciler-type=none',
    '--allow-privileged=true',
    '--shutdown-delay-duration=0s',
    ...(auditLog === '' ? [] : auditFlags(folder, auditLog)),
  ],
  'kube-controller-manager': ({ folder, ports }) => [
    ...managed('kube-controller-manager', { folder, ports }),
    '--use-service-account-credentials=false',
    `--service-account-private-key-file=${join(folder, 'service-account.key')}`,
    `--root-ca-file=${join(folder, 'pki', 'ca.crt')}`,
  ],
  'kube-scheduler': (place) => managed('kube-scheduler', place),
};

/** Blocking, so that the line of a request is there when its answer is. */
function auditFlags(folder: string, auditLog: string): readonly string[] {
  return [
    `--audit-log-path=${auditLog}`,
    `--audit-policy-file=${join(folder, 'audit-policy.yaml')}`,
    '--audit-log-mode=blocking',
  ];
}

/** Each manager signs its own certificate, next to its kubeconfig. */
function managed(program: Program, { folder, ports }: Pick<Place, 'folder' | 'ports'>): readonly string[] {
  return [
    `--kubeconfig=${join(folder, `${program}.kubeconfig`)}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${ports[program]}`,
    '--leader-elect=false',
    '--authentication-skip-lookup=true',
  ];
}

export function urlsOf(ports: Place['ports']): { readonly api: string; readonly etcd: string } {
  return { api: `https://127.0.0.1:${ports['kube-apiserver']}`, etcd: `http://127.0.0.1:${ports.etcd}` };
}

/** Answers 200 when the program is ready. */
export function healthOf(program: Program, ports: Place['ports']): string {
  const { api, etcd } = urlsOf(ports);
  switch (program) {
    case 'etcd':
      return `${etcd}/health`;
    case 'kube-apiserver':
      return `${api}/readyz`;
    case 'kube-controller-manager':
    case 'kube-scheduler':
      return `https://127.0.0.1:${ports[program]}/healthz`;
    default:
      return program satisfies never;
  }
}
