/** One conversion, from the request to the answer, as the process made for it does it. */
import { parseDocument } from 'yaml';
import { type Grammar, openGrammar } from '../../nomad/hcl/tree.ts';
import { type AnswerProblem, answerProblems } from '../../nomad/output/answer-problem.ts';
import { type Conversion, convert } from '../../nomad/output/conversion.ts';
import { markerHash, markerText } from '../../nomad/output/marker.ts';
import { outputTree, wholeText } from '../../nomad/output/output-tree.ts';
import { type Policy, policySchema } from '../../nomad/policy.ts';
import { type Project, readProject } from '../../nomad/project.ts';
import { NomadError } from '../../nomad/registry.ts';
import { build } from '../../nomad/report/build.ts';
import type { Report } from '../../nomad/report/report.ts';
import { isInputName, MARKER } from '../../nomad/source/input-name.ts';
import { memoryFiles } from '../../nomad/source/memory-files.ts';
import { rows } from '../../nomad/translate/rows.ts';
import { mistakes } from '../mistakes.ts';
import { type ConversionAnswer, type ConversionRequest, conversionRequest } from './conversion-api.ts';
import { conversionLimits as limits } from './conversion-limits.ts';

export type Converted =
  | { readonly kind: 'converted'; readonly answer: ConversionAnswer }
  | { readonly kind: 'refused'; readonly status: 400 | 413 | 422; readonly code: string; readonly message: string };

/** What comes in the body of a request; whatever it is, it is answered. */
export async function convertFiles(body: string): Promise<Converted> {
  const given = requestOf(body);
  if (given.kind === 'refused') return given;
  try {
    return { kind: 'converted', answer: await answerTo(given.request, await openGrammar()) };
  } catch (failure) {
    if (!(failure instanceof NomadError)) throw failure;
    return { kind: 'refused', status: 422, code: failure.code, message: failure.message };
  }
}

type Refused = Extract<Converted, { kind: 'refused' }>;

function requestOf(body: string): { readonly kind: 'read'; readonly request: ConversionRequest } | Refused {
  const refused = (status: Refused['status'], code: string, message: string): Refused => {
    return { kind: 'refused', status, code, message };
  };
  let given: unknown;
  try {
    given = JSON.parse(body);
  } catch {
    return refused(400, 'LARDER_HTTP_BAD_REQUEST', 'the body is not JSON');
  }
  const parsed = conversionRequest.safeParse(given);
  if (!parsed.success) return refused(400, 'LARDER_HTTP_BAD_REQUEST', mistakes(parsed.error));
  const contents = [...contentsOf(parsed.data)];
  const all = contents.reduce((sum, [, bytes]) => sum + bytes.length, 0);
  const large = contents.find(([path, bytes]) => isInputName(path) && bytes.length > limits.jobBytes);
  const instead = 'convert fewer at once, or use `larder nomad convert`, which takes any amount';
  if (all > limits.bytes)
    return refused(413, 'LARDER_HTTP_TOO_LARGE', `the files have more than ${limits.bytes >> 20} MiB: ${instead}`);
  if (large)
    return refused(413, 'LARDER_HTTP_TOO_LARGE', `${large[0]} has more than ${limits.jobBytes >> 10} KiB: ${instead}`);
  return { kind: 'read', request: parsed.data };
}

function contentsOf({ files }: ConversionRequest): ReadonlyMap<string, Uint8Array> {
  return new Map(
    files.map((file) => [file.path, 'text' in file ? Buffer.from(file.text) : Buffer.from(file.base64, 'base64')]),
  );
}

async function answerTo(request: ConversionRequest, grammar: Grammar): Promise<ConversionAnswer> {
  const policy = policyOf(request.policy);
  const { variables } = request;
  const files = variables.trim() === '' ? [] : [{ file: 'variables', text: variables }];
  const project = readProject({ grammar, ...memoryFiles(contentsOf(request)), variables: { files } });
  const { conversion, answers, problems } = answered(project, policy, new Map(Object.entries(request.answers)));
  const report = { ...build(conversion, answers), ...(request.folder === undefined ? {} : { input: request.folder }) };
  const texts = textsOf(project, conversion, report);
  return {
    files: [...texts].map(([path, text]) => ({ path, text })),
    sources: Object.fromEntries(project.sources),
    questions: conversion.questions.map(({ id, text, fallback, accepts }) => {
      return { id, text, fallback, accepts: accepts.words };
    }),
    problems,
    rows: rowsIn(report),
    ...(request.check ? { findings: await checked(texts, { project, policy, answers }) } : {}),
  };
}

/** The values of a policy of this many lines would be written by nobody. */
const POLICY_CHARACTERS = 64 << 10;

function policyOf(text: string): Policy {
  const refuse = (why: string): NomadError => new NomadError('LARDER_NOMAD_POLICY', `the policy: ${why}`);
  if (text.length > POLICY_CHARACTERS) throw refuse('it is longer than any policy');
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw refuse(error.message);
  const parsed = policySchema.safeParse(contentOf(document, refuse) ?? {});
  if (parsed.success) return parsed.data;
  throw refuse(mistakes(parsed.error));
}

/** Aliases that would multiply into more than anybody wrote are refused. */
function contentOf(document: ReturnType<typeof parseDocument>, refuse: (why: string) => NomadError): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause));
  }
}

/** An answer may raise questions, and one that does not count may take back some: in so many rounds it is settled, or left. */
const ROUNDS = 8;

/** The conversion with the answers that fit; what does not is told, and its default counts. */
function answered(project: Project, policy: Policy, given: ReadonlyMap<string, string>) {
  let answers = given;
  const told: AnswerProblem[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const conversion: Conversion = convert({ project, policy, answers });
    const problems = answerProblems(answers, conversion.questions);
    if (problems.length === 0) return { conversion, answers, problems: told };
    told.push(...problems);
    const wrong = new Set(problems.map(({ id }) => id));
    answers = new Map([...answers].filter(([id]) => !wrong.has(id)));
  }
  const none: ReadonlyMap<string, string> = new Map();
  const all = [...given.keys()].map((id) => ({ id, message: 'the answers contradict each other' }));
  return { conversion: convert({ project, policy, answers: none }), answers: none, problems: all };
}

/** The same bytes that the command line writes into an empty folder. */
function textsOf(project: Project, conversion: Conversion, report: Report): ReadonlyMap<string, string> {
  const tree = outputTree({ conversion, report, sources: project.sources, earlier: [] });
  const texts = new Map([...tree].map((each) => [each.path, wholeText(each)]));
  const hashes = Object.fromEntries([...texts].map(([path, text]) => [path, markerHash([text])]));
  return texts.set(MARKER, markerText(hashes));
}

function rowsIn({ accounts }: Report): ConversionAnswer['rows'] {
  const named = new Set(accounts.map(({ row }) => row));
  return Object.fromEntries(
    rows()
      .filter(({ id }) => named.has(id))
      .map(({ id, nomad, kubernetes, class: kind, why }) => [id, { id, nomad, kubernetes, class: kind, why }]),
  );
}

/** Checks bring the schemas of all kinds, which take as long to load as all else; most conversions need none. */
async function checked(...given: Parameters<CheckTree>): ReturnType<CheckTree> {
  const { checkTree } = await import('./check-tree.ts');
  return checkTree(...given);
}

type CheckTree = typeof import('./check-tree.ts').checkTree;
