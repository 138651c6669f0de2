/** Reading JSON that another process or an earlier one wrote: every field has its type, or the whole is refused. */
import type { DirectoryPath } from './storage.ts';

const COMPONENT_BYTES = 255; // NAME_MAX

/**
 * A single name that openat(2) resolves to an entry of the directory and to nothing else. Ill-formed strings are
 * refused because their lone surrogates would fold into U+FFFD, and so name another entry.
 */
export function isComponent(name: string): boolean {
  return (
    name !== '' &&
    name !== '.' &&
    name !== '..' &&
    !name.includes('/') &&
    !name.includes('\0') &&
    name.isWellFormed() &&
    Buffer.byteLength(name) <= COMPONENT_BYTES
  );
}

/** Larder's own directory at the root of an export; mode 0700. */
export const OWN_DIRECTORY = '.larder';

/** For a spread: nothing when the value is undefined. */
export function optional<const Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value };
export function optional(key: string, value: unknown): object {
  return value === undefined ? {} : { [key]: value };
}

/** The fields of one JSON object; every getter throws an Error that names the field when the value is not of its type. */
export class Fields {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #where: string;

  constructor(value: unknown, where: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error(`${where} is not an object`);
    this.#values = new Map(Object.entries(value));
    this.#where = where;
  }

  wrong(key: string, wanted: string): Error {
    const value = JSON.stringify(this.#values.get(key)) ?? 'missing';
    return new Error(`${this.#where}${key} is ${value.slice(0, 100)}, not ${wanted}`);
  }

  has(key: string): boolean {
    return this.#values.get(key) !== undefined;
  }

  text(key: string): string {
    const value = this.#values.get(key);
    if (typeof value !== 'string') throw this.wrong(key, 'text');
    return value;
  }

  optionalText(key: string): string | undefined {
    return this.has(key) ? this.text(key) : undefined;
  }

  flag(key: string): boolean {
    const value = this.#values.get(key);
    if (typeof value !== 'boolean') throw this.wrong(key, 'true or false');
    return value;
  }

  /** A whole number from 0 to 2^53. */
  count(key: string): number {
    const value = this.#values.get(key);
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw this.wrong(key, 'a whole number');
    return value;
  }

  size(key: string): bigint {
    const value = this.text(key);
    if (!/^\d{1,30}$/.test(value)) throw this.wrong(key, 'a size');
    return BigInt(value);
  }

  oneOf<const Word extends string>(key: string, words: readonly Word[]): Word {
    const value = this.#values.get(key);
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw this.wrong(key, words.join(' or '));
    return word;
  }

  object(key: string): Fields {
    return new Fields(this.#values.get(key), `${this.#where}${key}.`);
  }

  objects(key: string): readonly Fields[] {
    return this.#list(key).map((value) => new Fields(value, `${this.#where}${key}.`));
  }

  component(key: string): string {
    const value = this.text(key);
    if (!isComponent(value)) throw this.wrong(key, 'a single name');
    return value;
  }

  components(key: string): readonly string[] {
    return this.#list(key).map((value) => {
      if (typeof value !== 'string' || !isComponent(value)) throw this.wrong(key, 'a list of single names');
      return value;
    });
  }

  /** A directory that may belong to a volume: below the root, and not Larder's own. */
  path(key: string): DirectoryPath {
    const path = this.components(key);
    if (path.length === 0 || path[0] === OWN_DIRECTORY) throw this.wrong(key, 'a path below the export');
    return path;
  }

  #list(key: string): readonly unknown[] {
    const value: unknown = this.#values.get(key);
    if (!Array.isArray(value)) throw this.wrong(key, 'a list');
    return value;
  }
}
