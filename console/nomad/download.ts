/** The whole tree as one file, made in the browser. */
import { isPlainPath } from '../../src/operator/nomad/conversion-limits.ts';
import type { Migration } from './use-conversion.ts';

export async function download({ files }: Pick<Migration, 'files'>, folder: string | undefined): Promise<void> {
  const stray = files.find(({ path }) => !isPlainPath(path));
  if (stray) throw new Error(`${stray.path} leads out of the folder that it would be unpacked into`);
  const { strToU8, zipSync } = await import('fflate');
  const packed = zipSync(Object.fromEntries(files.map(({ path, text }) => [path, strToU8(text)])));
  const address = URL.createObjectURL(new Blob([new Uint8Array(packed)], { type: 'application/zip' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = archiveName(folder);
  link.click();
  URL.revokeObjectURL(address);
}

function archiveName(folder: string | undefined): string {
  const plain = (folder ?? '').replace(/[^\w.-]+/g, '-').replace(/^[-.]+|[-.]+$/g, '');
  return `${plain === '' ? 'nomad' : plain}-kubernetes.zip`;
}
