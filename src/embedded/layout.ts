/** How an answer is written down: JSON in one line, JSON for people to read, or YAML. */

import type { TransportResponse } from '../kube/transport.ts';
import { yamlText } from '../kube/yaml-text.ts';
import { type Call, flagOf } from './call.ts';
import { parseJson, sortedByName } from './json.ts';
import { wantsYaml } from './view.ts';

/** Streams and what is no JSON stay as they are. */
export async function layOut(call: Call, reply: TransportResponse): Promise<TransportResponse> {
  const type = reply.headers['content-type'] ?? '';
  if (!type.startsWith('application/json') || reply.headers['transfer-encoding'] === 'chunked') return reply;
  if (wantsYaml(call.headers['accept'])) {
    const text = yamlText(sortedByName(parseJson(await reply.text())), { indentSeq: false });
    return { ...replaced(reply, text), headers: { ...reply.headers, 'content-type': 'application/yaml' } };
  }
  return isForPeople(call) ? replaced(reply, JSON.stringify(parseJson(await reply.text()), null, 2)) : reply;
}

/** When the query says so; when it says nothing, for the tools that people call by hand. */
function isForPeople({ query, headers }: Call): boolean {
  return flagOf(query, 'pretty') ?? /^(?:curl|Wget|Mozilla\/5\.0)/.test(headers['user-agent'] ?? '');
}

function replaced(reply: TransportResponse, text: string): TransportResponse {
  const chunks = async function* (): AsyncGenerator<string> {
    yield text;
  };
  return { ...reply, text: () => Promise.resolve(text), chunks };
}
