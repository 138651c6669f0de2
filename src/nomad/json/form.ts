import type { JsonNode, Member } from './parse.ts';

export type ObjectNode = Extract<JsonNode, { kind: 'object' }>;

/** Which of the two languages a JSON file speaks, if any. */
export type Form =
  /** What Nomad's API takes and `nomad job inspect` prints: `{"Job": {…}}`, or the job alone. */
  | { readonly kind: 'api'; readonly job: ObjectNode }
  /** A jobspec written in JSON instead of HCL: `{"job": {"web": {…}}}`. */
  | { readonly kind: 'hcl'; readonly root: ObjectNode }
  /** No job: a file of something else. */
  | { readonly kind: 'other' };

/** A file that starts with a brace is JSON; HCL cannot. */
export function startsAsJson(text: string): boolean {
  return /^\ufeff?[ \t\r\n]*\{/.test(text);
}

export function formOf(root: JsonNode): Form {
  if (root.kind !== 'object') return { kind: 'other' };
  const wrapped = root.members.find(({ key }) => key.toLowerCase() === 'job');
  if (!wrapped) return isApiJob(root) ? { kind: 'api', job: root } : { kind: 'other' };
  const { key, value } = wrapped;
  if (value.kind === 'object' && (key === 'Job' || isApiJob(value))) return { kind: 'api', job: value };
  return key === 'job' ? { kind: 'hcl', root } : { kind: 'other' };
}

function isApiJob(object: ObjectNode): boolean {
  const names = new Set(object.members.map(({ key }) => key));
  return names.has('TaskGroups') || (names.has('ID') && (names.has('Datacenters') || names.has('Type')));
}

/** Names that stand twice in one object, wherever it is: of two values nobody can tell which is meant. */
export function repeatedMembers(node: JsonNode): readonly Member[] {
  if (node.kind === 'array') return node.items.flatMap(repeatedMembers);
  if (node.kind !== 'object') return [];
  const seen = new Set<string>();
  return node.members.flatMap((member) => {
    const inside = repeatedMembers(member.value);
    const again = seen.has(member.key);
    seen.add(member.key);
    return again ? [member, ...inside] : inside;
  });
}
