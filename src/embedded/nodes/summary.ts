/** The two texts in which a kubelet tells how full volumes are: its Summary API and its metrics. */

export interface MountedUsage {
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
  /** The volume's name in the pod. */
  readonly volume: string;
  readonly claim: { readonly namespace: string; readonly name: string };
  /** Size of the PersistentVolume. */
  readonly capacityBytes: bigint;
  readonly usedBytes: bigint;
  readonly inodesUsed: bigint;
  /** Of the whole filesystem; both zero when it does not count them. */
  readonly inodes: bigint;
  readonly inodesFree: bigint;
  /** When it was measured, epoch ms. */
  readonly at: number;
}

/** JSON of `/stats/summary`, as k8s.io/kubelet/pkg/apis/stats/v1alpha1 has it (read in 0.36). */
export function renderSummary(nodeName: string, startTime: string, usages: readonly MountedUsage[]): string {
  const pods = Map.groupBy(usages, ({ pod }) => pod.uid);
  return JSON.stringify({
    node: { nodeName, startTime },
    pods: [...pods.values()].flatMap((volumes) => {
      const [first] = volumes;
      return first ? [{ podRef: first.pod, startTime, containers: [], volume: volumes.map(summaryOf) }] : [];
    }),
  });
}

/** Numbers, not strings: so the protocol has it. Exact up to 2^53 bytes, which is 9 petabytes. */
function summaryOf(usage: MountedUsage): object {
  return {
    time: `${new Date(usage.at).toISOString().slice(0, 19)}Z`,
    availableBytes: Number(availableOf(usage)),
    capacityBytes: Number(usage.capacityBytes),
    usedBytes: Number(usage.usedBytes),
    inodesFree: Number(usage.inodesFree),
    inodes: Number(usage.inodes),
    inodesUsed: Number(usage.inodesUsed),
    name: usage.volume,
    pvcRef: usage.claim,
  };
}

/** A directory may hold more than its volume's size: nothing stops it there. */
function availableOf({ capacityBytes, usedBytes }: MountedUsage): bigint {
  return capacityBytes > usedBytes ? capacityBytes - usedBytes : 0n;
}

const SERIES: readonly {
  readonly name: string;
  readonly help: string;
  readonly of: (usage: MountedUsage) => bigint;
}[] = [
  { name: 'available_bytes', help: 'Number of available bytes in the volume', of: availableOf },
  { name: 'capacity_bytes', help: 'Capacity in bytes of the volume', of: ({ capacityBytes }) => capacityBytes },
  { name: 'inodes', help: 'Maximum number of inodes in the volume', of: ({ inodes }) => inodes },
  { name: 'inodes_free', help: 'Number of free inodes in the volume', of: ({ inodesFree }) => inodesFree },
  { name: 'inodes_used', help: 'Number of used inodes in the volume', of: ({ inodesUsed }) => inodesUsed },
  { name: 'used_bytes', help: 'Number of used bytes in the volume', of: ({ usedBytes }) => usedBytes },
];

/** The text of `/metrics`. A claim that several pods mount is there once, as a kubelet has it. */
export function renderMetrics(usages: readonly MountedUsage[]): string {
  const claims = new Map(usages.map((usage) => [`${usage.claim.namespace}/${usage.claim.name}`, usage]));
  const blocks = SERIES.map(({ name, help, of }) => {
    const series = `kubelet_volume_stats_${name}`;
    const lines = [...claims.values()].map((usage) => {
      const { namespace, name: claim } = usage.claim;
      return `${series}{namespace="${namespace}",persistentvolumeclaim="${claim}"} ${of(usage)}\n`;
    });
    return `# HELP ${series} [ALPHA] ${help}\n# TYPE ${series} gauge\n${lines.join('')}`;
  });
  return blocks.join('');
}
