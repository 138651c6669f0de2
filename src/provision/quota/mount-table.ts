/** One line of /proc/self/mountinfo, see proc_pid_mountinfo(5): what is mounted where, and with which options. */

export interface Mounted {
  /** Where this process sees it. */
  readonly point: string;
  /** `xfs`, `ext4`, `fuse.glusterfs`, `nfs4` … */
  readonly fileSystem: string;
  /** `/dev/sdb1`, `server:/path`; as the filesystem says it. */
  readonly source: string;
  /** Of the filesystem itself, where quota options stand. */
  readonly options: readonly string[];
}

/** Undefined when the table has no such mount. `id` is the one that fdinfo shows as `mnt_id`. */
export function findMount(table: string, id: string): Mounted | undefined {
  for (const line of table.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [mountId, , , , point] = before.split(' ');
    const [fileSystem, source, options = ''] = after.split(' ');
    if (mountId !== id || id === '' || point === undefined || fileSystem === undefined) continue;
    return {
      point: unescapeOctal(point),
      fileSystem,
      source: unescapeOctal(source ?? ''),
      options: options.split(',').map(unescapeOctal),
    };
  }
  return undefined;
}

/** The kernel writes space, tab, newline and backslash as three octal digits; other bytes come as they are. */
const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_match, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
