/** The `gluster` command of a server of the volume that an export is on, on the file system in memory (see command.ts). */
import type { CommandRequest } from '../../src/provision/quota/command.ts';
import type { Clock } from '../../src/telemetry/clock.ts';
import { mountedBy } from './descriptor.ts';
import type { ExportFs, Inode } from './export-fs.ts';
import { GLUSTER } from './mount-table.ts';
import { ELSEWHERE, type Server } from './server.ts';

const answer = (code: number, message: string, rest = ''): string =>
  `<cliOutput><opRet>${code}</opRet><opErrno>0</opErrno><opErrstr>${message}</opErrstr>${rest}</cliOutput>`;
const failed = (what: string): string => answer(-1, `quota command failed : ${what}`);

/** `--mode=script volume quota VOLUME list|limit-usage|remove [PATH [BYTES]] --xml`, and `volume info`; gluster(8). */
export async function gluster({ args }: CommandRequest, clock: Clock): Promise<string> {
  const { fs, host, server } = mountedBy(clock);
  const [, , command, volume, action, path = '', bytes = '0'] = args;
  if (volume !== GLUSTER.volume || args.at(-1) !== '--xml') throw new Error(`another call of gluster: ${args}`);
  if (command === 'info') return answer(0, '', `<brick><name>${GLUSTER.host}:/bricks/a</name></brick>`);
  if (action === 'list') return fs.call(host, 'read', 'report', () => listOf(fs, server));
  return fs.call(host, 'write', 'limit', () => {
    const directory = directoryAt(fs, server, path);
    if (!directory)
      return failed(`Failed to get trusted.gfid attribute on path ${path}. Reason : No such file or directory`);
    if (action === 'remove' && directory.limit === 0n) return failed(`${path}: No data available`);
    if (action !== 'remove' && action !== 'limit-usage') throw new Error(`another call of gluster: ${args}`);
    fs.limitDirectory(directory, action === 'remove' ? 0n : BigInt(bytes));
    return answer(0, '');
  });
}

function directoryAt(fs: ExportFs, { name }: Server, path: string): Inode | undefined {
  const below = path.startsWith(`${GLUSTER.prefix}/`) ? path.slice(GLUSTER.prefix.length + 1) : undefined;
  return below === undefined ? undefined : fs.at(`${name}${ELSEWHERE}${below}`);
}

/** A limit goes with its directory wherever that is moved. */
function listOf(fs: ExportFs, server: Server): string {
  const limits = fs.limited(server).map((directory) => {
    const path = `${GLUSTER.prefix}/${fs.pathOf(directory).split(ELSEWHERE).at(-1)}`;
    const used = fs.measure(directory).bytes;
    return `<limit><path>${path}</path><hard_limit>${directory.limit}</hard_limit><used_space>${used}</used_space></limit>`;
  });
  if (limits.length === 0) return answer(-1, `quota: No quota configured on volume ${GLUSTER.volume}`);
  return answer(0, '', `<volQuota>${limits.join('')}</volQuota>`);
}
