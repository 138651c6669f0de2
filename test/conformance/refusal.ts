/** Requests that are refused, as rows: each becomes a check of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Api, Call } from './target.ts';

export interface Refused {
  /** The rule, as the name of the check. */
  readonly rule: string;
  /** `$NS` in the path and in the body stands for the namespace. */
  readonly request: readonly [path: string, call?: Call];
  readonly status: number;
  readonly reason: string;
  /** The message, or what must be in it. */
  readonly message: string | RegExp;
  /** The fields that are named as causes, when they are. */
  readonly fields?: readonly string[];
}

/** The API answers each with a Status that says so. */
export function refuses(api: Api, namespace: string, rows: readonly Refused[]): void {
  for (const { rule, request, status, reason, message, fields } of rows) {
    test(rule, async () => {
      const [path, call = {}] = request;
      const answer = await api.call(path.replaceAll('$NS', namespace), placed(call, namespace));
      const { json } = answer;
      assert.equal(answer.status, status, answer.text);
      assert.equal(json.kind, 'Status');
      assert.equal(json.apiVersion, 'v1');
      assert.equal(json.status, 'Failure');
      assert.equal(json.code, status);
      assert.equal(json.reason ?? '', reason);
      if (typeof message === 'string') assert.equal(json.message.replaceAll(namespace, '$NS'), message);
      else assert.match(json.message, message);
      if (fields)
        assert.deepEqual(
          json.details.causes.map(({ field }: { field: string }) => field),
          fields,
        );
    });
  }
}

function placed(call: Call, namespace: string): Call {
  if (call.body === undefined || call.body instanceof Uint8Array) return call;
  if (typeof call.body === 'string') return { ...call, body: call.body.replaceAll('$NS', namespace) };
  return { ...call, body: JSON.parse(JSON.stringify(call.body).replaceAll('$NS', namespace)) };
}
