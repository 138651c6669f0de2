/** Where a change finds its manifests, as its first record keeps it beside the fields of the contract. */
import { z } from 'zod';
import type { Sources } from './gather.ts';

/** What starts with a hyphen would be read as an option by the program that renders it. */
const word = z.string().regex(/^[^-\s][^\n\0]*$/, 'must not begin with a hyphen or a space');
const dnsName = z
  .string()
  .max(63)
  .regex(/^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/, 'is no name of Kubernetes: lower-case letters, digits, hyphens');

const kept = z.object({
  namespace: dnsName.default('default'),
  chart: z.object({ chart: word, version: word.optional(), release: dnsName, values: z.array(word) }).optional(),
});

export type KeptSources = z.infer<typeof kept>;

/** What is not of that form, as in a change that somebody else recorded, says nothing. */
export function sourcesIn(data: unknown): Omit<Sources, 'paths'> {
  const result = kept.safeParse(data);
  return result.success ? plain(result.data) : { namespace: 'default' };
}

export type CheckedSources =
  | { readonly kind: 'sources'; readonly sources: Omit<Sources, 'paths'> }
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

export function checkSources(data: unknown): CheckedSources {
  const result = kept.safeParse(data);
  if (result.success) return { kind: 'sources', sources: plain(result.data) };
  return {
    kind: 'refused',
    problems: result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`),
  };
}

function plain({ namespace, chart }: KeptSources): Omit<Sources, 'paths'> {
  if (chart === undefined) return { namespace };
  const { version, ...rest } = chart;
  return { namespace, chart: version === undefined ? rest : { ...rest, version } };
}
