/** XFS and ext4: limits by project number. Sizes are rounded up to whole KiB, the unit of both tools. */
import { problem } from '../directory/problem.ts';
import type { StorageProblem } from '../storage.ts';
import { type CommandResult, complaintOf, type RunCommand } from './command.ts';
import type { QuotaDriver } from './driver.ts';
import { parseRepquota, parseXfsReport, type QuotaEntry } from './report.ts';

/** `target`: the mount point. Package xfsprogs. */
export function createXfsDriver(run: RunCommand, target: string): QuotaDriver {
  const ask = (command: string): Promise<CommandResult> =>
    run({ program: 'xfs_quota', args: ['-x', '-c', command, target] });
  return {
    kind: 'xfs',
    byProject: true,
    // It ends with 0 also when it did nothing, but says so.
    limit: async ({ id }, bytes) => complaintOf('xfs_quota', await ask(`limit -p bhard=${kibOf(bytes)}k ${id}`)),
    report: async () => read('xfs_quota', await ask('report -p -n -N -b -i'), parseXfsReport),
  };
}

/** `target`: the device, because the tools do not know a mounted folder of a filesystem by its place. Package quota. */
export function createExt4Driver(run: RunCommand, target: string): QuotaDriver {
  return {
    kind: 'ext4',
    byProject: true,
    async limit({ id }, bytes) {
      const args = ['-P', `${id}`, '0', `${kibOf(bytes)}`, '0', '0', target];
      return complaintOf('setquota', quiet(await run({ program: 'setquota', args })));
    },
    report: async () => {
      const result = quiet(await run({ program: 'repquota', args: ['-P', '-n', '-O', 'csv', target] }));
      return read('repquota', result, parseRepquota);
    },
  };
}

const kibOf = (bytes: bigint): bigint => (bytes + 1023n) / 1024n;

/** They also speak of mounts that nobody asked about; what counts is how they end. */
const quiet = (result: CommandResult): CommandResult =>
  result.kind === 'ran' && result.code === 0 ? { ...result, errors: '' } : result;

function read(
  program: string,
  result: CommandResult,
  parse: (text: string) => readonly QuotaEntry[],
): readonly QuotaEntry[] | StorageProblem {
  const complaint = complaintOf(program, result);
  if (complaint !== '' || result.kind !== 'ran') return problem('no-quota', complaint);
  return parse(result.output);
}
