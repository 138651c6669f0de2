/** A conversion of Nomad jobs over HTTP: page and server share it. The files come with each request; none is kept. Pure. */
import { z } from 'zod';
import type { Finding } from '../../nomad/check/finding.ts';
import type { AnswerProblem } from '../../nomad/output/answer-problem.ts';
import type { Row } from '../../nomad/translate/account.ts';
import { conversionLimits, isPlainPath } from './conversion-limits.ts';

const path = z
  .string()
  .refine(isPlainPath, { error: 'a path below the folder that was handed over, without . and ..' });

/** Text where it is UTF-8, else base64. */
const file = z.union([z.strictObject({ path, text: z.string() }), z.strictObject({ path, base64: z.base64() })]);
export type GivenFile = z.infer<typeof file>;

export const conversionRequest = z.strictObject({
  files: z
    .array(file)
    .max(conversionLimits.files, `at most ${conversionLimits.files} files`)
    .refine((files) => new Set(files.map((each) => each.path)).size === files.length, 'each file once'),
  /** Name of the folder, as the report says it; absent where files came without one. */
  folder: z.string().refine(isPlainPath, 'the name of a folder').optional(),
  /** YAML, as `--policy` reads it. */
  policy: z.string().default(''),
  /** `name = value`, as `--var-file` reads it. */
  variables: z.string().default(''),
  answers: z.record(z.string(), z.string()).default({}),
  /** Also make the checks of `larder nomad check`. */
  check: z.boolean().default(false),
});
export type ConversionRequest = z.infer<typeof conversionRequest>;

export interface AskedQuestion {
  readonly id: string;
  readonly text: string;
  /** What is written without an answer. */
  readonly fallback: string;
  /** What an answer must be, in words. */
  readonly accepts: string;
}

export interface ConversionAnswer {
  /** All files of the output with their path from its root; `migration-report.json` is one of them. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** The jobs by path, with `***` where a secret stands. */
  readonly sources: Readonly<Record<string, string>>;
  readonly questions: readonly AskedQuestion[];
  /** Answers that did not count. */
  readonly problems: readonly AnswerProblem[];
  /** Of the mapping, those that the report names. */
  readonly rows: Readonly<Record<string, Row>>;
  /** Absent unless asked for. */
  readonly findings?: readonly Finding[];
}
