import { z } from 'zod';
import type { Parsed } from './settings.ts';

/** One setting: how its text is read, what it is when nobody says anything, and what it means. */
export function setting<T>(parse: (text: string) => Parsed<T>, fallback: string, description: string) {
  return z
    .union([z.string(), z.number(), z.boolean()], 'must be a text, a number, true or false')
    .transform((raw, context): T => {
      const parsed = parse(String(raw));
      if (parsed.ok) return parsed.value;
      context.addIssue({ code: 'custom', message: parsed.reason });
      return z.NEVER;
    })
    .prefault(fallback)
    .meta({ description, fallback });
}
