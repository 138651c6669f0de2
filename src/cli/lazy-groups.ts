import type { Command } from 'commander';
import { group as nomad } from './nomad/group.ts';
import { type CommandContext, group } from './program.ts';

/** Adds verbs to the command of their group. */
export type Verbs = (command: Command, context: CommandContext) => void;

/** A room of its own behind one word of the command line: nothing of it is loaded until that word is said. */
export interface LazyGroup {
  readonly name: string;
  readonly description: string;
  /** `verb` is the word after the group's, where one was said: a verb that must start quickly is loaded alone. */
  verbs(verb?: string): Promise<Verbs>;
}

export const lazyGroups: readonly LazyGroup[] = [
  {
    ...nomad,
    async verbs(verb) {
      return verb === 'convert'
        ? (await import('./nomad/convert.ts')).convert
        : (await import('./nomad/verbs.ts')).verbs;
    },
  },
  {
    name: 'cluster',
    description: 'The cluster from one file: say what it is, and what is wrong with it.',
    async verbs(verb) {
      return verb === 'validate'
        ? (await import('./cluster/validate.ts')).validate
        : (await import('./cluster/verbs.ts')).verbs;
    },
  },
  {
    name: 'change',
    description: 'Change the cluster with evidence: say what, look at what it does, approve, apply, roll back.',
    verbs: async () => (await import('./change/verbs.ts')).verbs,
  },
  {
    name: 'ledger',
    description: 'A signed record of what was done to the cluster: start, verify, show, report, export, serve.',
    verbs: async () => (await import('./ledger/verbs.ts')).verbs,
  },
];

/** Loaded groups by name. */
export type LoadedGroups = ReadonlyMap<string, Verbs>;

/** The groups that a command line needs: its own; all of them for help. */
export async function loadGroups([word = '', verb]: readonly string[]): Promise<LoadedGroups> {
  const all = word === 'help';
  const needed = lazyGroups.filter(({ name }) => all || name === word);
  return new Map(
    await Promise.all(needed.map(async (each) => [each.name, await each.verbs(all ? undefined : verb)] as const)),
  );
}

/** What `addGroups` fills. */
interface Tree {
  readonly program: Command;
  readonly context: CommandContext;
}

/** Adds the groups to the tree; one that was not loaded has no verbs yet. */
export function addGroups({ program, context }: Tree, groups: readonly LazyGroup[], loaded: LoadedGroups): void {
  for (const { name, description } of groups) {
    const command = group(program, name, description);
    loaded.get(name)?.(command, context);
  }
}
