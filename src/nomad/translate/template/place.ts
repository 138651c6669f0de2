/** Where Nomad's paths are in a container. */

/** The roots that the docker driver mounts into every container; what lies beside them is seen by none. */
export const roots = ['local', 'secrets', 'alloc'] as const;
export type Root = (typeof roots)[number] | 'task';

export interface Place {
  readonly root: Root;
  /** Below the root, without slashes around it; empty for the root itself. */
  readonly path: string;
}

const variables: Readonly<Record<string, string>> = {
  NOMAD_TASK_DIR: '/local',
  NOMAD_SECRETS_DIR: '/secrets',
  NOMAD_ALLOC_DIR: '/alloc',
};

/** With the names of Nomad's directories replaced by what a container calls them. */
export function withDirectories(path: string): string {
  return path.replaceAll(
    /\$\{(?:env\["(\w+)"\]|(\w+))\}|\$(NOMAD_\w+_DIR)/g,
    (all, quoted?: string, braced?: string, bare?: string) => variables[quoted ?? braced ?? bare ?? ''] ?? all,
  );
}

/**
 * A path of a job that is relative to the directory of its task: a destination of a template, the source of a bind.
 * Undefined for one that leaves the allocation.
 */
export function place(path: string): Place | undefined {
  const inside = withDirectories(path);
  const steps: string[] = [];
  // the task's directory stands beside the shared one
  const base = ['task'];
  for (const step of inside.split('/')) {
    if (step === '' || step === '.') continue;
    if (step !== '..') steps.push(step);
    else if (steps.length > 0) steps.pop();
    else if (base.length > 0) base.pop();
    else return undefined;
  }
  const [first = '', ...rest] = steps;
  if (base.length === 0) return first === 'alloc' ? { root: 'alloc', path: rest.join('/') } : undefined;
  const root = roots.find((each) => each === first);
  return root ? { root, path: rest.join('/') } : { root: 'task', path: steps.join('/') };
}

/** As a container sees it. */
export function containerPath({ root, path }: Place): string {
  return path === '' ? `/${root}` : `/${root}/${path}`;
}
