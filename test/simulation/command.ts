/**
 * Stands in for src/provision/quota/command.ts while a simulation runs (see hooks.ts): the programs by which limits are set
 * on XFS, ext4 and GlusterFS, as the product calls them, on the file system in memory. They take as long and fail as its other calls do, and
 * one that is given up may still do what it was told.
 */
import type { CommandRequest, CommandResult, RunCommand } from '../../src/provision/quota/command.ts';
import type { Clock } from '../../src/telemetry/clock.ts';
import { call, mountedBy } from './descriptor.ts';
import { Errno } from './export-fs.ts';
import { gluster } from './gluster-command.ts';

export { complaintOf } from '../../src/provision/quota/command.ts'; // the real one: hooks.ts lets this file have it

/** As the real one. */
const DEADLINE_MS = 20_000;

type Program = (request: CommandRequest, clock: Clock) => Promise<string>;

/** The clock is that of the process that runs them. */
export function createCommand(clock: Clock): RunCommand {
  return (request) =>
    new Promise((resolve) => {
      const timer = clock.after(DEADLINE_MS, () => resolve({ kind: 'late', afterMs: DEADLINE_MS }));
      const end = (result: CommandResult): void => {
        timer.cancel();
        resolve(result);
      };
      const program = PROGRAMS[request.program];
      if (!program) return end({ kind: 'not-there' });
      program(request, clock).then(
        (output) => end({ kind: 'ran', code: 0, output, errors: '' }),
        (cause: unknown) => end(failed(request, cause)),
      );
    });
}

function failed({ program }: CommandRequest, cause: unknown): CommandResult {
  if (!(cause instanceof Errno)) throw cause;
  return { kind: 'ran', code: 1, output: '', errors: `${program}: ${cause.message}\n` };
}

/** `limit -p bhard=NNNk ID` and `report`; xfs_quota(8). */
async function quota({ args }: CommandRequest, clock: Clock): Promise<string> {
  const command = args[2] ?? '';
  const { fs, host, server } = mountedBy(clock);
  if (command.startsWith('report')) {
    return fs.call(host, 'read', 'report', () =>
      [...fs.projects([server])].map(([id, { used, limit, inodes }]) => lineOf(id, used, limit, inodes)).join(''),
    );
  }
  const [, kib, id] = /^limit -p bhard=(\d+)k (\d+)$/.exec(command) ?? [];
  if (kib === undefined || id === undefined) throw new Error(`the product calls xfs_quota in a new way: ${command}`);
  await fs.call(host, 'write', 'limit', () => fs.limit(server, Number(id), BigInt(kib) * KIB));
  return '';
}

const KIB = 1024n;

const lineOf = (id: number, ...[used, limit, inodes]: readonly [bigint, bigint, bigint]): string =>
  `#${id} ${(used + KIB - 1n) / KIB} 0 ${limit / KIB} 00 [--------] ${inodes} 0 0 00 [--------] \n`;

/** `chproj`, `chattr +P` and `lsproj`, in this order and of each file; xfs_io(8). */
async function inputOutput({ args, descriptors = [] }: CommandRequest): Promise<string> {
  const id = /^chproj (\d+)$/.exec(args.find((text) => text.startsWith('chproj')) ?? '')?.[1];
  const inherits = args.includes('chattr +P');
  const lines: string[] = [];
  for (const fd of descriptors) {
    if (id !== undefined) {
      await call(fd, 'write', 'chproj', (inode) => {
        inode.project = Number(id);
        if (inherits) inode.inherits = true;
      });
    }
    lines.push(await call(fd, 'read', 'lsproj', ({ project }) => `projid = ${project}\n`));
  }
  return lines.join('');
}

/** `-P ID 0 KIB 0 0 DEVICE`; setquota(8). */
async function setQuota({ args }: CommandRequest, clock: Clock): Promise<string> {
  const { fs, host, server } = mountedBy(clock);
  const [, id, kib] = /^-P (\d+) 0 (\d+) 0 0 \S+$/.exec(args.join(' ')) ?? [];
  if (kib === undefined || id === undefined) throw new Error(`the product calls setquota in a new way: ${args}`);
  await fs.call(host, 'write', 'limit', () => fs.limit(server, Number(id), BigInt(kib) * KIB));
  return '';
}

const CSV = [
  'Project,BlockStatus,FileStatus,BlockUsed,BlockSoftLimit,BlockHardLimit,BlockGrace',
  'FileUsed,FileSoftLimit,FileHardLimit,FileGrace',
].join(',');

/** `-P -n -O csv DEVICE`; repquota(8). */
async function reportQuota(_request: CommandRequest, clock: Clock): Promise<string> {
  const { fs, host, server } = mountedBy(clock);
  return fs.call(host, 'read', 'report', () => {
    const lines = [...fs.projects([server])].map(
      ([id, { used, limit, inodes }]) => `#${id},ok,ok,${(used + KIB - 1n) / KIB},0,${limit / KIB},,${inodes},0,0,`,
    );
    return [CSV, ...lines, ''].join('\n');
  });
}

const PROGRAMS: Readonly<Record<string, Program>> = {
  xfs_quota: quota,
  xfs_io: inputOutput,
  setquota: setQuota,
  repquota: reportQuota,
  gluster,
};
