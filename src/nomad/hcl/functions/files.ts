import { basename, matchesGlob, normalize } from 'node:path/posix';
import { boolValue, setValue, stringValue } from '../value.ts';
import { decodeUtf8 } from './encoding.ts';
import {
  type FileContent,
  type FunctionContext,
  type HclFunction,
  type Outcome,
  one,
  type Refused,
  refuse,
  text,
  two,
} from './hcl-function.ts';

export const fileFunctions: Readonly<Record<string, HclFunction>> = {
  abspath: one(text, absolute),
  basename: one(text, (path) => stringValue(path === '' ? '.' : basename(path) || '/')),
  dirname: one(text, (path) => stringValue(withoutEnd(normalize(path.slice(0, path.lastIndexOf('/') + 1))))),
  file: one(text, (path, context) => {
    const bytes = bytesOf(path, context);
    if (bytes instanceof Uint8Array)
      return decodeUtf8(bytes) ?? refused(`${path} is no text in UTF-8; filebase64() reads it`);
    return bytes;
  }),
  filebase64: one(text, (path, context) => {
    const bytes = bytesOf(path, context);
    return bytes instanceof Uint8Array ? stringValue(Buffer.from(bytes).toString('base64')) : bytes;
  }),
  fileexists: one(text, exists),
  fileset: two(text, text, matching),
  pathexpand: one(text, (path) => (path.startsWith('~') ? elsewhere(path) : stringValue(path))),
};

function refused(message: string): Refused {
  return { ...refuse(message, 0), about: 'file' };
}

/** What depends on the machine where the job was submitted is not known here. */
function elsewhere(path: string): Refused {
  const message = `${JSON.stringify(path)} means another place on each machine; write the path in full, or pass it as a variable`;
  return { ...refused(message), final: true };
}

function absolute(path: string): Outcome {
  if (!path.startsWith('/')) return elsewhere(path);
  return stringValue(withoutEnd(normalize(path)));
}

function withoutEnd(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

type Found = Exclude<FileContent, { kind: 'refused' }> | Refused;

function contentOf(path: string, { files }: FunctionContext): Found {
  if (path.startsWith('~')) return elsewhere(path);
  const content = files.read(path);
  return content.kind === 'refused' ? { ...refused(content.message), final: true } : content;
}

function bytesOf(path: string, context: FunctionContext): Uint8Array | Refused {
  const found = contentOf(path, context);
  switch (found.kind) {
    case 'file':
      return found.bytes;
    case 'missing':
      return refused(`there is no file ${path}`);
    case 'directory':
      return refused(`${path} is a directory`);
    case 'refused':
      return found;
    default:
      return found satisfies never;
  }
}

function exists(path: string, context: FunctionContext): Outcome {
  const found = contentOf(path, context);
  switch (found.kind) {
    case 'file':
    case 'missing':
      return boolValue(found.kind === 'file');
    case 'directory':
      return refused(`${path} is a directory`);
    case 'refused':
      return found;
    default:
      return found satisfies never;
  }
}

function matching(path: string, pattern: string, { files }: FunctionContext): Outcome {
  if (path.startsWith('~')) return elsewhere(path);
  const below = files.below(path);
  if (below.kind === 'refused') return { ...refused(below.message), final: true };
  const wanted = normalize(pattern);
  return setValue(below.paths.filter((each) => matchesGlob(each, wanted)).map(stringValue));
}
