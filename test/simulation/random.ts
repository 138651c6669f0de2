import type { Random } from '../../src/telemetry/clock.ts';

/** A stream of random numbers that a seed determines to the last bit. */
export interface SeededRandom extends Random {
  /** Uniform integer in [low, high]. */
  between(low: number, high: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** Throws on an empty list. */
  pick<T>(values: readonly T[]): T;
  /** An independent stream of that name: drawing from it changes nothing here. */
  fork(name: string): SeededRandom;
}

/** sfc32 (Chris Doty-Humphrey, PractRand), seeded by hashing `key`. */
export function createRandom(key: string): SeededRandom {
  let [a, b, c, counter] = [hash(key, 1), hash(key, 2), hash(key, 3), 1];
  const draw = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round += 1) draw();
  const next = (): number => draw() / 2 ** 32;
  const random: SeededRandom = {
    next,
    uuid: () => formatUuid([draw(), draw(), draw(), draw()]),
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (probability) => next() < probability,
    pick(values) {
      const picked = values[Math.floor(next() * values.length)];
      if (picked === undefined) throw new RangeError('nothing to pick from');
      return picked;
    },
    fork: (name) => createRandom(`${key}/${name}`),
  };
  return random;
}

/** FNV-1a, 32 bits, with a final mix. */
export function hash(text: string, salt = 0): number {
  let value = 0x811c9dc5 ^ salt;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) | 0;
}

function formatUuid(words: readonly number[]): string {
  const hex = words.map((word) => word.toString(16).padStart(8, '0')).join('');
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) & 3];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
