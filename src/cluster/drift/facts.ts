/** What the role `facts` says of a machine, as far as drift is about it. A field that is absent could not be told. */
import { z } from 'zod';

const unit = z.object({ active: z.boolean(), enabled: z.boolean() }).partial();

const facts = z.object({
  hostname: z.string(),
  distribution_release: z.string(),
  kernel_running: z.string(),
  cgroup_version: z.number(),
  cgroup_controllers: z.array(z.string()),
  swap: z.array(z.object({ name: z.string(), kib: z.number().optional() })),
  sysctl: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)),
  units: z.record(z.string(), unit),
  clock_synchronized: z.boolean(),
  time: z.number(),
  time_controller: z.number(),
  k3s_version: z.string(),
  k3s_role: z.string(),
  secrets_encrypted: z.boolean(),
  certificates: z.array(z.object({ name: z.string(), not_after: z.string() })),
});

export type HostFacts = Partial<z.infer<typeof facts>> & {
  /** How long the question took: the machine said its time at some moment of that. */
  readonly askedForMs?: number;
};

/** Fields that are not of their form are as if they were absent. */
export function hostFacts(said: Readonly<Record<string, unknown>>): HostFacts {
  const kept = Object.entries(facts.shape).filter(([name, shape]) => shape.safeParse(said[name]).success);
  const parsed = facts.partial().safeParse(Object.fromEntries(kept.map(([name]) => [name, said[name]])));
  return parsed.success ? parsed.data : {};
}
