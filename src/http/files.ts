/** Built files of a page: those in `assets` carry a hash of their content in their name and are kept for ever. */
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import { wantsPage } from './entrance.ts';
import { HttpError } from './registry.ts';

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};
/** No path of anybody's ever leaves the folder: a name has no slash and does not begin with a dot. */
const NAME = /^[\w-][\w.-]*$/;
const FOR_EVER = 'private, max-age=31536000, immutable';
const compress = promisify(gzip);

export interface FilesOptions {
  /** With `index.html` and `assets`. */
  readonly folder: string;
  /** Where the page is served; it reads its address itself. */
  readonly pages: readonly string[];
  /** Of each route of theirs. */
  readonly route: RouteShorthandOptions;
}

export function serveFiles(app: FastifyInstance, { folder, pages, route }: FilesOptions): void {
  const packed = new Map<string, Promise<Buffer>>();
  app.get<{ Params: { name: string } }>('/assets/:name', route, async (request, reply) => {
    const { name } = request.params;
    const type = types[extname(name)];
    if (!NAME.test(name) || type === undefined) throw missing(name);
    const body = await readFile(join(folder, 'assets', name)).catch(() => {
      throw missing(name);
    });
    reply.type(type).header('cache-control', FOR_EVER).header('vary', 'accept-encoding');
    if (!acceptsGzip(request)) return body;
    const small = packed.get(name) ?? compress(body);
    packed.set(name, small);
    return reply.header('content-encoding', 'gzip').send(await small);
  });
  const page = async (_request: FastifyRequest, reply: FastifyReply) => {
    // Read each time, because its names change with every build; and not kept, so that who signs out is not back by `back`.
    const html = await readFile(join(folder, 'index.html'));
    return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html);
  };
  for (const path of pages) app.get(path, route, page);
  // Whoever types an address wrong, in a browser, is told by the page, which has the way on; a program gets the problem.
  app.get('/*', route, async (request, reply) => {
    const [path = '/'] = request.url.split('?');
    if (wantsPage(request) && !/^\/(api|assets)(\/|$)/.test(path)) return page(request, reply.code(404));
    throw new HttpError('LARDER_HTTP_NOT_FOUND', 404, `nothing is served at ${path}`);
  });
}

function acceptsGzip(request: FastifyRequest): boolean {
  return /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
}

function missing(name: string): HttpError {
  return new HttpError('LARDER_HTTP_NOT_FOUND', 404, `there is no file ${name}: reload the page, it was built anew`);
}
