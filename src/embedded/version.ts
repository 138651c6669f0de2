/** Which Kubernetes this says it is: the one whose schema and rules it follows. */
import { origin } from './schema.ts';

const [, minor = '0', patch = '0'] = /v1\.(\d+)\.(\d+)/.exec(origin) ?? [];

/** The suffix is build metadata, so that version constraints of clients see a plain release. */
export const gitVersion = `v1.${minor}.${patch}+larder`;

export const versionInfo = {
  major: '1',
  minor,
  emulationMajor: '1',
  emulationMinor: minor,
  minCompatibilityMajor: '1',
  minCompatibilityMinor: minor,
  gitVersion,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: '',
  compiler: 'node',
  platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
};
