/** What the role `facts` tells of a host. A field that could not be told is absent, and nobody takes a guess for it. */
import { z } from 'zod';

const number = z.number().optional();
const word = z.string().optional();

const hostFacts = z.object({
  uid: number,
  hostname: word,
  architecture: word,
  distribution: word,
  distribution_release: word,
  kernel_running: word,
  cgroup_version: number,
  cgroup_controllers: z.array(z.string()).optional(),
  memory_mib: number,
  /** Epoch seconds of the host, and of who asked. */
  time: number,
  time_controller: z.coerce.number().optional(),
  clock_synchronized: z.boolean().optional(),
  swap: z.array(z.object({ name: z.string(), kib: z.number() })).optional(),
  boot_command_line: word,
  addresses: z.array(z.string()).optional(),
  disk_free_mib: number,
  disk_total_mib: number,
  disk_device: word,
  disk_kind: z.enum(['sd', 'ssd', 'nvme', 'hdd', 'unknown']).optional(),
  fsync_median_ms: number,
  fsync_p99_ms: number,
  throttled: word,
  ports: z
    .array(z.object({ port: z.number(), protocol: z.string(), process: z.string(), address: z.string().optional() }))
    .optional(),
  names: z.record(z.string(), z.array(z.string())).optional(),
  k3s_version: word,
  k3s_role: z.enum(['server', 'agent']).optional(),
  k3s_active: z.boolean().optional(),
  etcd_version: word,
  nomad: z.object({ active: z.boolean(), bridge: word }).optional(),
});

export type HostFacts = z.infer<typeof hostFacts>;

/** Undefined: it is nothing that the role could have said. */
export function readHostFacts(said: unknown): HostFacts | undefined {
  const parsed = hostFacts.safeParse(said);
  return parsed.success ? parsed.data : undefined;
}
