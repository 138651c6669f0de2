/** The requirement's ProviderConfig: keys and texts that only the room of providers understands. */
import { z } from 'zod';
import type { Parsed } from './settings.ts';

/** Flat, `aws.region`. */
export type ProviderConfig = Readonly<Record<string, string>>;

/** From a file a mapping, nested or flat; from a flag or the environment `key=value,key=value`, or the mapping as JSON. */
export function providerConfig(description: string) {
  return z
    .unknown()
    .transform((raw, context): ProviderConfig => {
      const parsed = parseProviderConfig(raw);
      if (parsed.ok) return parsed.value;
      context.addIssue({ code: 'custom', message: parsed.reason });
      return z.NEVER;
    })
    .prefault('')
    .meta({ description, fallback: '' });
}

const FORM = 'must be a mapping, or texts "key=value" with commas between them';
const DEEPEST = 4;

export function parseProviderConfig(raw: unknown): Parsed<ProviderConfig> {
  if (typeof raw !== 'string') return flattened(raw);
  const text = raw.trim();
  if (text.startsWith('{')) {
    try {
      return flattened(JSON.parse(text));
    } catch {
      return bad(); // given up: where the text broke
    }
  }
  const pairs = text === '' ? [] : text.split(',');
  const entries = new Map<string, string>();
  for (const pair of pairs) {
    const [, key, value] = /^\s*([\w.-]+)\s*=(.*)$/.exec(pair) ?? [];
    if (key === undefined || value === undefined) return bad();
    if (entries.has(key)) return { ok: false, reason: `names ${key} twice` };
    entries.set(key, value.trim());
  }
  return { ok: true, value: Object.fromEntries(entries) };
}

function flattened(raw: unknown): Parsed<ProviderConfig> {
  if (raw === null || raw === undefined) return { ok: true, value: {} };
  const entries: [string, string][] = [];
  const ok = collect(raw, '', { entries, deep: 0 });
  return ok ? { ok: true, value: Object.fromEntries(entries) } : bad();
}

function collect(raw: unknown, prefix: string, into: { entries: [string, string][]; deep: number }): boolean {
  if (typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'boolean') {
    into.entries.push([prefix, String(raw)]);
    return prefix !== '';
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw) || into.deep >= DEEPEST) return false;
  const below = { entries: into.entries, deep: into.deep + 1 };
  return Object.entries(raw).every(([key, value]) => collect(value, prefix === '' ? key : `${prefix}.${key}`, below));
}

function bad(): Parsed<never> {
  return { ok: false, reason: FORM };
}
