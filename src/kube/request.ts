/**
 * The parts of undici that keep connections and ask over them. Its index also loads fetch, WebSockets, caches and mocks:
 * 10 MB more in every process, for what nobody here calls (undici 8.12 on Node 24).
 */
import type { Dispatcher } from 'undici';
import send from 'undici/lib/api/api-request.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Pool from 'undici/lib/dispatcher/pool.js';

export { Agent, Pool };

/** As `dispatcher.request`, which dispatchers have only once the index was loaded. */
export function request(dispatcher: Dispatcher, options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
  return send.call(dispatcher, options);
}

/** Loaded by those alone who have a proxy on their way. */
export async function proxyAgent(): Promise<typeof import('undici').ProxyAgent> {
  return (await import('undici/lib/dispatcher/proxy-agent.js')).default;
}
