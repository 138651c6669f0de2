import type { ClusterSpec } from '../../cluster/spec/cluster-spec.ts';
import { type PlacedFinding, type ReadSpec, readSpec } from '../../cluster/spec/read-spec.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { Exit, exitCodes } from '../exit.ts';
import { inputText } from '../input.ts';
import { paint, type Terminal } from '../output.ts';

/** Where a cluster.yaml is looked for when none is named. */
export const SPEC_FILE = 'cluster.yaml';

/** Throws an Exit where the file cannot be read; what is wrong in it is for the caller. */
export function readSpecFile(file: string): ReadSpec {
  const today = new Date(systemClock.now()).toISOString().slice(0, 10);
  return readSpec(textOf(file), today);
}

/** Who has no cluster yet is told how one begins. */
function textOf(file: string): string {
  try {
    return inputText(file);
  } catch (cause) {
    if (!(cause instanceof Exit) || file !== SPEC_FILE) throw cause;
    const todo = 'name the file, or go to the folder of your cluster; `larder cluster init DIR` makes one';
    throw new Exit(exitCodes.usage, `${cause.message}: ${todo}`, { cause });
  }
}

/** Throws an Exit that lists what is wrong. */
export function specOf(terminal: Terminal, file: string): ClusterSpec {
  const read = readSpecFile(file);
  if (read.kind === 'spec') return read.spec;
  const errors = read.findings.filter(({ severity }) => severity === 'error');
  throw new Exit(
    exitCodes.finding,
    `${file} is not sound\n${errors.map((finding) => findingLine(terminal, file, finding)).join('\n')}`,
  );
}

/** As compilers write it, so that editors jump there. */
export function findingLine(
  terminal: Terminal,
  file: string,
  { line, column, severity, message, rule }: PlacedFinding,
): string {
  const word = paint(terminal, severity === 'error' ? 'red' : 'yellow', severity);
  return `${file}:${line}:${column}: ${word}: ${message} (${rule})`;
}
