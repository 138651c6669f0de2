import { z } from 'zod';

/** `migration-report.json`: what became of every line. Kept stable; a change of its shape is a new `version`. */
const place = z.strictObject({ file: z.string(), line: z.int().positive() });
const classSchema = z.enum(['direct', 'approximate', 'manual', 'dropped']);

const counts = z.strictObject({
  direct: z.int(),
  approximate: z.int(),
  manual: z.int(),
  dropped: z.int(),
});

const account = z.strictObject({
  /** Of the input. */
  file: z.string(),
  line: z.int().positive(),
  /** Last line of what was written there. */
  end: z.int().positive(),
  path: z.string(),
  row: z.string(),
  class: classSchema,
  text: z.string(),
  todo: z.string().optional(),
  outputs: z.array(z.strictObject({ file: z.string(), line: z.int().positive(), pointer: z.string() })),
  /** How many more outputs there are than are listed; absent: none. */
  omitted: z.int().positive().optional(),
});

const todo = place.extend({ path: z.string(), text: z.string() });

const moduleSchema = z.strictObject({
  name: z.string(),
  job: z.string(),
  /** The jobspec. */
  file: z.string(),
  namespace: z.string(),
  /** `go`: nothing to decide. `decide`: something on the list of things to do. `refused`: nothing was written. */
  verdict: z.enum(['go', 'decide', 'refused']),
  /** Why it was refused. */
  reasons: z.array(z.string()),
  counts,
  manifests: z.array(z.strictObject({ file: z.string(), kind: z.string(), name: z.string() })),
  todos: z.array(todo),
  /** Modules that it calls, and whose data it shares. */
  calls: z.array(z.string()),
  shares: z.array(z.string()),
});

const question = z.strictObject({
  id: z.string(),
  text: z.string(),
  value: z.string(),
  answered: z.boolean(),
});

const diagnostic = z.strictObject({
  severity: z.enum(['error', 'warning']),
  code: z.string(),
  message: z.string(),
  file: z.string().optional(),
  line: z.int().optional(),
  column: z.int().optional(),
});

export const reportSchema = z.strictObject({
  version: z.literal(1),
  /** The folder that names of files are relative to, from the folder of the report. */
  input: z.string().optional(),
  counts: counts.extend({ files: z.int(), modules: z.int(), refused: z.int() }),
  modules: z.array(moduleSchema),
  /** Names of modules, those of one step may move together. */
  order: z.array(z.array(z.string())),
  accounts: z.array(account),
  questions: z.array(question),
  diagnostics: z.array(diagnostic),
});

export type Report = z.infer<typeof reportSchema>;
export type ReportModule = Report['modules'][number];
export type ReportAccount = Report['accounts'][number];
export type ReportCounts = z.infer<typeof counts>;
