/**
 * What the running operator answers over HTTP: schemas and types that it shares with the command line and the console.
 * Bytes travel as decimal strings, times as epoch milliseconds.
 */
import { z } from 'zod';

const bytes = z.string().regex(/^\d*$/);

export const volumeRow = z.object({
  namespace: z.string(),
  claim: z.string(),
  volume: z.string(),
  class: z.string(),
  /** Pending, Bound, Lost, Released or Failed. */
  phase: z.string(),
  /** Where the directory is, as the volume says; empty while there is none. */
  path: z.string(),
  /** The same directory as this host sees it; empty while there is none. */
  directory: z.string(),
  request: bytes,
  /** Empty when unknown. */
  capacity: bytes,
  /** Empty before the first measurement. */
  used: bytes,
  inodes: bytes,
  /** 0 and up (a directory may exceed its request); absent before the first measurement. */
  usedRatio: z.number().optional(),
  /** Epoch ms of the measurement; absent before the first. */
  measuredAt: z.number().optional(),
  /** Milliseconds until it is full at its rate of growth; absent while it does not fill, or that is not known. */
  fullInMs: z.number().optional(),
  /** Used share at which it grows; absent: nobody manages it. */
  thresholdRatio: z.number().optional(),
  /** What will be stored more by the time that it may grow again; absent: not known. */
  ahead: bytes.optional(),
  /** ok, filling, needs you, stuck, unknown or paused. */
  state: z.string(),
  /** The last verdict of the expander, for example `Hold`; empty when the claim was not judged. */
  verdict: z.string(),
  /** One sentence: why, and when next. */
  summary: z.string(),
});
export type VolumeRow = z.infer<typeof volumeRow>;

export const exportRow = z.object({
  name: z.string(),
  backend: z.enum(['nfs', 'local']),
  root: z.string(),
  up: z.boolean(),
  /** Why it is down; empty while it is up. */
  detail: z.string(),
  freeBytes: bytes,
  totalBytes: bytes,
  /** Empty also where an older operator does not say it. */
  freeInodes: bytes.default(''),
  /** 0 on filesystems that make them as they are needed. */
  totalInodes: bytes.default(''),
  /** How long the last look at it took; absent: it did not answer, or was not asked yet. */
  answeredInMs: z.number().optional(),
  /** Capacity of all live volumes on it. */
  requestedBytes: bytes,
  /** Requested divided by total; absent while the size is not known. */
  overcommit: z.number().optional(),
});
export type ExportRow = z.infer<typeof exportRow>;

export const statusAnswer = z.object({
  version: z.string(),
  /** Epoch ms. */
  startedAt: z.number(),
  leader: z.boolean(),
  exports: z.array(exportRow),
  volumes: z.array(volumeRow),
});
export type StatusAnswer = z.infer<typeof statusAnswer>;

export const finding = z.object({
  check: z.string(),
  level: z.enum(['ok', 'warning', 'error', 'unknown']),
  /** What was found. */
  message: z.string(),
  /** What to do; empty when all is well. */
  fix: z.string(),
});
export type Finding = z.infer<typeof finding>;

export const explainAnswer = z.object({
  namespace: z.string(),
  claim: z.string(),
  /** The decision with its gates, settings and samples, as `larder explain -o json` prints it. */
  decision: z.unknown(),
  /** The same in words, at most 80 columns. */
  text: z.string(),
});
export type ExplainAnswer = z.infer<typeof explainAnswer>;

export const configRow = z.object({
  key: z.string(),
  value: z.string(),
  /** flag, environment variable, file or built-in, with its name. */
  source: z.string(),
});
export type ConfigRow = z.infer<typeof configRow>;

/** One thing that `volumes audit` found. */
export const auditRow = z.object({
  kind: z.string(),
  export: z.string(),
  path: z.string(),
  volume: z.string(),
  claim: z.string(),
  message: z.string(),
});
export type AuditRow = z.infer<typeof auditRow>;

/** An export that could not be asked: what it has is not known. */
export const exportProblem = z.object({
  export: z.string(),
  /** Stable, with an entry in the errors reference. */
  code: z.string(),
  message: z.string(),
});
export type ExportProblem = z.infer<typeof exportProblem>;

export const trashRow = z.object({
  entry: z.string(),
  kind: z.enum(['trash', 'archive']),
  export: z.string(),
  path: z.string(),
  claim: z.string(),
  volume: z.string(),
  /** Epoch ms. */
  trashedAt: z.number(),
  /** Epoch ms after which it is removed; absent: never. */
  expiresAt: z.number().optional(),
});
export type TrashRow = z.infer<typeof trashRow>;

/** What lies on the exports that answered, and which did not. */
export const trashAnswer = z.object({ entries: z.array(trashRow), problems: z.array(exportProblem) });
export type TrashAnswer = z.infer<typeof trashAnswer>;

export const undeleteRequest = z.object({
  namespace: z.string(),
  name: z.string(),
  /** Which one, when several volumes of that claim are in the trash; default the newest. */
  entry: z.string().optional(),
  /** Where it lies, as the trash names it, when several exports have it or one gives no answer; default whichever has it. */
  export: z.string().optional(),
  dryRun: z.boolean().default(false),
});

const claimKey = z.string().regex(/^[^/]+\/[^/]+$/, 'NAMESPACE/NAME');

export const restoreRequest = z.object({
  entry: z.string().min(1),
  /** As of `undeleteRequest`. */
  export: z.string().optional(),
  /** Below the export. */
  to: z.string().min(1).optional(),
  claim: claimKey.optional(),
  size: z.string().optional(),
  className: z.string().optional(),
  dryRun: z.boolean().default(false),
});

export const adoptRequest = z.object({
  match: z.string().default('glusterfs_*'),
  namespace: z.string(),
  paths: z.array(z.object({ path: z.string(), namespace: z.string() })).optional(),
  className: z.string().optional(),
  size: z.string().optional(),
});

/** A directory that could become a volume. */
export const adoptRow = z.object({
  export: z.string(),
  directory: z.string(),
  path: z.string(),
  /** Path of the request that led here; empty where none was given. */
  asked: z.string(),
  /** Empty when it was not measured. */
  used: bytes,
  /** Why not; empty when it can. */
  objection: z.string(),
  /** PersistentVolume and claim, ready to be applied; empty where there is an objection. */
  manifests: z.array(z.record(z.string(), z.unknown())),
});
export type AdoptRow = z.infer<typeof adoptRow>;

export const mountOptionsRequest = z.object({ className: z.string().optional(), dryRun: z.boolean().default(false) });

export const mountOptionsRow = z.object({
  volume: z.string(),
  claim: z.string(),
  class: z.string(),
  has: z.array(z.string()),
  wants: z.array(z.string()),
});
export type MountOptionsRow = z.infer<typeof mountOptionsRow>;

export const undeleteAnswer = z.object({
  entry: z.string(),
  export: z.string(),
  path: z.string(),
  /** True when the directory was moved back, false for a dry run. */
  restored: z.boolean(),
  /** What to do now. */
  next: z.string(),
});
export type UndeleteAnswer = z.infer<typeof undeleteAnswer>;
