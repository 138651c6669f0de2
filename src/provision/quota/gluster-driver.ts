/**
 * GlusterFS: limits by directory, kept by the servers. The administrator turns quota on (`gluster volume quota VOLUME
 * enable`); Larder does not, because the servers then walk the whole volume, and upstream calls the feature deprecated.
 */
import { problem } from '../directory/problem.ts';
import type { StorageProblem } from '../storage.ts';
import type { Backend } from './backend.ts';
import { complaintOf, type RunCommand } from './command.ts';
import type { QuotaDriver } from './driver.ts';
import { type GlusterAnswer, parseBricks, parseGluster } from './report.ts';

type Gluster = Extract<Backend, { kind: 'glusterfs' }>;

/** Words of GlusterFS 10 for a list that is empty. */
const NOTHING = /No quota configured/i;
/** And for a limit that is not there, because nobody set it or its directory was moved away, limit and all. */
const NOT_LIMITED = /No quota configured|No data available|No such file or directory/i;
const HERE: readonly string[] = ['localhost', '127.0.0.1', '::1'];

export function createGlusterDriver(run: RunCommand, { host, volume, prefix }: Gluster): QuotaDriver {
  let verified = false;
  const ask = async (args: readonly string[]): Promise<string> => {
    const result = await run({ program: 'gluster', args: ['--mode=script', 'volume', ...args, '--xml'] });
    return result.kind === 'ran' && result.output !== '' ? result.output : complaintOf('gluster', result);
  };
  const quota = async (args: readonly string[]): Promise<GlusterAnswer> => {
    const text = await ask(['quota', volume, ...args]);
    return parseGluster(text) ?? { code: -1, message: text || 'no answer', entries: [] };
  };
  /** The command asks this machine's own daemon, which may know another volume of the same name than the mounted one. */
  const verify = async (): Promise<StorageProblem | undefined> => {
    if (verified || HERE.includes(host)) return undefined;
    const servers = parseBricks(await ask(['info', volume]));
    verified = servers.includes(host);
    const known = servers.length === 0 ? 'no volume of that name' : `one of ${servers.join(', ')}`;
    return verified
      ? undefined
      : problem(
          'no-quota',
          `gluster: volume ${volume} is mounted from ${host}, and this machine's glusterd knows ${known}`,
        );
  };
  const pathOf = (path: readonly string[]): string => `/${[...(prefix === '' ? [] : [prefix]), ...path].join('/')}`;
  return {
    kind: 'glusterfs',
    byProject: false,
    async limit({ path }, bytes) {
      const wrong = await verify();
      if (wrong) return wrong.detail;
      const answer = await quota(bytes === 0n ? ['remove', pathOf(path)] : ['limit-usage', pathOf(path), `${bytes}`]);
      const done = answer.code === 0 || (bytes === 0n && NOT_LIMITED.test(answer.message));
      return done ? '' : `gluster: ${answer.message}`;
    },
    async report() {
      const wrong = await verify();
      if (wrong) return wrong;
      const answer = await quota(['list']);
      if (answer.code !== 0 && !NOTHING.test(answer.message)) return problem('no-quota', `gluster: ${answer.message}`);
      const root = pathOf([]);
      const below = root === '/' ? '/' : `${root}/`;
      return answer.entries
        .filter(({ path }) => path.startsWith(below))
        .map((entry) => ({ ...entry, path: entry.path.slice(below.length) }));
    },
  };
}
