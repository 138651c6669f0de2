/** What the console is told of the cluster itself: the server answers with these, and the page reads them. Pure. */
import { z } from 'zod';
import type { AlertRow } from '../alerts/alert-rows.ts';
import type { IgnoreRule } from '../drift/ignore.ts';
import type { LiveNode } from './live-node.ts';

/** Something that is there only where somebody set it up. */
export type Part<T> =
  | { readonly kind: 'known'; readonly value: T }
  /** Nobody set it up: the page says how. */
  | { readonly kind: 'unset' }
  /** It is set up, and cannot be used. */
  | { readonly kind: 'unusable'; readonly why: string };

export interface WantedNode {
  /** As cluster.yaml writes it: `pi-1.local`. */
  readonly name: string;
  /** As the cluster calls it: `pi-1`. */
  readonly node: string;
  readonly role: 'server-agent' | 'worker';
  readonly hardware: string;
}

/** What cluster.yaml and drift-ignore.yaml say. */
export interface WantedCluster {
  readonly name: string;
  /** Empty: whatever most nodes run. */
  readonly release: string;
  readonly nodes: readonly WantedNode[];
  /** Days between two rotations, by what is rotated. */
  readonly rotationDays: Readonly<Record<string, number>>;
  readonly ignore: Part<readonly IgnoreRule[]>;
}

export interface NodesAnswer {
  /** Epoch ms of the look. */
  readonly at: number;
  readonly cluster: string;
  /** The API and its one node stand in for a cluster, on this machine. */
  readonly isEmbedded: boolean;
  readonly nodes: readonly LiveNode[];
  readonly wanted: Part<WantedCluster>;
}

export interface CertificateRow {
  /** `kubelet`, `API server 192.0.2.11:6443`, `client certificate of the kubeconfig`. */
  readonly object: string;
  /** Empty: it is of no single node. */
  readonly node: string;
  /** Epoch ms; absent: `why` says what kept it from being read. */
  readonly endsAt?: number;
  readonly why?: string;
  /** It is the cluster's, and no client takes it. */
  readonly isRefused: boolean;
}

export interface CertificatesAnswer {
  readonly at: number;
  readonly isEmbedded: boolean;
  readonly certificates: readonly CertificateRow[];
}

export interface AlertsAnswer {
  readonly at: number;
  readonly alerts: Part<{
    /** Of the Alertmanager, for people. */
    readonly name: string;
    readonly rows: readonly AlertRow[];
    /** Why nobody knows who has taken what; empty: it is known. */
    readonly unrecorded: string;
  }>;
}

export const acknowledgeRequest = z.strictObject({
  fingerprint: z.string().min(1).max(200),
  /** `30m`, `2h`, `1d`; at most 7d. */
  for: z.string().regex(/^\d{1,5}[smhd]$/, 'is no time: write 30m, 2h or 1d'),
  reason: z.string().trim().min(1, 'is empty: say what is being done').max(1000),
  /** Who takes care. Of somebody who is signed in as an account of the cluster that name counts. */
  by: z.string().trim().max(200).default(''),
  dryRun: z.boolean().default(false),
});
export type AcknowledgeRequest = z.input<typeof acknowledgeRequest>;

export interface AcknowledgeAnswer {
  readonly changes: boolean;
  readonly message: string;
  readonly command: string;
}
