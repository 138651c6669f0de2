/** Lists come in pages, and the token that leads to the next page expires. */
import { type Caller, parseJson } from './call.ts';
import type { ListOptions, ObjectList } from './client.ts';
import { isKubeError, malformed } from './error.ts';
import type { KubeObject } from './object.ts';
import { isObject } from './reader.ts';
import { describeRequest, pathOf, queryOf, type Resource } from './resource.ts';

const PAGE = 500;
const RESTARTS = 3;

export async function list<T extends KubeObject>(
  call: Caller,
  resource: Resource<T>,
  options: ListOptions,
): Promise<ObjectList<T>> {
  for (let restart = 0; ; restart += 1) {
    try {
      // Where pages expire faster than they can be read, the whole list in one answer is the way out.
      return await listPages(call, resource, options, restart === RESTARTS ? 0 : (options.limit ?? PAGE));
    } catch (error) {
      if (restart === RESTARTS || !isKubeError(error, 'KUBE_GONE')) throw error;
    }
  }
}

async function listPages<T extends KubeObject>(
  call: Caller,
  resource: Resource<T>,
  options: ListOptions,
  limit: number,
): Promise<ObjectList<T>> {
  const what = describeRequest(
    'list',
    resource,
    options.namespace === undefined ? {} : { namespace: options.namespace },
  );
  const items: T[] = [];
  let token = '';
  for (let pages = 1; ; pages += 1) {
    const query = queryOf({
      limit: limit === 0 ? undefined : String(limit),
      continue: token || undefined,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
    });
    const path = pathOf(resource, options.namespace === undefined ? {} : { namespace: options.namespace }) + query;
    const page = parsePage(
      what,
      await call({
        what,
        request: { method: 'GET', path },
        kind: 'read',
        signal: options.signal,
        deadlineMs: options.deadlineMs,
      }),
    );
    for (const raw of page.items) {
      const item = projectItem(what, resource, raw, options.onMalformed);
      if (item) items.push(item);
    }
    token = page.token;
    if (token === '' || pages === options.pagesAtMost) return { items, resourceVersion: page.resourceVersion };
  }
}

function projectItem<T extends KubeObject>(
  what: string,
  resource: Resource<T>,
  raw: unknown,
  onMalformed: ListOptions['onMalformed'],
): T | undefined {
  try {
    return resource.project(raw);
  } catch (cause) {
    const error = malformed(`${what}: ${nameOfRaw(raw)}`, cause);
    if (!onMalformed) throw error;
    onMalformed(error);
    return undefined;
  }
}

interface Page {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  /** Empty on the last page. */
  readonly token: string;
}

function parsePage(what: string, body: string): Page {
  const parsed = parseJson(what, body);
  const metadata = isObject(parsed) ? parsed['metadata'] : undefined;
  const items = isObject(parsed) ? (parsed['items'] ?? []) : undefined;
  if (!isObject(metadata) || !Array.isArray(items)) throw malformed(what, new TypeError('the answer is not a list'));
  const { resourceVersion, continue: token } = metadata;
  return {
    items,
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
    token: typeof token === 'string' ? token : '',
  };
}

/** For messages about an object that could not be read. */
export function nameOfRaw(raw: unknown): string {
  const metadata = isObject(raw) ? raw['metadata'] : undefined;
  if (!isObject(metadata)) return 'an object without metadata';
  const { namespace, name } = metadata;
  return [namespace, name].filter((part) => typeof part === 'string').join('/') || 'an object without a name';
}
