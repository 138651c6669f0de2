/**
 * How a play's connections are made and shared. They are kept in the play's own folder, because ssh finds a kept one by address
 * and user alone: of another cluster with the same addresses it would be another machine, and no host key is asked for again.
 * Pure.
 */
export interface PlayConnections {
  /** Pinned keys, as ssh reads them. */
  readonly knownHosts: string;
  /** For sockets. */
  readonly folder: string;
}

/** What the smallest of the systems takes for the path of a socket, with the zero byte at its end (macOS; Linux: 108). */
const SOCKET_PATH_BYTES = 104;
/** Ansible's name for the socket, and what ssh appends while it makes it. */
const NAME_BYTES = '/'.length + 10 + 17;

/** Variables for Ansible. A folder that is too deep for a socket keeps no connections. */
export function sshConnections({ knownHosts, folder }: PlayConnections): Readonly<Record<string, string>> {
  const keeps = Buffer.byteLength(folder) + NAME_BYTES < SOCKET_PATH_BYTES;
  const words = [
    '-o StrictHostKeyChecking=yes',
    `-o 'UserKnownHostsFile="${knownHosts}"'`,
    '-o GlobalKnownHostsFile=/dev/null',
    '-o BatchMode=yes',
    '-o ConnectTimeout=15',
    // A machine that lost its power is found out, and not waited for.
    '-o ServerAliveInterval=10 -o ServerAliveCountMax=3',
    keeps ? '-o ControlMaster=auto -o ControlPersist=30s' : '-o ControlMaster=no -o ControlPath=none',
  ];
  return { ANSIBLE_SSH_ARGS: words.join(' '), ...(keeps ? { ANSIBLE_SSH_CONTROL_PATH_DIR: folder } : {}) };
}
