/** Which files of a folder the room reads by itself; everything else is read only where a job names it. Pure. */

/** A file that may be a job, Terraform, or an entry of Consul. */
export function isInputName(name: string): boolean {
  return /\.(nomad|hcl|tf|json|nomad\.(hcl|json)|ya?ml)$/.test(name);
}

/** Folders that hold no jobs: of tools, and what was written before. */
export function isPassedOver(folder: string): boolean {
  return PASSED_OVER.has(folder) || folder.startsWith('.larder');
}

const PASSED_OVER = new Set(['.git', '.terraform', 'node_modules', 'modules-k8s']);

/** At the root of an output: which files the tool wrote, and with which content. */
export const MARKER = '.larder-nomad.json';

/** At the root of an output, which may be the root of the input. */
export const ownFiles: ReadonlySet<string> = new Set([MARKER, 'kubernetes.tf', 'migration-report.json']);
