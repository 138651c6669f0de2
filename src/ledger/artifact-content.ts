/** What is in a file of evidence, while it is the one that was recorded. */
import { dirname, join } from 'node:path';
import { messageOf } from '../kube/error.ts';
import type { Place } from './place.ts';
import type { Artifact } from './record.ts';
import { sha256Of } from './record-file.ts';
import { folderLinks } from './tree.ts';

export type ArtifactContent =
  | { readonly kind: 'content'; readonly content: Uint8Array }
  /** Gone, behind a link, another one: nothing of it is shown as evidence. */
  | { readonly kind: 'wrong'; readonly why: string };

/** Read once, so that what is shown is what was compared. */
export function artifactContent(
  { disk, root }: Pick<Place, 'disk' | 'root'>,
  { path, sha256, bytes }: Artifact,
): ArtifactContent {
  const [link] = folderLinks(disk, root, dirname(path));
  if (link !== undefined) return { kind: 'wrong', why: `${path} is behind a link: ${link.message}` };
  try {
    const content = disk.read(join(root, path));
    if (content === undefined) return { kind: 'wrong', why: `${path} is missing` };
    const found = sha256Of(content);
    if (found === sha256 && content.length === bytes) return { kind: 'content', content };
    return { kind: 'wrong', why: `${path} was changed: its SHA-256 is ${found}, and ${sha256} in the record` };
  } catch (cause) {
    return { kind: 'wrong', why: `${path} cannot be read: ${messageOf(cause)}` };
  }
}
