/** A release of k3s: v1.34.2+k3s1. */
export interface Release {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** How often k3s packaged that Kubernetes. */
  readonly build: number;
}

/** Major, minor, patch, build. */
export const RELEASE = /^v(\d+)\.(\d+)\.(\d+)\+k3s(\d+)$/;

/** Undefined: it is no release, as `v1.34` or a candidate. */
export function parseRelease(text: string): Release | undefined {
  const parts = RELEASE.exec(text);
  if (parts === null) return undefined;
  const [major = 0, minor = 0, patch = 0, build = 0] = parts.slice(1).map(Number);
  return { major, minor, patch, build };
}

export function releaseText({ major, minor, patch, build }: Release): string {
  return `v${major}.${minor}.${patch}+k3s${build}`;
}

/** Negative: `a` is older. */
export function compareReleases(a: Release, b: Release): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || a.build - b.build;
}

export function sameRelease(a: Release, b: Release): boolean {
  return compareReleases(a, b) === 0;
}
