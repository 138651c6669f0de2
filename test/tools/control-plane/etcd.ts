/** What tests ask of etcd itself, through its HTTP gateway. Its keys and numbers are base64 and text there. */
import assert from 'node:assert/strict';
import { request } from 'undici';

/** Forgets every revision before the present one, as the API server does by itself after some minutes. Resolves to the present one. */
export async function compactEtcd(url: string): Promise<string> {
  const { header } = await post<{ readonly header: { readonly revision: string } }>(`${url}/v3/kv/range`, {
    key: Buffer.from('/').toString('base64'),
  });
  await post(`${url}/v3/kv/compaction`, { revision: header.revision, physical: true });
  return header.revision;
}

async function post<Answer>(url: string, body: object): Promise<Answer> {
  const answer = await request(url, { method: 'POST', body: JSON.stringify(body) });
  const text = await answer.body.text();
  assert.equal(answer.statusCode, 200, `${url}: ${text}`);
  return JSON.parse(text);
}
