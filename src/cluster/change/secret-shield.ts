/** Keeps the values of Secrets, and what looks like one, out of every text that a change prints or records. */

import { isObject } from '../../kube/reader.ts';
import { maskText, scanText } from '../../ledger/secret/scan.ts';
import { keyStrength, looksSecret } from '../../ledger/secret/secret-key.ts';
import type { JsonObject } from './manifest.ts';
import type { GivesAway } from './masking.ts';

export interface SecretShield {
  readonly givesAway: GivesAway;
  /** The text with `***` in place of every secret. */
  readonly mask: (text: string) => string;
}

/** Knows the values of all Secrets among the objects. */
export function shieldOf(objects: readonly JsonObject[]): SecretShield {
  const known = [...new Set(objects.flatMap(secretValues))];
  return {
    givesAway: (line) => scanText('', line, known).length > 0,
    mask: (text) => maskText(text, known),
  };
}

/**
 * As they are written and as they are meant. The name of a user or a database is masked in its Secret and not elsewhere:
 * it stands in every second manifest.
 */
function secretValues(object: JsonObject): readonly string[] {
  if (object['kind'] !== 'Secret') return [];
  const encoded = entries(object['data']).map(
    ([name, value]) => [name, Buffer.from(value, 'base64').toString('utf8')] as const,
  );
  return [...encoded, ...entries(object['stringData'])]
    .filter(([name, value]) => keyStrength(name) !== 'none' || looksSecret(value) || value.includes('\n'))
    .map(([, value]) => value);
}

function entries(map: unknown): readonly (readonly [string, string])[] {
  if (!isObject(map)) return [];
  return Object.entries(map).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
}
