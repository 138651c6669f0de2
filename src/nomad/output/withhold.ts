import type { Item } from '../jobspec/field.ts';
import type { Plain } from '../source/node.ts';
import { credentialsIn, sensitiveIn } from '../translate/secret/credential.ts';
import type { Settled } from '../translate/sourced.ts';
import { pointerKey } from '../translate/sourced.ts';

/** What stands in a manifest in the place of a value that may stand in none. */
export const WITHHELD = '***';

/** A part of a manifest whose text was not written. */
export interface Withheld {
  readonly pointer: string;
  /** Lines of the job that it came from; none where it belongs to the whole. */
  readonly items: readonly Item[];
}

/** Text of files and of templates: the rules for those have taken out what is a credential, and left what only looks so. */
const FILES = new Set(['ConfigMap', 'ExternalSecret', 'Secret']);

/** A word that is also a name of something: that it stands somewhere says nothing. */
const ORDINARY = /^(?:[a-z-]*|.{0,5})$/s;

/** What is shorter is part of many words. */
const SHORT = 4;

/**
 * The last look at a manifest: whatever the rules made, no value of a sensitive variable and no credential is in it. Places
 * that can read a Secret do so already; the others (labels, paths, commands of probes) show that something is missing.
 */
export function withhold(
  { value, origins }: Settled,
  { kind, secrets }: { readonly kind: string; readonly secrets: readonly string[] },
): { readonly value: Plain; readonly withheld: readonly Withheld[] } {
  const everywhere = secrets.filter((secret) => !ORDINARY.test(secret));
  const behind = new Map(origins.map(({ pointer, items }) => [pointer, items]));
  const withheld: Withheld[] = [];
  const walk = (part: Plain, pointer: string, items: readonly Item[]): Plain => {
    const own = behind.get(pointer) ?? items;
    if (Array.isArray(part)) return part.map((each, index) => walk(each, `${pointer}/${index}`, own));
    if (typeof part === 'object' && part !== null)
      return Object.fromEntries(
        Object.entries(part).map(([key, each]) => [key, walk(each, `${pointer}/${pointerKey(key)}`, own)]),
      );
    const shown = covered(part, { secrets: [...everywhere, ...own.flatMap(nodeSecrets)], files: FILES.has(kind) });
    if (shown !== part) withheld.push({ pointer, items: own });
    return shown;
  };
  return { value: walk(value, '', []), withheld };
}

function nodeSecrets(item: Item & { readonly node?: Parameters<typeof sensitiveIn>[0] }): readonly string[] {
  return sensitiveIn(item.node);
}

function covered(
  part: string | number | boolean | null,
  { secrets, files }: { readonly secrets: readonly string[]; readonly files: boolean },
): string | number | boolean | null {
  if (part === null) return part;
  const text = String(part);
  const lower = text.toLowerCase();
  const holds = (secret: string): boolean => (secret.length < SHORT ? lower === secret : lower.includes(secret));
  if (secrets.some((secret) => holds(secret.toLowerCase()))) return WITHHELD;
  if (typeof part !== 'string' || files) return part;
  return withoutCredentials(text);
}

function withoutCredentials(text: string): string {
  let shown = '';
  let done = 0;
  for (const { start, end } of credentialsIn(text)) {
    shown += text.slice(done, start) + WITHHELD;
    done = end;
  }
  return shown + text.slice(done);
}
