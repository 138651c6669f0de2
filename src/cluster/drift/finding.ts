/** What a look for drift finds: a difference between the cluster and what its repository says. */

interface KindEntry {
  readonly meaning: string;
  /** A sentence that starts with what to do. */
  readonly remedy: string;
}

/** In the order in which they are told. The guide has a row for each. */
export const driftKinds = {
  host: {
    meaning: 'The roles would change something on a machine.',
    remedy:
      'Look at the task, then run `larder cluster plan` and bring the machine back, or put the change into cluster.yaml.',
  },
  'host-state': {
    meaning: 'A machine runs otherwise than it is set up: swap, a kernel parameter, a service, the clock.',
    remedy: 'Mend it on the machine, or run `larder cluster bootstrap`, which does.',
  },
  manifest: {
    meaning: 'An object of the cluster is not as its manifest says, or is missing.',
    remedy: 'Apply the manifest again with `larder change`, or write the live state into it.',
  },
  orphan: {
    meaning: 'An object that a change applied is in no manifest any more.',
    remedy: 'Delete it, or bring its manifest back from git.',
  },
  node: {
    meaning: 'A node is missing, unknown, or has other labels, taints or roles than cluster.yaml says.',
    remedy: 'Run `larder cluster bootstrap`, which sets what cluster.yaml says; take away by hand what others set.',
  },
  version: {
    meaning: 'A node runs another release of k3s, of the operating system or of the kernel than it should.',
    remedy:
      'Run `larder cluster upgrade` for k3s; bring the system up with its own tools, or write what runs into cluster.yaml.',
  },
  certificate: {
    meaning: 'A certificate has ended or ends soon.',
    remedy: 'Restart k3s on the server, which renews what ends within 120 days, or run `k3s certificate rotate`.',
  },
  'unlogged-change': {
    meaning: 'Somebody changed an object, and no record of the ledger says why.',
    remedy: 'Ask who did it, then record it, or undo it with `larder change`.',
  },
} as const satisfies Readonly<Record<string, KindEntry>>;

export type DriftKind = keyof typeof driftKinds;

export const driftKindNames: readonly DriftKind[] = [
  'host',
  'host-state',
  'manifest',
  'orphan',
  'node',
  'version',
  'certificate',
  'unlogged-change',
];

export interface DriftFinding {
  readonly kind: DriftKind;
  /** `Deployment shop/web`, or the name of a machine. */
  readonly object: string;
  readonly message: string;
}

/** Something that could not be looked at. It is never taken for clean. */
export interface Unknown {
  readonly kind: DriftKind;
  readonly object: string;
  readonly why: string;
}

/** What one look gives. */
export interface Looked {
  readonly findings: readonly DriftFinding[];
  readonly unknown: readonly Unknown[];
  /** What a reader should know beside it. */
  readonly notes: readonly string[];
}

export const nothing: Looked = { findings: [], unknown: [], notes: [] };

export function together(parts: readonly Looked[]): Looked {
  return {
    findings: parts.flatMap(({ findings }) => findings),
    unknown: parts.flatMap(({ unknown }) => unknown),
    notes: parts.flatMap(({ notes }) => notes),
  };
}

/** A look that could not be made at all. */
export function blind(kind: DriftKind, object: string, why: string): Looked {
  return { ...nothing, unknown: [{ kind, object, why }] };
}
