/** Keeps the values of Secrets, and what looks like one, out of every text that a change prints or records. */

import { isObject } from '../../kube/reader.ts';
import { maskText, scanText } from '../../ledger/secret/scan.ts';
import { keyStrength, looksSecret } from '../../ledger/secret/secret-key.ts';
import { type JsonObject, textAt } from './manifest.ts';
import { type GivesAway, holdsValues, isSecret } from './masking.ts';

export interface SecretShield {
  readonly givesAway: GivesAway;
  /** The text with `***` in place of every secret. */
  readonly mask: (text: string) => string;
}

/** Knows the values of all Secrets among the objects, and of those that stand inside of one. */
export function shieldOf(objects: readonly JsonObject[]): SecretShield {
  const names = new Set(objects.flatMap((object) => [textAt(object, 'kind'), ...namesIn(object)]));
  const values = objects.flatMap(secretValues).filter((value) => isKept(value, names));
  const known = [...new Set(values.map(({ text }) => text))];
  return {
    givesAway: (line) => scanText('', line, known).length > 0,
    mask: (text) => maskText(text, known),
  };
}

interface Value {
  /** Of the field that holds it. */
  readonly name: string;
  readonly text: string;
}

/** Wherever a value stands in its Secret: what is no map where one belongs is told by the API server, with the value. */
function secretValues(value: unknown): readonly Value[] {
  if (Array.isArray(value)) return value.flatMap((each) => secretValues(each));
  if (!isObject(value)) return [];
  if (value['kind'] !== 'Secret') return Object.values(value).flatMap(secretValues);
  const fields = Object.keys(value).filter(isSecret(value) ? holdsValues : isData);
  return fields.flatMap((field) => valuesIn(field, value[field]).flatMap((each) => readings(each, field)));
}

/** Of a Secret that is not Kubernetes' own. */
function isData(field: string): boolean {
  return field === 'data' || field === 'stringData';
}

function valuesIn(name: string, value: unknown): readonly Value[] {
  if (typeof value === 'string' || typeof value === 'number') return [{ name, text: String(value) }];
  if (Array.isArray(value)) return value.flatMap((each) => valuesIn(name, each));
  return isObject(value) ? Object.entries(value).flatMap(([key, inside]) => valuesIn(key, inside)) : [];
}

/** As it is written and as it is meant; plain text in `data` is a mistake that happens. */
function readings({ name, text }: Value, field: string): readonly Value[] {
  const decoded = Buffer.from(text, 'base64').toString('utf8');
  const isEncoded = field === 'data' || Buffer.from(decoded).toString('base64') === text;
  return isEncoded
    ? [
        { name, text: decoded },
        { name, text },
      ]
    : [{ name, text }];
}

/** Shorter values that nothing tells to be secret are parts of too many words. */
const LENGTH_AT_LEAST = 8;

/**
 * The name of a user, a database or a host is masked in its Secret and not elsewhere: it stands in every second
 * manifest. So is what an object or an image is called.
 */
function isKept({ name, text }: Value, names: ReadonlySet<string>): boolean {
  const trimmed = text.trim();
  if (keyStrength(name) !== 'none') return true;
  if (names.has(trimmed)) return false;
  if (looksSecret(text) || text.includes('\n')) return true;
  return trimmed.length >= LENGTH_AT_LEAST && !(isNeutral(name) && /^[\w.@-]+$/.test(trimmed));
}

const neutral = /(?:user|username|login|database|databasename|db|dbname|host|hostname)$/;

/** `dbUser`, `POSTGRES_USER` and `db.user` end alike. */
function isNeutral(name: string): boolean {
  return neutral.test(name.replace(/[^A-Za-z0-9]/g, '').toLowerCase());
}

/** What objects, also those in templates, and the images of containers are called. */
function namesIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each) => namesIn(each));
  if (!isObject(value)) return [];
  const own = [textAt(value, 'metadata', 'name'), textAt(value, 'metadata', 'namespace')];
  if (value['kind'] === 'Secret') return own;
  const image = textAt(value, 'name') === '' ? '' : textAt(value, 'image');
  return [...own, image, ...Object.values(value).flatMap((each) => namesIn(each))];
}
