/** What clients put into the query of a list or a watch, and what they are told when it makes no sense. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { connect } from './target.ts';

const api = await connect();
let maps = '';

before(async () => {
  maps = `/api/v1/namespaces/${await api.namespace()}/configmaps`;
  for (const name of ['a', 'b', 'c']) await api.call(maps, { method: 'POST', body: { metadata: { name } } });
});

const refusals: readonly (readonly [string, number, string])[] = [
  [
    'resourceVersion=nonsense',
    400,
    'invalid resource version: resourceVersion: Invalid value: "nonsense": strconv.ParseUint: parsing "nonsense": invalid syntax',
  ],
  [
    'resourceVersion=-1',
    400,
    'invalid resource version: resourceVersion: Invalid value: "-1": strconv.ParseUint: parsing "-1": invalid syntax',
  ],
  [
    'resourceVersion=99999999999999999999999',
    400,
    'invalid resource version: resourceVersion: Invalid value: "99999999999999999999999": strconv.ParseUint: parsing "99999999999999999999999": value out of range',
  ],
  [
    'watch=1&resourceVersion=nonsense',
    500,
    'resourceVersion: Invalid value: "nonsense": strconv.ParseUint: parsing "nonsense": invalid syntax',
  ],
  ['limit=few', 400, 'strconv.ParseInt: parsing "few": invalid syntax'],
  ['watch=1&timeoutSeconds=soon', 400, 'strconv.ParseInt: parsing "soon": invalid syntax'],
  [
    'limit=2&continue=%25%25',
    400,
    'invalid continue token: continue key is not valid: illegal base64 data at input byte 0',
  ],
  [
    'limit=2&continue=e3%20',
    400,
    'invalid continue token: continue key is not valid: illegal base64 data at input byte 2',
  ],
  [
    `limit=2&continue=${encoded({ v: 'v9' })}`,
    400,
    'invalid continue token: continue key is not valid: server does not recognize this encoded version v9',
  ],
  [
    `limit=2&continue=${encoded({ v: 'meta.k8s.io/v1', start: 'a' })}`,
    400,
    'invalid continue token: continue key is not valid: incorrect encoded start resourceVersion (version meta.k8s.io/v1)',
  ],
  [
    `limit=2&continue=${encoded({ v: 'meta.k8s.io/v1', rv: 1 })}`,
    400,
    'invalid continue token: continue key is not valid: encoded start key empty (version meta.k8s.io/v1)',
  ],
];

for (const [query, status, message] of refusals) {
  test(`a list with ${query} is refused`, async () => {
    const answer = await api.call(`${maps}?${query}`);
    assert.deepEqual([answer.status, answer.json.message], [status, message]);
    assert.equal(answer.json.reason, status === 400 ? 'BadRequest' : undefined);
  });
}

for (const value of ['', '1', 'true', 'yes', 'perhaps']) {
  test(`watch=${value} is a watch`, async () => {
    const { status, text } = await api.call(`${maps}?watch=${value}&timeoutSeconds=1`);
    assert.equal(status, 200);
    assert.equal(JSON.parse(text.slice(0, text.indexOf('\n'))).type, 'ADDED');
  });
}

for (const value of ['0', 'false', 'False']) {
  test(`watch=${value} is a list`, async () => {
    const { json } = await api.call(`${maps}?watch=${value}`);
    assert.equal(json.kind, 'ConfigMapList');
  });
}

function encoded(token: object): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}
