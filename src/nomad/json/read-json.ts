import { type HclInput, readHcl } from '../hcl/read-hcl.ts';
import { type Source, sourceOf } from '../hcl/source.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Body } from '../source/node.ts';
import { apiBody } from './api.ts';
import { formOf, type ObjectNode, repeatedMembers } from './form.ts';
import { hclText } from './hcl-text.ts';
import { moveBack } from './move.ts';
import { parseJson } from './parse.ts';

export interface JsonOutput {
  /** `other`: JSON of something else, or nothing that can be read as JSON. */
  readonly form: 'api' | 'hcl' | 'other';
  /** Complete when no diagnostic is an error. */
  readonly body: Body;
  readonly diagnostics: readonly Diagnostic[];
}

const EMPTY: Body = { attributes: [], blocks: [] };

/** Reads a job in JSON, of Nomad's API or of a jobspec, to what the same job in HCL gives. */
export function readJson(input: HclInput): JsonOutput {
  const source = sourceOf(input.file, input.text);
  const parsed = parseJson(input.text);
  if (parsed.kind === 'broken') {
    const at = { start: parsed.offset, end: parsed.offset + 1 };
    return { form: 'other', body: EMPTY, diagnostics: [source.diagnostic('LARDER_NOMAD_SYNTAX', at, parsed.message)] };
  }
  const form = formOf(parsed.root);
  if (form.kind === 'other') return { form: 'other', body: EMPTY, diagnostics: [] };
  const repeated = repeatedMembers(parsed.root).map((member) => {
    const span = { start: member.start, end: member.keyEnd };
    const message = `${JSON.stringify(member.key)} stands twice in one object; which value is meant cannot be told`;
    return source.diagnostic('LARDER_NOMAD_SYNTAX', span, message);
  });
  if (repeated.length > 0) return { form: form.kind, body: EMPTY, diagnostics: repeated };
  if (form.kind === 'api') return { form: 'api', ...apiBody(form.job, source) };
  return { form: 'hcl', ...hclBody(form.root, source, input) };
}

function hclBody(root: ObjectNode, source: Source, input: HclInput): Omit<JsonOutput, 'form'> {
  const { moved, refusals } = hclText(root, source.text);
  const refused = refusals.map(({ span, message }) => source.diagnostic('LARDER_NOMAD_SYNTAX', span, message));
  if (refused.length > 0) return { body: EMPTY, diagnostics: refused };
  const { body, diagnostics } = readHcl({ ...input, text: moved.text });
  const back = moveBack(moved, source);
  return { body: back.body(body), diagnostics: diagnostics.map(back.diagnostic) };
}
