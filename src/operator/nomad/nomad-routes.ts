/** What the Nomad screen asks: jobs come in, what they become goes out, and nothing of either is kept. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problem } from '../../http/problem.ts';
import { HttpError } from '../../http/registry.ts';
import { conversionLimits } from './conversion-limits.ts';
import type { ConversionOutcome } from './conversion-process.ts';
import { type ConversionsOptions, createConversions } from './conversions.ts';

const unpack = promisify(gunzip);

export function nomadRoutes(app: FastifyInstance, options: ConversionsOptions): void {
  const conversions = createConversions(options);
  app.register(async (scope) => {
    // The body is opened by the process of the conversion; here it is bytes.
    scope.removeContentTypeParser('application/json');
    scope.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
    // It concerns no object of the cluster: whoever is signed in may ask.
    const route = { bodyLimit: conversionLimits.bodyBytes, config: { needs: [] } };
    scope.post('/api/nomad/convert', route, async (request, reply) => {
      if (!Buffer.isBuffer(request.body))
        throw new HttpError('LARDER_HTTP_BAD_REQUEST', 400, 'the request has no body');
      const left = leaving(reply);
      try {
        return await send(
          request,
          reply,
          await conversions.convert({ who: request.viewer.name, body: request.body }, left),
        );
      } catch (failure) {
        if (!left.aborted) throw failure;
        return reply.hijack(); // nobody reads an answer; a page that asks anew leaves so each time
      }
    });
  });
}

/** The connection was closed before there was an answer. */
function leaving(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.on('close', () => gone.abort(new Error('the connection was closed')));
  return gone.signal;
}

const AGAIN_SECONDS = 30;

/** Undefined: too many wait. */
async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  outcome: ConversionOutcome | undefined,
): Promise<FastifyReply> {
  if (!outcome) {
    const busy = `others convert jobs just now, one after the other: try again in ${AGAIN_SECONDS} s`;
    return refuse(reply.header('retry-after', String(AGAIN_SECONDS)), 503, 'LARDER_HTTP_REFUSED', busy);
  }
  switch (outcome.kind) {
    case 'answer':
      return sendPacked(request, reply, outcome.packed);
    case 'refused':
      return refuse(reply, outcome.status, outcome.code, outcome.message);
    case 'ended':
      return refuse(reply, 422, 'LARDER_HTTP_REFUSED', `the jobs were not converted: ${outcome.message}`);
    default:
      return outcome satisfies never;
  }
}

function refuse(reply: FastifyReply, ...[status, code, detail]: Parameters<typeof problem>): FastifyReply {
  return reply
    .code(status)
    .type('application/problem+json')
    .send(problem(status, code, detail));
}

async function sendPacked(request: FastifyRequest, reply: FastifyReply, packed: Buffer): Promise<FastifyReply> {
  reply.type('application/json; charset=utf-8').header('cache-control', 'no-store').header('vary', 'accept-encoding');
  const accepts = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  return accepts ? reply.header('content-encoding', 'gzip').send(packed) : reply.send(await unpack(packed));
}
