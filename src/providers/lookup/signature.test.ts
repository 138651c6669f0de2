import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signature } from './signature.ts';

/** The published test suite of Signature Version 4 (names of its cases). Source: docs.aws.amazon.com, signature-v4-test-suite. */
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: undefined,
};
const request = {
  url: 'https://example.amazonaws.com/',
  headers: {},
  region: 'us-east-1',
  service: 'service',
  now: Date.UTC(2015, 7, 30, 12, 36),
} as const;
const scope = 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request';
const TOKEN =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==';

test('get-vanilla', async () => {
  const { authorization } = await signature({ ...request, method: 'GET' }, credentials);
  assert.equal(
    authorization,
    `${scope}, SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31`,
  );
});

test('post-x-www-form-urlencoded', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const signed = await signature({ ...request, method: 'POST', headers, body: 'Param1=value1' }, credentials);
  assert.equal(
    signed['authorization'],
    `${scope}, SignedHeaders=content-type;host;x-amz-date, Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a`,
  );
  assert.equal(signed['x-amz-date'], '20150830T123600Z');
});

test('post-sts-header-before', async () => {
  const signed = await signature({ ...request, method: 'POST' }, { ...credentials, sessionToken: TOKEN });
  assert.equal(
    signed['authorization'],
    `${scope}, SignedHeaders=host;x-amz-date;x-amz-security-token, Signature=85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead`,
  );
  assert.equal(signed['x-amz-security-token'], TOKEN);
});
