/** A story of command lines that is told to one server after another. Scenes are data: none can know which server listens. */

export interface Scene {
  readonly name: string;
  /** Files in the folder in which the commands run, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** In order. A text is a step of nothing but its command line. */
  readonly steps: readonly (string | Step)[];
}

export interface Step {
  /** After `kubectl`. Words are split at spaces outside single quotes. */
  readonly line: string;
  /** Its stdin, for `-f -`. */
  readonly input?: string;
  /** The command is repeated until its output matches: for what controllers do when they come to it. Only the last is kept. */
  readonly until?: RegExp;
  /** For a command that does not end by itself. */
  readonly watch?: Watch;
  /** What `kubectl edit` calls as its editor. */
  readonly editor?: string;
}

export interface Watch {
  /** Its output once it listens. */
  readonly ready: RegExp;
  /** Told then; their output is kept as well, after that of the watch. */
  readonly meanwhile: readonly string[];
  /** The last of its output: it is ended then. */
  readonly last: RegExp;
}

/** JSON documents, as a stream of YAML ones. */
export function documents(...manifests: readonly object[]): string {
  return manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
}

/** `create -f -`, or another command that reads manifests. */
export function given(line: string, ...manifests: readonly object[]): Step {
  return { line: `${line} -f -`, input: documents(...manifests) };
}

export function split(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
}
