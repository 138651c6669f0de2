/** What one conversion over HTTP takes, for both sides. The command line takes any amount. Pure. */

export const conversionLimits = {
  files: 500,
  /** Of all files together. */
  bytes: 3 << 20,
  /** Of one that is read as a job, Terraform or entry of Consul: a jobspec is some ten kilobytes. */
  jobBytes: 256 << 10,
  /** Of the body: base64 takes a third more, JSON's escapes take the rest. */
  bodyBytes: 8 << 20,
} as const;

const PATH_CHARACTERS_AT_MOST = 512;

/** Below the folder that was handed over: none leads out of it, whoever wrote it. */
export function isPlainPath(path: string): boolean {
  const plain = !/[\0\\]/.test(path) && path.length <= PATH_CHARACTERS_AT_MOST;
  return plain && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}
