import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { Finding } from '../../nomad/check/finding.ts';
import type { WrittenTree } from '../../nomad/check/tree.ts';

/** C18: `terraform fmt -check` of every module, by whichever of the two programs is there. */
export async function terraformFormat({ files }: WrittenTree, out: string): Promise<readonly Finding[]> {
  const paths = [...files.keys()].filter((path) => path.endsWith('.tf'));
  if (paths.length === 0) return [];
  for (const program of ['terraform', 'tofu']) {
    const run = await format(
      program,
      paths.map((path) => join(out, path)),
    );
    if (run.kind === 'absent') continue;
    if (run.kind === 'refused') {
      const message = `${program} fmt could not read the Terraform files: ${run.why}`;
      return [finding('error', out, message, 'Correct what it names.')];
    }
    return run.lines.map((line) =>
      finding('error', line, 'is not laid out as `terraform fmt` does', `Run ${program} fmt.`),
    );
  }
  const message = 'neither terraform nor tofu is there: the layout of the Terraform files was not checked';
  return [finding('skipped', out, message, 'Install one of them.')];
}

function finding(severity: Finding['severity'], file: string, message: string, todo: string): Finding {
  return { check: 'C18', severity, file, object: 'terraform', message, todo };
}

type Run =
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'ran'; readonly lines: readonly string[] };

function format(program: string, paths: readonly string[]): Promise<Run> {
  return new Promise((resolve) => {
    execFile(program, ['fmt', '-check', '-no-color', ...paths], (error, stdout, stderr) => {
      if (error && 'code' in error && error.code === 'ENOENT') resolve({ kind: 'absent' });
      else {
        const named = stdout.split('\n').filter((line) => line !== '');
        // it frames what it says with lines of their own
        const said = stderr.split('\n').flatMap((line) => line.replaceAll(/^[\s╷│╵]+|\s+$/g, '') || []);
        if (error && named.length === 0) resolve({ kind: 'refused', why: said.join(' ') || error.message });
        else resolve({ kind: 'ran', lines: named });
      }
    });
  });
}
