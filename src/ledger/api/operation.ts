/** One operation of the HTTP API: what its document says and what it does, in one place, from the same schemas. */
import { z } from 'zod';
import type { Json } from '../canonical.ts';
import { issueWords } from '../issue-words.ts';
import { type Answer, refused } from './answer.ts';
import type { Desk } from './desk.ts';

export type Method = 'get' | 'post' | 'put' | 'patch';

/** A schema with the name that it has in the document. */
interface Named<S extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly schema: S;
}

/** A body that a client may send; a test sends it. */
export interface Example {
  readonly summary: string;
  readonly value: Json;
}

interface Asked<B, Q> {
  /** Of the path, by name, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Q;
  readonly body: B;
}

interface Described {
  /** `operationId` of the document: stable, clients are generated from it. */
  readonly id: string;
  readonly method: Method;
  /** As OpenAPI writes it: /operations/runs/{runId}. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** What is answered. */
  readonly answer: Named;
  /** Makes something: 201 the first time, 200 when the same was recorded before. */
  readonly makes?: boolean;
  /** Statuses of problems beside those that every operation has. */
  readonly problems?: readonly (400 | 404 | 409)[];
  readonly bodyLimitBytes?: number;
}

interface Definition<B extends z.ZodType, Q extends z.ZodObject> extends Described {
  readonly query: Q;
  readonly body: Named<B> & { readonly examples: readonly Example[] };
  handle(desk: Desk, asked: Asked<z.infer<B>, z.infer<Q>>): Promise<Answer> | Answer;
}

export interface Operation extends Described {
  readonly query: z.ZodObject;
  readonly body: Named & { readonly examples: readonly Example[] };
  /** Checks what came by the schemas, then does it. */
  run(desk: Desk, asked: Asked<Json | undefined, Readonly<Record<string, unknown>>>): Promise<Answer>;
}

/** Whatever the query says is not looked at. An operation with names of its own refuses others: they would filter nothing. */
export const anyQuery = z.object({});
export const noBody = { name: '', schema: z.unknown(), examples: [] };

export function operation<B extends z.ZodType, Q extends z.ZodObject>(definition: Definition<B, Q>): Operation {
  const { handle, ...described } = definition;
  return {
    ...described,
    async run(desk, asked) {
      const query = definition.query.safeParse(asked.query);
      if (!query.success) return malformed(400, 'the query', query.error);
      const body = definition.body.schema.safeParse(asked.body);
      if (!body.success) return malformed(422, 'the body', body.error);
      return handle(desk, { params: asked.params, query: query.data, body: body.data });
    },
  };
}

/** A body with ten thousand mistakes is told about the first of them. */
const DETAIL_AT_MOST = 2_000;
const FIELDS_AT_MOST = 50;

function malformed(status: 400 | 422, where: string, error: z.ZodError): Answer {
  const fields = error.issues.slice(0, FIELDS_AT_MOST).map((issue) => {
    return { field: pointer(issue.path), message: issueWords(issue) };
  });
  const detail = fields.map(({ field, message }) => `${field === '' ? where : field}: ${message}`).join('; ');
  return refused(status, 'LARDER_LEDGER_INVALID', detail.slice(0, DETAIL_AT_MOST), { fields });
}

/** RFC 6901, so that a program finds the place. */
function pointer(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
