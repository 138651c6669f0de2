import { parseDocument } from 'yaml';
import { z } from 'zod';
import { type Policy, policySchema } from '../../nomad/policy.ts';
import { NomadError } from '../../nomad/registry.ts';
import { contentOf, inputText } from '../input.ts';

/** The policy of a file, where there is one, with what flags say instead. Throws when a value is not accepted. */
export function policyFrom(file: string | undefined, flags: Readonly<Record<string, string | undefined>>): Policy {
  const given = file === undefined ? {} : yamlOf(file);
  const written = z.record(z.string(), z.unknown()).safeParse(given ?? {});
  const parsed = policySchema.safeParse({ ...(written.success ? written.data : {}), ...flags });
  if (written.success && parsed.success) return parsed.data;
  const why = written.success ? parsed.error && z.prettifyError(parsed.error) : 'it is a mapping of keys and values';
  throw new NomadError('LARDER_NOMAD_POLICY', `${file ?? 'the policy'}:\n${why}`);
}

const answersSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));

/** Answers by the name of their question. Throws when a value is not accepted. */
export function answersFrom(file: string): ReadonlyMap<string, string> {
  const parsed = answersSchema.safeParse(yamlOf(file) ?? {});
  if (parsed.success) return new Map(Object.entries(parsed.data));
  throw new NomadError('LARDER_NOMAD_POLICY', `${file}:\n${z.prettifyError(parsed.error)}`);
}

function yamlOf(file: string): unknown {
  const document = parseDocument(inputText(file));
  const [error] = document.errors;
  if (error) throw new NomadError('LARDER_NOMAD_POLICY', `${file}: ${error.message}`);
  return contentOf(document, file);
}
