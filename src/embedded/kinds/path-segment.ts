/** Names that may be anything that can stand in a path (k8s.io/apimachinery/pkg/api/validation/path, read in 0.36). */
export function isPathSegment(name: string): readonly string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%']
    .filter((character) => name.includes(character))
    .map((character) => `may not contain '${character}'`);
}
