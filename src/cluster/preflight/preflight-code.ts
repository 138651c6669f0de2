/** What a preflight can find, and what is done about it. */
import type { ErrorTable } from '../../telemetry/registry.ts';

export const preflightErrors = {
  LARDER_PREFLIGHT_UNREACHABLE: {
    meaning: 'The host does not answer by ssh, or lets this user not in.',
    remedy:
      'Check power, cable, address and `ssh.user`; try `ssh USER@ADDRESS` by hand. "Permission denied" is a key that it does not know: `ssh-copy-id` gives it yours, `--private-key` names another.',
  },
  LARDER_PREFLIGHT_HOST_KEY: {
    meaning: 'The host shows another ssh host key than cluster.yaml has, or cluster.yaml has none.',
    remedy: 'Compare it at the machine, then write its public key into `ssh.hostKey`.',
  },
  LARDER_PREFLIGHT_SUDO: {
    meaning: 'The user of `ssh.user` cannot become root without a password.',
    remedy: 'Give it `NOPASSWD: ALL` in /etc/sudoers.d, or let `larder cluster image` make its card.',
  },
  LARDER_PREFLIGHT_ARCH: {
    meaning: 'The processor is not the one that cluster.yaml says.',
    remedy: 'Correct `arch` of the node, or install the 64-bit system: 32-bit ones are not supported.',
  },
  LARDER_PREFLIGHT_RELEASE: {
    meaning: 'The operating system is none that the roles were written for.',
    remedy: 'Install Debian 12 or 13, Ubuntu 22.04 or 24.04, or Raspberry Pi OS Lite of these.',
  },
  LARDER_PREFLIGHT_RELEASE_DIFFERS: {
    meaning: 'The operating system is one that the roles know, and another than cluster.yaml says.',
    remedy: 'Correct `os.release`, or the machine.',
  },
  LARDER_PREFLIGHT_CLOCK: {
    meaning: 'The clock of the host is more than 5 seconds from the one here. Certificates and etcd do not bear that.',
    remedy: 'Set the time (`timedatectl`, `chronyc makestep`) there or here, and check `os.ntpServers`.',
  },
  LARDER_PREFLIGHT_CLOCK_UNSYNCHRONIZED: {
    meaning: 'Nothing keeps the clock of the host right.',
    remedy: 'The role base_os starts chrony. Where its servers cannot be reached, name others in `os.ntpServers`.',
  },
  LARDER_PREFLIGHT_MEMORY: {
    meaning: 'The host has little memory: servers need 2 GiB, workers 512 MiB.',
    remedy: 'Take a machine with more, or make it a worker.',
  },
  LARDER_PREFLIGHT_CGROUP: {
    meaning: 'The kernel that runs has no memory controller of cgroup v2, so Kubernetes cannot limit memory.',
    remedy:
      'The role base_os adds it to the command line of the kernel; `os.reboot: allowed` lets it reboot. Beside Nomad it is yours to do.',
  },
  LARDER_PREFLIGHT_BOOT_PATH: {
    meaning: 'The kernel has no memory controller, and there is no command line at a place that the roles know.',
    remedy: 'Turn the controller on in the boot loader by hand: `cgroup_enable=memory cgroup_memory=1`.',
  },
  LARDER_PREFLIGHT_SWAP: {
    meaning:
      'Swap is on. The role base_os turns it off; beside Nomad it is left alone, and kubelet may refuse to start.',
    remedy: 'Nothing, or turn it off yourself beside Nomad.',
  },
  LARDER_PREFLIGHT_DISK_FULL: {
    meaning: 'The disk that k3s keeps its data on is nearly full.',
    remedy: 'Make room: 4 GiB are needed, and 10 % of the disk, below which kubelet evicts pods.',
  },
  LARDER_PREFLIGHT_DISK_SLOW: {
    meaning: 'A write takes too long until it is on the disk of a server. etcd wants 99 of 100 in less than 10 ms.',
    remedy: 'Use an SSD, at a power supply that it can live on. A card that gives up makes its server give up.',
  },
  LARDER_PREFLIGHT_DISK_KIND: {
    meaning: 'The disk is not of the kind that cluster.yaml says.',
    remedy: 'Correct `storage` of the node, or start it from the disk that you meant.',
  },
  LARDER_PREFLIGHT_THROTTLED: {
    meaning: 'The Raspberry Pi slows itself down: too little voltage, or too hot.',
    remedy: 'Use the power supply that belongs to it, and a fan; `vcgencmd get_throttled` is 0x0 then.',
  },
  LARDER_PREFLIGHT_ADDRESS: {
    meaning: 'The host does not have the address that cluster.yaml says; something between translates it.',
    remedy: 'Correct `address`; nodes speak to each other by it.',
  },
  LARDER_PREFLIGHT_PORT: {
    meaning: 'Another program listens at a port that k3s needs.',
    remedy: 'Stop it, or move it to another port.',
  },
  LARDER_PREFLIGHT_NAME: {
    meaning: 'A node is known there by another address than cluster.yaml has.',
    remedy: 'Correct DNS or /etc/hosts; the role base_os writes names into /etc/hosts.',
  },
  LARDER_PREFLIGHT_NOMAD: {
    meaning: 'Nomad runs there, and cluster.yaml does not say so.',
    remedy: 'Write `coexist: nomad`, so that its ports, swap and reboots are left alone; or stop Nomad.',
  },
  LARDER_PREFLIGHT_NOMAD_RANGE: {
    meaning: "A range of the cluster overlaps the bridge of Nomad's allocations on a host.",
    remedy: 'Choose other `cidrs` before the first bootstrap: they cannot be changed afterwards.',
  },
  LARDER_PREFLIGHT_ARTIFACT: {
    meaning: 'A file of the folder of artifacts is missing, or is not the one of the lock.',
    remedy: 'Fetch it again and compare; where the new one is right, write its sha256 into the lock.',
  },
  LARDER_PREFLIGHT_GIT: {
    meaning: 'The repository has changes that are not committed, so nobody can tell later what was run.',
    remedy: 'Commit them.',
  },
  LARDER_PREFLIGHT_SECRET: {
    meaning: 'A secret that cluster.yaml names cannot be read here.',
    remedy: 'Do what the message says; `larder cluster secrets status` shows each.',
  },
  LARDER_PREFLIGHT_UNTOLD: {
    meaning: 'Something could not be told of a host. That is not the same as well.',
    remedy: 'The message says what. Look at it on the host.',
  },
} as const satisfies ErrorTable;

export type PreflightCode = keyof typeof preflightErrors;
